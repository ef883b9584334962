"""What becomes of a request that went wrong."""

from datetime import timedelta

import discord

from bot.calls import TROUBLE, Stalled, Verdict, verdict


def aged(**age: float) -> int:
    """The id of a message of this age."""
    return discord.utils.time_snowflake(discord.utils.utcnow() - timedelta(**age))


def test_a_refusal_without_a_time_makes_only_old_messages_too_old() -> None:
    nameless = KeyError("retry_after")
    assert verdict(nameless, aged(hours=2)) is Verdict.TOO_OLD
    assert verdict(nameless, aged(minutes=1)) is Verdict.AGAIN
    assert verdict(nameless) is Verdict.AGAIN


def test_a_stalled_request_is_trouble_as_any_other() -> None:
    assert isinstance(Stalled(unsure=True), TROUBLE)
