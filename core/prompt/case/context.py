"""A case file's content as the context of a reply."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.characters.character import Character
from core.kind import Kind
from core.macros.engine import Macros
from core.macros.environment import Environment, MacroNames
from core.patterns.matcher import Matcher
from core.prompt.case.lore import case_lore
from core.prompt.chat.counting import counting_of
from core.prompt.context import (
    AuthorsNote,
    Context,
    Dice,
    Formatting,
    Group,
    GroupMode,
    Line,
    Member,
    NoteRole,
    Overrides,
    PersonaNote,
    PersonaPlace,
    Place,
    Purpose,
    Sizes,
)
from core.prompt.templates import ChatPreset, ContextTemplate, InstructTemplate, SystemPrompt

Document = Mapping[str, Any]


def case_context(case: Document, matcher: Matcher) -> Context:
    """The context that the case describes, unguarded: exactly what SillyTavern would build."""
    settings = case["settings"]
    characters = [Character.from_document(card) for card in case["characters"]]
    group = _group(case.get("group"), characters)
    history = _history(case, characters, group)
    character = _speaker(case, characters, group, history)
    kind = Kind(settings["api"])
    instructed = settings["instruct_enabled"] and kind is Kind.TEXT
    metadata = case.get("chat_metadata") or {}
    return Context(
        kind=kind,
        character=character,
        user_name=settings["user_name"],
        history=history,
        purpose=Purpose(settings["type"]),
        group=group,
        persona=_persona(settings["persona"]),
        note=_note(settings["authors_note"]),
        typed=_boxed(settings["typed"]),
        quiet_prompt=settings["quiet_prompt"],
        context_template=ContextTemplate.model_validate(case.get("context") or {}),
        instruct=InstructTemplate.model_validate(case.get("instruct") or {})
        if instructed
        else None,
        system_prompt=SystemPrompt.model_validate(case.get("sysprompt") or {"enabled": False}),
        chat_preset=ChatPreset.model_validate(case.get("chat_preset") or {}),
        chat_counting=counting_of(settings["chat_model"]),
        formatting=_formatting(settings),
        lore=case_lore(case, character),
        matcher=matcher,
        overrides=Overrides(
            metadata.get("scenario") or "",
            metadata.get("mes_example") or "",
            metadata.get("system_prompt") or "",
        ),
        dice=Dice(
            chat=metadata.get("chat_id_hash") or 0,
            reroll=str(metadata.get("pick_reroll_seed") or ""),
        ),
        sizes=Sizes(settings["max_context"], settings["max_response"], settings["token_padding"]),
        model=settings["chat_model"] if kind is Kind.CHAT else "",
        # Nothing is built ahead for groups.
        first_build=bool(case.get("cold")) or group is not None,
        guarded=False,
    )


def _history(case: Document, characters: Sequence[Character], group: Group | None) -> list[Line]:
    if case.get("history") is not None:
        return [_line(message) for message in case["history"]]
    if group is not None:
        user = case["settings"]["user_name"]
        return list(_group_greetings([one.character for one in group.members], user))
    return _greeting(characters[0])


def _greeting(card: Character) -> list[Line]:
    """A new chat: the first message; an empty one is skipped where there are alternates."""
    alternates = card.alternate_greetings
    greetings = (card.first_mes, *alternates) if card.first_mes else tuple(alternates)
    if not greetings or not greetings[0]:
        return []
    line = Line(card.name, greetings[0])
    return [replace(line, swipe=0, swipes=len(greetings))] if alternates else [line]


def _group_greetings(cards: Sequence[Character], user: str) -> Iterator[Line]:
    """A new group chat: everybody's first message under their own name."""
    together = ", ".join(card.name for card in cards)
    for card in cards:
        names = MacroNames(user, card.name, together, together)
        if text := Macros(Environment(names=names)).expand(card.first_mes.strip()):
            yield Line(card.name, text)


def _line(message: Document) -> Line:
    return Line(
        name=message.get("name") or "",
        text=message.get("mes") or "",
        is_user=bool(message.get("is_user")),
        narrator=(message.get("extra") or {}).get("type") == "narrator",
        hidden=bool(message.get("is_system")),
        borrowed_name=bool(message.get("force_avatar")),
        swipe=message.get("swipe_id"),
        swipes=len(message["swipes"]) if message.get("swipes") else None,
    )


def _group(document: Document | None, characters: Sequence[Character]) -> Group | None:
    if document is None:
        return None
    cards = {card.name: card for card in characters}
    muted = set(document.get("disabled_members") or ())
    names = [name for name in document["members"] if name in cards]
    return Group(
        tuple(Member(cards[name], name in muted) for name in names),
        document.get("name") or "",
        GroupMode(document.get("generation_mode") or 0),
        document.get("join_prefix") or "",
        document.get("join_suffix") or "",
    )


def _speaker(
    case: Document, characters: Sequence[Character], group: Group | None, history: Sequence[Line]
) -> Character:
    """Who answers: a message that is continued or swiped is its own author's."""
    if group is None:
        return characters[0]
    cards = {member.character.name: member.character for member in group.members}
    if case["settings"]["type"] in ("continue", "swipe"):
        for line in reversed(history):
            if not line.is_user and line.name in cards:
                return cards[line.name]
    if (name := case["group"]["speaker"]) not in cards:
        raise ValueError(f"group.speaker: there is no member {name}")
    return cards[name]


def _persona(document: Document) -> PersonaNote:
    return PersonaNote(
        document["description"],
        PersonaPlace(document["position"]),
        document["depth"],
        NoteRole(document["role"]),
    )


def _note(document: Document) -> AuthorsNote:
    return AuthorsNote(
        _boxed(document["text"]),
        document["frequency"],
        Place(document["position"]),
        document["depth"],
        NoteRole(document["role"]),
        document["allow_wi_scan"],
    )


def _boxed(text: str) -> str:
    """A text as the text box it is typed into gives it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _formatting(settings: Document) -> Formatting:
    return Formatting(
        always_force_name=settings["always_force_name2"],
        collapse_newlines=settings["collapse_newlines"],
        pin_examples=settings["pin_examples"],
        strip_examples=settings["strip_examples"],
        single_line=settings["single_line"],
        trim_sentences=settings["trim_sentences"],
        prefer_character_prompt=settings["prefer_character_prompt"],
        prefer_character_instructions=settings["prefer_character_jailbreak"],
        reply_start=settings["user_prompt_bias"],
        custom_stop=_stop_list(settings["custom_stopping_strings"]),
        custom_stop_macros=settings["custom_stopping_strings_macro"],
    )


def _stop_list(text: str) -> tuple[str, ...]:
    """A JSON list inside a text; anything else is no list."""
    try:
        listed = json.loads(text) if text else []
    except ValueError:
        return ()
    return (
        tuple(item for item in listed if isinstance(item, str)) if isinstance(listed, list) else ()
    )
