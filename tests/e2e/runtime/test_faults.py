"""Discord refuses, stalls, drops and forgets; the text on the screen is right in the end."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from core.chat.message import State
from tests.e2e.runtime.conftest import ScriptedChat, labels

POST = "^POST /webhooks/"
EDIT = "^PATCH /webhooks/"


def pieces(number: int) -> Iterator[str]:
    for n in range(number):
        yield f"Word {n} and "


async def answered(chat: ScriptedChat, *steps: str | asyncio.Event) -> None:
    chat.engine.will_say(*steps)
    chat.ann.send(chat.room, "Hello!")


@pytest.mark.parametrize(
    ("match", "action", "details"),
    [
        (POST, "drop", {}),
        (POST, "drop_after", {}),
        (POST, "error", {"status": 503}),
        (POST, "edge", {}),
        (POST, "limit", {"retry_after": 0.2}),
        (EDIT, "drop", {}),
        (EDIT, "drop_after", {}),
        (EDIT, "error", {"status": 503}),
        (EDIT, "edge", {}),
        (EDIT, "limit", {"retry_after": 0.2}),
        (POST, "error", {"status": 429}),
        (EDIT, "error", {"status": 429}),
        ("^POST /channels/[0-9]+/webhooks", "error", {"status": 429}),
        ("^GET /channels/[0-9]+/webhooks", "error", {"status": 429}),
        ("^POST /channels/[0-9]+/webhooks", "drop", {}),
        ("^GET /channels/[0-9]+/webhooks", "error", {"status": 503}),
    ],
)
async def test_passing_trouble_leaves_one_exact_answer(
    rough: ScriptedChat,
    caplog: pytest.LogCaptureFixture,
    match: str,
    action: str,
    details: dict[str, object],
) -> None:
    rough.playground.fault(match, action, **details)
    await answered(rough, "A story ", "in a few ", "words.")
    await rough.until(lambda: rough.said() and "Regenerate" in labels(rough.said()[-1]), 30)
    (text,) = rough.texts()
    assert text.removeprefix("**Mira**\n") == "A story in a few words."
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_lost_answer_is_looked_for_until_it_is_found_out(rough: ScriptedChat) -> None:
    rough.playground.fault(POST, "drop_after")
    rough.playground.fault("^GET /channels/[0-9]+/messages", "drop")
    await answered(rough, "Said once.")
    await rough.settled("Said once.")


async def test_a_press_on_a_post_whose_answer_was_lost_doubles_nothing(rough: ScriptedChat) -> None:
    rough.playground.fault(POST, "drop_after", skip=1)
    await answered(rough, "word " * 500)
    await rough.until(lambda: rough.said() and "Regenerate" in labels(rough.said()[-1]))
    rough.engine.will_say("Anew.")
    rough.ann.press(rough.said()[-1], "Regenerate")
    await rough.settled("Anew.")


async def test_webhooks_that_are_never_there_are_given_up(rough: ScriptedChat) -> None:
    rough.playground.fault(POST, "error", count=None, status=404, code=10015)
    await answered(rough, "Anyhow.")
    await rough.settled("**Mira**\nAnyhow.")
    assert len(rough.requests("POST", "/webhooks/")) == 3


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (400, 40060)])
async def test_a_press_that_discord_forgot_can_be_made_again(
    rough: ScriptedChat, caplog: pytest.LogCaptureFixture, status: int, code: int
) -> None:
    caplog.set_level(logging.INFO, "bot")
    await answered(rough, "First.")
    message = await rough.settled("First.")
    rough.playground.fault("^POST /interactions/", "error", status=status, code=code)
    rough.ann.press(message, "Regenerate")
    await rough.until(lambda: "came to nothing" in caplog.text)
    rough.engine.will_say("Second.")
    rough.ann.press(message, "Regenerate")
    await rough.settled("Second.")
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_press_told_twice_counts_once(
    rough: ScriptedChat, caplog: pytest.LogCaptureFixture
) -> None:
    await answered(rough, "First.")
    message = await rough.settled("First.")
    rough.playground.fault("^EVENT INTERACTION_CREATE", "repeat", copies=2)
    rough.ann.press(message, "Regenerate")
    await rough.settled("Well met.")
    assert len(rough.engine.turns[1].swipes) == 2
    assert not [record for record in caplog.records if record.exc_info]


async def test_every_third_edit_refused(rough: ScriptedChat) -> None:
    rough.playground.fault(EDIT, "limit", count=None, chance=0.3, retry_after=0.3)
    text = "".join(pieces(400)) + "the end."
    await answered(rough, *pieces(400), "the end.")
    await rough.until(lambda: rough.said() and "Regenerate" in labels(rough.said()[-1]), 30)
    assert " ".join(rough.texts()) == text


@pytest.mark.parametrize("seed", range(3))
async def test_all_troubles_at_once(rough: ScriptedChat, seed: int) -> None:
    rough.playground.simulation.faults.mix(seed, 0.15)
    for n in range(3):
        await answered(rough, *pieces(30), f"end {n}.")
        wanted = "".join(pieces(30)) + f"end {n}."

        def shown(wanted: str = wanted) -> bool:
            said = [one["content"].removeprefix("**Mira**\n") for one in rough.said()]
            return said[-1:] == [wanted] and "Regenerate" in labels(rough.said()[-1])

        await rough.until(shown, 40)
    assert len(rough.said()) == 3


async def test_a_webhook_that_must_wait_long_is_passed_over(rough: ScriptedChat) -> None:
    rough.playground.fault(POST, "limit", count=None, retry_after=40)
    await answered(rough, "Still here.")
    message = await rough.settled("**Mira**\nStill here.")
    assert "webhook_id" not in message
    assert len(rough.requests("POST", "/webhooks/")) == 1


GONE = [
    (404, 10003),
    (404, 10008),
    (400, 50083),
    (403, 160005),
    (403, 50001),
    (403, 50013),
]


@pytest.mark.parametrize(("status", "code"), GONE)
@pytest.mark.parametrize("edits", [0, 1])
async def test_where_nothing_can_be_written_the_stream_ends(
    rough: ScriptedChat, status: int, code: int, edits: int
) -> None:
    more, never = asyncio.Event(), asyncio.Event()
    await answered(rough, "Some words", more, " and more", never, " never read.")
    await rough.until(lambda: rough.texts() == ["Some words"])
    rough.playground.fault(EDIT, "error", count=None, skip=edits, status=status, code=code)
    before = len(rough.requests("PATCH", "/webhooks/"))
    more.set()
    if edits:
        await rough.until(lambda: rough.texts() == ["Some words and more"])
        rough.ann.press(rough.said()[0], "Stop")
    await rough.until(lambda: 1 in rough.engine.turns and rough.engine.turns[1].swipes)
    # What somebody deleted vanishes from the story with its message, whatever its text.
    visible = "Some words and more" if edits or code == 10008 else "Some words"
    await rough.until(lambda: rough.engine.turns[1].text == visible)
    assert rough.engine.turns[1].state is (State.DONE if edits else State.CUT)
    assert len(rough.requests("PATCH", "/webhooks/")) - before <= edits + 2
    rough.playground.clear_faults()
    rough.engine.will_say("Next.")
    rough.ann.send(rough.room, "And now?")
    await rough.until(lambda: rough.texts()[-1:] == ["Next."])


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (403, 50013), (404, 10003)])
async def test_a_room_closed_before_the_first_word(
    rough: ScriptedChat, status: int, code: int
) -> None:
    rough.playground.fault("^POST /(webhooks|channels)", "error", count=2, status=status, code=code)
    rough.playground.fault("^GET /channels", "error", count=1, status=status, code=code)
    await answered(rough, "Unheard.", asyncio.Event())
    await rough.until(lambda: ("discard", 1) in rough.engine.events)
    assert 1 not in rough.engine.turns
    assert rough.said() == []


async def test_a_deleted_reply_stops_the_stream(rough: ScriptedChat) -> None:
    more = asyncio.Event()
    await answered(rough, "Some words", more, " and more", asyncio.Event())
    await rough.until(lambda: rough.texts() == ["Some words"])
    message = rough.said()[0]
    del rough.playground.state.channels[message["channel_id"]].messages[message["id"]]
    more.set()
    await rough.until(lambda: 1 in rough.engine.turns and rough.engine.turns[1].swipes)
    assert rough.engine.turns[1].state is State.CUT
    assert rough.said() == []


@pytest.mark.parametrize("when", ["before", "between", "during"])
async def test_a_deleted_webhook_is_made_anew_once(rough: ScriptedChat, when: str) -> None:
    if when != "during":
        rough.engine.will_say("Warm up.")
        rough.ann.send(rough.room, "Hi")
        await rough.settled("Warm up.")
    more = asyncio.Event()
    if when == "before":
        more.set()
        _drop_webhooks(rough, quietly=True)
    await answered(rough, "Some words", more, " to the end.")
    await rough.until(lambda: "Some words" in rough.texts()[-1:][0] if rough.texts() else None)
    if when != "before":
        _drop_webhooks(rough, quietly=True)
        more.set()
    await rough.until(lambda: rough.texts()[-1] == "Some words to the end.")
    await rough.until(lambda: "Regenerate" in labels(rough.said()[-1]))
    created = [
        line for line in rough.requests("POST", "/webhooks") if line["path"].endswith("/webhooks")
    ]
    assert len(created) == 2


async def test_without_the_permission_the_bot_speaks_itself(rough: ScriptedChat) -> None:
    guild = next(iter(rough.playground.state.guilds.values()))
    manage_webhooks = 1 << 29
    for role in guild.roles.values():
        role.permissions &= ~manage_webhooks
    rough.playground.fault(
        "^POST /channels/[0-9]+/webhooks", "error", count=None, status=403, code=50013
    )
    rough.playground.fault(
        "^GET /channels/[0-9]+/webhooks", "error", count=None, status=403, code=50013
    )
    await answered(rough, "Anyhow.")
    await rough.settled("**Mira**\nAnyhow.")


async def test_with_fifteen_webhooks_of_others_the_bot_speaks_itself(rough: ScriptedChat) -> None:
    rough.playground.fault(
        "^POST /channels/[0-9]+/webhooks", "error", count=None, status=400, code=30007
    )
    await answered(rough, "Anyhow.")
    await rough.settled("**Mira**\nAnyhow.")


async def test_a_reply_too_old_to_edit_is_posted_anew_with_a_link(rough: ScriptedChat) -> None:
    await answered(rough, "The old words.")
    old = await rough.settled("The old words.")
    rough.playground.fault(EDIT, "error", count=None, status=400, code=30046)
    rough.engine.will_say("The new words.")
    rough.ann.press(old, "Regenerate")
    guild_id = next(iter(rough.playground.state.guilds))
    link = f"https://discord.com/channels/{guild_id}/{old['channel_id']}/{old['id']}"
    await rough.settled("The old words.", f"-# ↪ {link}\nThe new words.")


async def test_automod_is_named(rough: ScriptedChat) -> None:
    rough.playground.fault(POST, "error", count=None, status=400, code=200000)
    await answered(rough, "Blocked words.")
    sentence = "⚠ Discord's AutoMod blocked Mira's reply. The text is kept."
    await rough.until(lambda: rough.texts() == [sentence])


def _drop_webhooks(chat: ScriptedChat, *, quietly: bool) -> None:
    hooks = chat.playground.state.webhooks
    for hook in list(hooks.values()):
        del hooks[hook.id]
        if not quietly:
            chat.playground.simulation.changes.webhooks_updated(hook)
