"""A file of each maker, written after its format's definition."""

import io
import json
import zipfile
from typing import Any

from tests.unit.characters import samples

AGNAI: dict[str, Any] = {
    "kind": "character",
    "_id": "a1",
    "name": "Nela",
    "description": "A short note.",
    "greeting": "Evening.",
    "scenario": "By the river.",
    "sampleChat": "{{user}}: hi\n{{char}}: hm",
    "persona": {
        "kind": "wpp",
        "attributes": {"species": ["human"], "mind": ["calm", "dry"]},
    },
    "alternateGreetings": ["Morning."],
    "systemPrompt": "Be calm.",
    "postHistoryInstructions": "Stay short.",
    "tags": ["river"],
    "creator": "Ann",
    "characterVersion": "2",
    "insert": {"depth": 3, "prompt": "She is tired."},
    "appearance": "grey coat",
    "characterBook": {
        "kind": "memory",
        "name": "Nela's book",
        "entries": [
            {
                "name": "ferry",
                "entry": "The ferry leaks.",
                "keywords": ["ferry", "boat"],
                "priority": 5,
                "weight": 7,
                "enabled": True,
            }
        ],
    },
}
AGNAI_BOOK: dict[str, Any] = AGNAI["characterBook"] | {"_id": "b1", "userId": "u"}
JANITOR_BOOK: list[dict[str, Any]] = [
    {
        "activationMode": "script",
        "activationScript": "return true",
        "case_sensitive": True,
        "category": "places",
        "comment": "long and cold",
        "constant": False,
        "content": "The river is cold.",
        "enabled": True,
        "extensions": {},
        "groupWeight": 40,
        "id": "0a",
        "inclusionGroupRaw": "water",
        "insertion_order": 250,
        "key": ["river", "/ferr(y|ies)/i"],
        "keysecondary": ["cold"],
        "selectiveLogic": 2,
        "matchWholeWords": True,
        "minMessages": 4,
        "name": "river",
        "prioritizeInclusion": True,
        "probability": 80,
        "useProbability": True,
    }
]
JANITOR: dict[str, Any] = {
    "id": "x",
    "name": "Nela, keeper of the ferry",
    "chat_name": "Nela",
    "description": "<p>A quiet bot.</p>",
    "personality": "A ferrywoman.",
    "scenario": "By the river.",
    "first_messages": ["Evening.", "Morning."],
    "example_dialogs": "{{user}}: hi\n{{char}}: hm",
    "is_nsfw": True,
    "tags": [{"id": 1, "name": "River"}],
    "custom_tags": ["calm"],
    "creator_name": "Ann",
}
CHUB: dict[str, Any] = {
    "node": {
        "name": "Nela",
        "fullPath": "Ann/nela",
        "tagline": "A ferry.",
        "topics": ["River"],
        "definition": {
            "name": "Nela",
            "personality": "A ferrywoman.",
            "tavern_personality": "calm",
            "first_message": "Evening.",
            "alternate_greetings": ["Morning."],
            "example_dialogs": "{{user}}: hi",
            "scenario": "By the river.",
            "system_prompt": "Be calm.",
            "post_history_instructions": "Stay short.",
            "embedded_lorebook": {"entries": [{"keys": ["ferry"], "content": "It leaks."}]},
        },
    }
}
BACKYARD: dict[str, Any] = {
    "character": {
        "aiName": "Nela",
        "aiDisplayName": "Nela of the Ferry",
        "aiPersona": "{character} rows {user} over.",
        "basePrompt": "Be calm.",
        "customDialogue": "#{user}: hi\n#{character}: hm",
        "firstMessage": "Evening, {user}.",
        "scenario": "By the river.",
        "isNSFW": True,
        "grammar": "root ::= x",
        "loreItems": [{"id": "1", "key": "ferry, boat", "value": "{character}'s ferry leaks."}],
        "Chat": [{"name": "one"}],
        "temperature": 0.8,
    },
    "version": 2,
}
CHARACTER_AI: dict[str, Any] = {
    "character": {
        "external_id": "e",
        "name": "Nela",
        "title": "Keeper of the ferry",
        "greeting": "Evening.",
        "description": "A ferrywoman.",
        "definition": "{{char}} is calm and grey.\nEND_OF_DIALOG\n"
        "{{random_user_1}}: hi\n{{char}}: hm\nEND_OF_DIALOG\n{{char}}: Hold on.",
        "categories": [{"name": "Fantasy", "description": "Fantasy"}],
        "user__username": "Ann",
        "participant__num_interactions": 5,
    }
}
CHARACTER_AI_CHATS: dict[str, Any] = {
    "info": CHARACTER_AI,
    "histories": {"histories": [{"msgs": []}, {"msgs": []}]},
}
KOBOLD: dict[str, Any] = {
    "gamestarted": True,
    "prompt": "\nNela: Evening.",
    "memory": "Nela is a ferrywoman.",
    "authorsnote": "It rains.",
    "anotetemplate": "[Note: <|>]",
    "anotestr": "160",
    "actions": ["\nAnn: hi", "\nNela: hm"],
    "actions_metadata": {},
    "worldinfo": [
        {
            "key": "ferry,boat",
            "keysecondary": "leak",
            "keyanti": "",
            "content": "The ferry leaks.",
            "comment": "ferry",
            "folder": None,
            "selective": True,
            "constant": False,
            "probability": "60",
            "wigroup": "",
            "widisabled": True,
        },
        {"key": "rain", "keysecondary": "", "keyanti": "sun", "content": "Wet.", "constant": True},
    ],
    "savedsettings": {
        "chatname": "Ann",
        "chatopponent": "Nela||$||Orla",
        "instruct_sysprompt": "Be calm.",
    },
}
NOVELAI_BOOK: dict[str, Any] = {
    "lorebookVersion": 6,
    "entries": [
        {
            "text": "The ferry leaks.",
            "displayName": "ferry",
            "id": "1",
            "keys": ["ferry & river"],
            "searchRange": 500,
            "enabled": True,
            "forceActivation": True,
            "keyRelative": False,
            "nonStoryActivatable": False,
            "category": "c",
            "contextConfig": {"prefix": "Lore: ", "suffix": "\n", "budgetPriority": 400},
        },
        {"text": "Off.", "displayName": "off", "keys": ["a", "b & c"], "category": "d"},
    ],
    "settings": {"orderByKeyLocations": False},
    "categories": [{"id": "c", "enabled": True}, {"id": "d", "enabled": False}],
}
NOVELAI_SCENARIO: dict[str, Any] = {
    "scenarioVersion": 3,
    "title": "The Ferry",
    "author": "Ann",
    "description": "A crossing.",
    "prompt": "Evening falls.",
    "tags": ["river"],
    "context": [
        {"text": "You cross a river.", "contextConfig": {"prefix": "", "suffix": "\n"}},
        {"text": "It rains.", "contextConfig": {"insertionPosition": -3}},
    ],
    "ephemeralContext": [{"text": "soon"}],
    "placeholders": [],
    "settings": {"parameters": {}},
    "lorebook": NOVELAI_BOOK,
}
RISU_BOOK: dict[str, Any] = {
    "type": "risu",
    "ver": 1,
    "data": [
        {
            "key": "ferry, boat",
            "secondkey": "leak",
            "insertorder": 12,
            "comment": "ferry",
            "content": "@@depth 2\n@@role assistant\n@@is_user_icon x\nThe ferry leaks.",
            "mode": "normal",
            "alwaysActive": True,
            "selective": True,
            "activationPercent": 70,
        },
        {"key": "folder:1", "comment": "a folder", "content": "", "mode": "folder"},
        {"key": "fer{1,2}y,x", "content": "Rx.", "useRegex": True, "mode": "normal"},
    ],
}
RISU_MODULE: dict[str, Any] = {
    "type": "risuModule",
    "name": "River",
    "description": "Of rivers.",
    "id": "m",
    "lorebook": RISU_BOOK["data"],
    "regex": [{"comment": "r", "in": "a", "out": "b", "type": "editoutput"}],
    "trigger": [{"comment": "t"}],
}
AI_DUNGEON: list[dict[str, Any]] = [
    {
        "keys": "ferry,boat",
        "value": "The ferry leaks.",
        "type": "location",
        "title": "Ferry",
        "description": "",
        "useForCharacterCreation": False,
    }
]
TEXTGEN = """\
name: Nela
greeting: |-
  Evening.
  Sit down.
context: "Nela is a ferrywoman."
example_dialogue: |
  {{user}}: hi
  {{char}}: hm
your_name: Ann
turn_template: <|user|>
"""
PYGMALION: dict[str, Any] = {
    "char_name": "Nela",
    "char_persona": "A ferrywoman.",
    "char_greeting": "Evening.",
    "world_scenario": "By the river.",
    "example_dialogue": "{{user}}: hi\n{{char}}: hm",
}
TAVERN: dict[str, Any] = samples.v1(name="Nela")
DOCUMENTS: dict[str, Any] = {
    "Agnai character": AGNAI,
    "Agnai book": AGNAI_BOOK,
    "JanitorAI book": JANITOR_BOOK,
    "JanitorAI character": JANITOR,
    "Chub": CHUB,
    "Backyard": BACKYARD,
    "character.ai": CHARACTER_AI,
    "character.ai with chats": CHARACTER_AI_CHATS,
    "KoboldAI": KOBOLD,
    "NovelAI book": NOVELAI_BOOK,
    "NovelAI scenario": NOVELAI_SCENARIO,
    "RisuAI book": RISU_BOOK,
    "RisuAI module": RISU_MODULE,
    "AI Dungeon": AI_DUNGEON,
    "Pygmalion": PYGMALION,
    "TavernAI": TAVERN,
}


def byaf() -> bytes:
    """An archive of Backyard AI with two scenarios and a picture."""
    character = {
        "schemaVersion": 1,
        "id": "c",
        "name": "Nela",
        "displayName": "Nela of the Ferry",
        "isNSFW": True,
        "persona": "{character} rows {user} over.",
        "loreItems": [{"key": "ferry", "value": "It leaks."}],
        "images": [{"path": "images/one.png", "label": ""}],
    }
    scenario = {
        "narrative": "By the river.",
        "formattingInstructions": "Be calm.",
        "firstMessages": [{"characterID": "c", "text": "Evening, {user}."}],
        "exampleMessages": [{"characterID": "c", "text": "#{character}: hm"}],
        "messages": [{"type": "ai"}],
    }
    other = {"narrative": "At sea.", "firstMessages": [{"characterID": "c", "text": "Morning."}]}
    manifest = {
        "schemaVersion": 1,
        "characters": ["characters/c/character.json"],
        "scenarios": ["scenarios/1.json", "scenarios/2.json"],
        "author": {"name": "Ann", "backyardURL": "https://backyard.example/ann"},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("characters/c/character.json", json.dumps(character))
        archive.writestr("scenarios/1.json", json.dumps(scenario))
        archive.writestr("scenarios/2.json", json.dumps(other))
        archive.writestr("characters/c/images/one.png", samples.picture())
    return buffer.getvalue()


def faraday() -> bytes:
    """A picture with the character in its EXIF part, as Faraday exported it."""
    comment = b"ASCII\0\0\0" + samples.packed(BACKYARD)
    exif = b"II*\0\x08\0\0\0\x01\0\x86\x92\x07\0"
    exif += len(comment).to_bytes(4, "little") + (26).to_bytes(4, "little") + b"\0\0\0\0" + comment
    return samples.png(samples.chunk(b"eXIf", exif))
