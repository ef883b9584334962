"""What a Discord message becomes before the model sees it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import discord
import pytest

from bot.incoming.attachments import decoded
from bot.incoming.message_reader import (
    MessageReader,
    ReadingRules,
    actor_of,
    is_from_person,
    place_of,
    without_asides,
)
from core.chat.message import Incoming
from core.chat.place import Place
from tests.unit.bot import wire
from tests.unit.bot.wire import ANN, BEN, BOT, CHANNEL, GUILD

NOW = datetime(2026, 8, 6, 12, 1, tzinfo=UTC)
OWN_HOOK = 777
PLAIN = ReadingRules()


class Desk:
    """An inbox with the client whose messages it reads."""

    def __init__(self) -> None:
        self.client = wire.client()
        assert self.client.user is not None
        self.message_reader = MessageReader(
            self.client.user.id, BOT, lambda webhook_id: webhook_id == OWN_HOOK
        )

    def message(self, content: str = "", **more: Any) -> discord.Message:
        return wire.parsed(self.client, wire.message(content, **more))

    async def read(self, content: str, rules: ReadingRules = PLAIN, **more: Any) -> Incoming | None:
        message = self.message(content, **more)
        place = place_of(message.channel, person_id=message.author.id)
        assert place is not None
        return await self.message_reader.read(message, place, rules, now=NOW)

    async def text(self, content: str, rules: ReadingRules = PLAIN, **more: Any) -> str:
        incoming = await self.read(content, rules, **more)
        return incoming.text if incoming else ""


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_what_no_database_takes_is_left_out(desk: Desk) -> None:
    assert await desk.text("half\ud83d a\0 sign") == "half\ufffd a sign"


async def test_facts_of_a_message(desk: Desk) -> None:
    said = datetime(2026, 8, 6, 12, tzinfo=UTC)
    sent = discord.utils.time_snowflake(said)
    incoming = await desk.read("Good evening.", id_=sent)
    assert incoming is not None
    assert (incoming.discord_id, incoming.author_id, incoming.author_name) == (sent, ANN, "Ann")
    assert (incoming.place.guild_id, incoming.place.channel_id) == (GUILD, CHANNEL)
    assert incoming.created == int(said.timestamp() * 1000)
    assert incoming.fresh
    assert not incoming.addressed
    assert incoming.reply_to is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("hello <@902>!", "hello Ben!"),
        ("hello <@!902>!", "hello Ben!"),
        ("hello <@12>!", "hello someone!"),
        ("to <@&701>", "to Guests"),
        ("in <#200> or <#999>", "in #hall or #another-channel"),
        ("nice <:blob:123> <a:dance:456>", "nice :blob: :dance:"),
        ("at <t:1785931200:f>", "at 5 August 2026 12:00"),
        ("at <t:1785931200>", "at 5 August 2026 12:00"),
        ("at <t:1785931200:t>", "at 12:00"),
        ("at <t:99999999999999999>", "at some time"),
        ("try </chat start:55>", "try /chat start"),
        ("a ||secret|| thing", "a secret thing"),
        ("||one|| and ||two||", "one and two"),
        ("a || b", "a || b"),
        (f"<@{BOT}> come here", "come here"),
        (f"<@{BOT}>, come here", "come here"),
        (f"come here <@{BOT}>", "come here"),
        (f"I like <@{BOT}> a lot", "I like Keeper a lot"),
        ("// brb\nI sit down.", "I sit down."),
        ("// brb", ""),
        ("((brb, phone))", ""),
        ("((brb,\nphone))", ""),
        ("((a)) She nods. ((b))", "((a)) She nods. ((b))"),
        ("https://example.org //x", "https://example.org //x"),
        ("   ", ""),
    ],
)
async def test_markup_becomes_words(desk: Desk, content: str, text: str) -> None:
    people = [wire.user(BEN, "Ben"), wire.user(BOT, "Keeper", bot=True)]
    assert await desk.text(content, mentions=people, mention_roles=["701"]) == text


async def test_asides_stay_where_the_option_is_off(desk: Desk) -> None:
    assert await desk.text("// brb", ReadingRules(asides_hidden=False)) == "// brb"


def test_asides_in_linear_time() -> None:
    assert without_asides("((" * 50_000) == "((" * 50_000


async def test_times_are_in_the_readers_zone(desk: Desk) -> None:
    rules = ReadingRules(zone=ZoneInfo("Asia/Tokyo"))
    assert await desk.text("<t:1785931200:t>", rules) == "21:00"


async def test_extras_are_one_line_each(desk: Desk) -> None:
    sticker = {"id": "1", "name": "Wave", "format_type": 1}
    answers = [
        {"answer_id": n, "poll_media": {"text": text}} for n, text in ((1, "tea"), (2, "ale"))
    ]
    poll = {
        "question": {"text": "Drink?"},
        "answers": answers,
        "expiry": "2026-08-07T12:00:00+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
    }
    embeds = [
        {"type": "rich", "title": "Map", "description": "of the\ninn"},
        {"type": "link", "title": "A preview"},
    ]
    text = await desk.text("Look.", sticker_items=[sticker], poll=poll, embeds=embeds)
    lines = ["Look.", "[sticker: Wave]", "[poll: Drink? – tea / ale]", "[embed: Map – of the inn]"]
    assert text.split("\n") == lines


async def test_long_pastes_are_cut(desk: Desk) -> None:
    text = await desk.text("x" * 4000, ReadingRules(message_limit=100))
    assert len(text) == 100
    assert text.endswith("…")


async def test_a_reply_can_carry_what_it_answers(desk: Desk) -> None:
    first = wire.message("What will\nit be?", by=BEN, name="Ben", id_=4000)
    more: dict[str, Any] = {
        "type": 19,
        "message_reference": {"message_id": "4000", "channel_id": str(CHANNEL)},
        "referenced_message": first,
    }
    incoming = await desk.read("An ale.", **more)
    assert incoming is not None
    assert (incoming.text, incoming.reply_to) == ("An ale.", 4000)
    quoted = await desk.text("An ale.", ReadingRules(quotes=True), **more)
    assert quoted == "> Ben: What will it be?\nAn ale."


@pytest.mark.parametrize(
    ("answered", "addressed"),
    [
        ({"by": BOT}, True),
        ({"by": OWN_HOOK, "webhook_id": str(OWN_HOOK)}, True),
        ({"by": 778, "webhook_id": "778", "application_id": str(BOT)}, True),
        ({"by": 779, "webhook_id": "779", "application_id": "1"}, False),
        ({"by": BEN}, False),
    ],
)
async def test_replies_address_the_bots_characters(
    desk: Desk, answered: dict[str, Any], addressed: bool
) -> None:
    more: dict[str, Any] = {
        "type": 19,
        "message_reference": {"message_id": "4000", "channel_id": str(CHANNEL)},
        "referenced_message": wire.message("Welcome.", id_=4000, **answered),
    }
    assert desk.message_reader.is_addressed(desk.message("Hello.", **more)) is addressed


async def test_mentions_address_the_bot(desk: Desk) -> None:
    message_reader = desk.message_reader
    assert message_reader.is_addressed(desk.message("x", mentions=[wire.user(BOT, "Keeper")]))
    assert message_reader.is_addressed(desk.message("<@&702>", mention_roles=["702"]))
    assert not message_reader.is_addressed(desk.message("<@&701>", mention_roles=["701"]))


async def test_only_people_are_heard(desk: Desk) -> None:
    assert is_from_person(desk.message("hi"))
    assert not is_from_person(desk.message("hi", author=wire.user(5, "Other", bot=True)))
    assert not is_from_person(desk.message("hi", webhook_id="778"))
    for kind in (6, 7, 8, 18):
        assert not is_from_person(desk.message("notice", type=kind))


async def test_old_messages_are_not_fresh(desk: Desk) -> None:
    old = discord.utils.time_snowflake(NOW - timedelta(minutes=3))
    incoming = await desk.read("Earlier.", id_=old)
    assert incoming is not None
    assert not incoming.fresh


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("héllo".encode(), "héllo"),
        ("héllo".encode("utf-8-sig"), "héllo"),
        ("héllo".encode("utf-16"), "héllo"),
        ("un café très élégant".encode("cp1252"), "un café très élégant"),
        (
            "こんにちは、旅の人。宿はこちらです。".encode("shift_jis"),
            "こんにちは、旅の人。宿はこちらです。",
        ),
        ("你好，旅行者。欢迎来到这家旅店。".encode("gb18030"), "你好，旅行者。欢迎来到这家旅店。"),
        (b"a\r\nb\rc", "a\nb\nc"),
        (b"\x89PNG\0\0\0", None),
    ],
)
def test_text_files_are_decoded(data: bytes, text: str | None) -> None:
    assert decoded(data) == text


def test_an_author_without_membership_manages_no_server() -> None:
    person: Any = SimpleNamespace(id=5, display_name="Ben")
    assert not actor_of(person, Place(channel_id=1, guild_id=2)).manager
    assert actor_of(person, Place(channel_id=1, person_id=5)).manager
