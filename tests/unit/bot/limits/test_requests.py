"""What becomes of a request that went wrong."""

from unittest.mock import Mock

import discord
import pytest

from bot.limits.requests import TROUBLE, Failure, Stalled, failure_of, patiently


def refused(status: int, code: int = 0) -> discord.HTTPException:
    return discord.HTTPException(Mock(status=status), {"code": code})


def test_a_stalled_request_is_trouble_as_any_other() -> None:
    assert isinstance(Stalled(unsure=True), TROUBLE)


async def test_passing_trouble_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.limits.requests._FIRST_PAUSE", 0.0)
    told = iter([refused(429), discord.DiscordServerError(Mock(status=429), None)])

    async def request() -> str:
        for error in told:
            raise error
        return "there"

    assert await patiently(request) == "there"


async def test_lasting_trouble_is_not() -> None:
    asked = []

    async def request() -> None:
        asked.append(1)
        raise refused(403, 50013)

    with pytest.raises(discord.HTTPException):
        await patiently(request)
    assert len(asked) == 1


def test_a_code_says_more_than_the_kind_of_error() -> None:
    old = discord.DiscordServerError(Mock(status=429), {"code": 30046})
    assert failure_of(old) is Failure.TOO_OLD
