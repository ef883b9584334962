"""Compares what Discord shows with what the database says, after everything."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator

from bot.playground.people.person import Invocation
from bot.playground.world.models import Channel
from core.chat.message import Message, Role, State
from core.engine import Engine
from tests.e2e.kill.scenario import Scenario
from tests.e2e.kill.victim import place_of
from tests.e2e.tavern.tavern import Json, labels

_NOTE = re.compile(r"(?:\A|\n)-# ✂ .*\Z")
_BEGUN = re.compile(r"\AAnswer(?:\Z| \d+| Answer)")
_ANSWER = re.compile(r"\AAnswer (\d+):")


async def complaints(scenario: Scenario) -> list[str]:
    """Everything that is not as it should be."""
    found = list(_file(scenario))
    async with Engine.open(scenario.victim.settings) as engine:
        for room in scenario.victim.rooms():
            story = await engine.services.storage.stories.open(place_of(room))
            turns = await engine.services.storage.messages.history(story)
            for complaint in _room(scenario, room, turns):
                found.append(f"{room.name}: {complaint}")
        listed = await engine.services.characters.list(place_of(scenario.victim.rooms()[0]))
        listed += await engine.services.characters.list(place_of(scenario.victim.rooms()[2]))
        found += _cards(scenario, [entry.name for entry in listed])
    return found


def _file(scenario: Scenario) -> Iterator[str]:
    with sqlite3.connect(scenario.victim.database) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            yield f"integrity_check: {sound}"
        for row in connection.execute("PRAGMA foreign_key_check"):
            yield f"foreign_key_check: {row}"
    connection.close()


def _room(scenario: Scenario, room: Channel, turns: list[Message]) -> Iterator[str]:
    seen = scenario.playground.messages(room)
    ours = {int(one["id"]): one for one in seen if one["author"].get("bot")}
    theirs = {int(one["id"]): one for one in seen if int(one["id"]) not in ours}
    yield from _people(theirs, [turn for turn in turns if turn.role is Role.USER])
    yield from _replies(ours, [turn for turn in turns if turn.role is Role.CHARACTER])
    order = [turn.discord_ids[0] for turn in turns if turn.discord_ids]
    if order != sorted(order):
        yield f"out of order: {order}"
    yield from _buttons(ours, turns)


def _people(theirs: dict[int, Json], turns: list[Message]) -> Iterator[str]:
    stored = Counter(id_ for turn in turns for id_ in turn.discord_ids)
    texts = {turn.discord_ids[0]: turn.text for turn in turns if turn.discord_ids}
    for id_, message in theirs.items():
        if stored[id_] != 1:
            yield f"{message['content']!r} is stored {stored[id_]} times"
        elif texts[id_] != message["content"]:
            yield f"{message['content']!r} is stored as {texts[id_]!r}"
    yield from (f"{texts[id_]!r} is not in Discord" for id_ in stored if id_ not in theirs)


def _replies(ours: dict[int, Json], turns: list[Message]) -> Iterator[str]:
    owners = Counter(id_ for turn in turns for id_ in turn.discord_ids)
    for id_, message in ours.items():
        if owners[id_] != 1:
            yield f"{owners[id_]} turns own {message['content'][:60]!r}"
    for turn in turns:
        yield from _reply(ours, turn)
    numbers = Counter(found[1] for turn in turns if (found := _ANSWER.match(turn.text)))
    yield from (f"question {number} has {n} answers" for number, n in numbers.items() if n > 1)


def _reply(ours: dict[int, Json], turn: Message) -> Iterator[str]:
    name = f"turn {turn.id} ({turn.text[:30]!r})"
    if turn.state not in (State.DONE, State.CUT):
        yield f"{name} is {turn.state}"
    gone = [id_ for id_ in turn.discord_ids if id_ not in ours]
    if gone or not turn.discord_ids:
        yield f"{name} is not shown ({turn.discord_ids}, of which {gone} are gone)"
        return
    parts = [ours[id_]["content"] for id_ in turn.discord_ids]
    shown = _NOTE.sub("", "\n".join(parts)).removeprefix("**Mira**\n")
    if "".join(shown.split()) != "".join(turn.text.split()):
        yield f"{name} is shown as {shown[:40]!r}…{shown[-40:]!r}, not …{turn.text[-40:]!r}"
    is_marked = _NOTE.search(parts[-1]) is not None
    if is_marked != (turn.state is State.CUT):
        yield f"{name} is {turn.state}, shown with {parts[-1][-60:]!r}"
    if not _BEGUN.match(turn.text):
        yield f"{name} is no answer"


def _buttons(ours: dict[int, Json], turns: list[Message]) -> Iterator[str]:
    newest = max((id_ for turn in turns for id_ in turn.discord_ids if id_ in ours), default=0)
    for id_, message in ours.items():
        found = labels(message)
        if "Stop" in found:
            yield f"a Stop button is left under {message['content'][:60]!r}"
        if message["content"].startswith(("-# ⏳", "⚠")):
            yield f"left over: {message['content'][:80]!r}"
        if (id_ == newest) != ("Continue" in found):
            yield f"under {message['content'][:60]!r} (newest: {id_ == newest}) stands {found}"


def _cards(scenario: Scenario, names: list[str]) -> Iterator[str]:
    known = Counter(names)
    for name, given in scenario.cards.items():
        assert isinstance(given, Invocation)
        interaction = given.interaction
        message = interaction.channel.ephemeral.get(interaction.response_id or "")
        if message is not None and "is here" in message.content and known[name] != 1:
            yield f"{name} was promised and is there {known[name]} times"
        if known[name] > 1:
            yield f"{name} is there {known[name]} times"
