"""Secrets stay out of every line the bot writes."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from bot.log import Scrubber, configure, turn
from core.secret import Secret
from core.settings import LogSettings

KEY = "canary/key+with=signs"
WEBHOOK = "https://discord.com/api/webhooks/123456789012345678/" + "aZ9_-" * 13
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe." + "x" * 38


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    names = ("", "discord", "discord.client", "aiohttp", "sqlalchemy", "alembic")
    levels = {name: logging.getLogger(name).level for name in names}
    before = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        f"POST {WEBHOOK}?wait=1",
        f"Authorization: Bot {TOKEN}",
        f"the token is {TOKEN} indeed",
        f"key {KEY}",
        f"url ?key={quote(KEY, safe='')}",
        f"basic {base64.b64encode(KEY.encode()).decode()}",
        "{'x-api-key': 'abcdefghijklmnop'}",
        "sk-proj-abcdefghijklmnopqrstuvwx",
        "http://user:hunter2secret@proxy:80",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    shown = Scrubber([Secret(KEY)]).scrub(text)
    for secret in (KEY, TOKEN, "aZ9_-aZ9_-", "abcdefghijklmnop", "hunter2secret"):
        assert secret not in shown
        assert quote(secret, safe="") not in shown
    assert "•••" in shown


@pytest.mark.parametrize("text", ["a token of thanks", "max_tokens: 350", "Bot started", "1+1=2"])
def test_plain_text_stays(text: str) -> None:
    assert Scrubber([Secret(KEY)]).scrub(text) == text


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize(
    "logger", ["", "discord.webhook.async_", "aiohttp.client", "bot.channel.output"]
)
def test_no_logger_lets_a_secret_through(form: str, logger: str) -> None:
    stream = io.StringIO()
    configure(LogSettings.model_validate({"format": form, "level": "debug"}), [Secret(KEY)], stream)
    try:
        raise ValueError(f"could not reach {WEBHOOK} with {KEY}")
    except ValueError:
        logging.getLogger(logger).exception("failed for %s and %s", WEBHOOK, KEY)
    assert KEY not in stream.getvalue()
    assert "aZ9_-aZ9_-" not in stream.getvalue()
    assert "could not reach" in stream.getvalue()


def test_json_lines_carry_the_turn() -> None:
    stream = io.StringIO()
    configure(LogSettings(format="json"), stream=stream)
    token = turn.set("a1b2")
    logging.getLogger("bot.channel.output").info("shown")
    turn.reset(token)
    line = json.loads(stream.getvalue())
    assert (line["turn"], line["level"], line["message"]) == ("a1b2", "info", "shown")
    assert line["time"].endswith("Z")
