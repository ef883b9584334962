"""Presets are used and taken back: whatever held before, in whichever order, holds again."""

import json
import random
from typing import Any

import pytest

from core.chat.place import Actor, Place, Scope
from core.errors import InvalidTemplate, NotAllowed
from core.options.table import (
    CHAT_PRESET,
    CONTEXT_SIZE,
    CONTEXT_WISH,
    REPLY_LENGTH,
    SAMPLER_PRESET,
    SAMPLERS,
)
from core.presets.preset import PresetKind
from core.services.options import OptionService
from core.services.preset_uses import PresetUses
from core.services.presets import PresetService
from core.storage.presets import MOST_USES
from core.storage.storage import Storage
from core.transfer.preset_file import PresetFile, read_preset_file

HERE = Place(channel_id=100, guild_id=1, category_id=50)
THREAD = Place(channel_id=100, guild_id=1, category_id=50, thread_id=200)
THERE = Place(channel_id=900, guild_id=2)
BOB, ANN = Actor(8, "Bob", manager=True), Actor(7, "Ann")
SCOPES = (Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER)


class Shelf:
    """The services of one store."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.options = OptionService(storage.options)
        self.presets = PresetService(storage.presets)
        self.uses = PresetUses(self.presets, self.options, storage.preset_uses)

    async def bring(
        self, document: object, name: str, scope: Scope = Scope.CHANNEL, place: Place = HERE
    ) -> int:
        file = read(document, name)
        return (await self.uses.use(BOB, place, file.name, file.found, file.wishes, scope)).id

    async def everything(self) -> tuple[Any, ...]:
        """Every option that is set in reach, and every own preset."""
        rows = await self.storage.options.in_reach(THREAD)
        options = sorted((row.scope, row.scope_id, row.key, json.dumps(row.value)) for row in rows)
        kinds = ("context", "instruct", "system", "chat", "sampler_text", "sampler_chat")
        owned = [(kind, await self.storage.presets.names(HERE.owner, kind)) for kind in kinds]
        documents = [
            await self.storage.presets.get(HERE.owner, kind, name)
            for kind, names in owned
            for name in names
        ]
        return options, documents


@pytest.fixture
def shelf(storage: Storage) -> Shelf:
    return Shelf(storage)


def read(document: object, name: str) -> PresetFile:
    return read_preset_file(json.dumps(document).encode(), f"{name}.json")


def chat(temperature: float, **more: object) -> dict[str, Any]:
    prompts = [{"identifier": "main", "content": f"{temperature}"}]
    return {"prompts": prompts, "temperature": temperature, "openai_max_tokens": 100, **more}


async def test_any_number_of_uses_in_any_scopes_is_undone_step_by_step(shelf: Shelf) -> None:
    for seed in range(12):
        luck = random.Random(seed)
        await shelf.options.set(BOB, HERE, REPLY_LENGTH, luck.randint(1, 999), luck.choice(SCOPES))
        await shelf.options.set(BOB, HERE, SAMPLERS, {"temperature": luck.random(), "top_k": 7})
        await shelf.options.set(BOB, HERE, CONTEXT_SIZE, luck.randint(512, 9999))
        steps = []
        for _ in range(luck.randint(1, 6)):
            scope, place = luck.choice(SCOPES), luck.choice((HERE, THREAD))
            steps.append((scope, place, await shelf.everything()))
            document = luck.choice(
                [
                    chat(luck.random(), openai_max_context=luck.randint(0, 9999)),
                    {"temp": luck.random(), "top_p": 0.5, "genamt": luck.randint(1, 99)},
                    {"story_string": f"x{luck.random()}", "single_line": luck.random() < 0.5},
                    {"input_sequence": "u", "output_sequence": "a", "name": "I"},
                ]
            )
            await shelf.bring(document, luck.choice("ab"), scope, place)
        for scope, place, before in reversed(steps):
            assert await shelf.uses.take_back(BOB, place, scope) is not None
            assert await shelf.everything() == before
        for scope in SCOPES:
            assert await shelf.uses.take_back(BOB, HERE, scope) is None


async def test_what_a_preset_says_takes_the_place_of_values_set_by_hand(shelf: Shelf) -> None:
    await shelf.options.set(BOB, HERE, SAMPLERS, {"temperature": 0.1, "top_k": 7})
    await shelf.options.set(BOB, HERE, CONTEXT_SIZE, 6000)
    await shelf.bring(chat(0.9, openai_max_context=4096), "mine")
    held = await shelf.options.resolve(HERE)
    assert (held[CHAT_PRESET], held[SAMPLER_PRESET], held[REPLY_LENGTH]) == ("mine", "mine", 100)
    assert (held[SAMPLERS], held[CONTEXT_SIZE], held[CONTEXT_WISH]) == ({"top_k": 7}, None, 4096)


async def test_an_older_use_is_not_pulled_out_from_under_a_newer_one(shelf: Shelf) -> None:
    first = await shelf.bring(chat(0.1), "first")
    second = await shelf.bring(chat(0.2), "second")
    assert await shelf.uses.take_back(BOB, HERE, id_=first) is None
    assert await shelf.uses.take_back(BOB, HERE, id_=second) == "second"
    assert await shelf.uses.take_back(BOB, HERE, id_=second) is None
    assert await shelf.uses.take_back(BOB, HERE, id_=first) == "first"


async def test_scopes_and_servers_have_stacks_of_their_own(shelf: Shelf) -> None:
    await shelf.bring(chat(0.1), "here")
    await shelf.bring(chat(0.2), "thread", place=THREAD)
    await shelf.bring(chat(0.3), "there", place=THERE)
    assert await shelf.uses.take_back(BOB, HERE, Scope.SERVER) is None
    assert await shelf.uses.take_back(BOB, THERE) == "there"
    assert await shelf.uses.take_back(BOB, HERE) == "here"
    assert await shelf.uses.take_back(BOB, THREAD) == "thread"


async def test_a_preset_that_was_changed_since_stays(shelf: Shelf) -> None:
    await shelf.bring(chat(0.1), "mine")
    await shelf.presets.edit(BOB, HERE, PresetKind.CHAT, "mine", {"new_chat_prompt": "Begin."})
    await shelf.bring(chat(0.2), "mine", Scope.SERVER)
    assert await shelf.uses.take_back(BOB, HERE) == "mine"
    held = await shelf.options.resolve(HERE)
    assert (held[CHAT_PRESET], held.why(CHAT_PRESET)) == ("mine", (Scope.SERVER, 1))
    now = await shelf.presets.own(HERE, PresetKind.CHAT, "mine")
    assert now is not None
    assert now["temperature"] == 0.2
    assert await shelf.uses.take_back(BOB, HERE, Scope.SERVER) == "mine"
    now = await shelf.presets.own(HERE, PresetKind.CHAT, "mine")
    assert now is not None
    assert (now["temperature"], now["new_chat_prompt"]) == (0.1, "Begin.")


async def test_only_so_many_are_kept(shelf: Shelf) -> None:
    for number in range(MOST_USES + 3):
        await shelf.bring(chat(number / 100), f"p{number}")
    names = [await shelf.uses.take_back(BOB, HERE) for _ in range(MOST_USES + 1)]
    assert names == [*(f"p{number}" for number in range(MOST_USES + 2, 2, -1)), None]


async def test_a_refusal_changes_nothing(shelf: Shelf) -> None:
    before = await shelf.everything()
    file = read(chat(0.5), "mine")
    with pytest.raises(NotAllowed):
        await shelf.uses.use(ANN, HERE, file.name, file.found, file.wishes)
    bad = read({"context": {"name": "x", "story_string": "{{#if a}}"}, "preset": {"temp": 1}}, "b")
    with pytest.raises(InvalidTemplate):
        await shelf.uses.use(BOB, HERE, bad.name, bad.found, bad.wishes)
    assert await shelf.everything() == before
    with pytest.raises(NotAllowed):
        await shelf.uses.take_back(ANN, HERE)
    assert await shelf.uses.take_back(BOB, HERE) is None


async def test_what_is_forgotten_leaves_no_note(shelf: Shelf) -> None:
    await shelf.bring(chat(0.1), "channel")
    await shelf.bring(chat(0.2), "server", Scope.SERVER)
    await shelf.storage.forget.place(HERE.channel_id)
    assert await shelf.uses.take_back(BOB, HERE) is None
    await shelf.storage.forget.server(1)
    assert await shelf.uses.take_back(BOB, HERE, Scope.SERVER) is None
