"""What the terminal gets: readable or JSON lines, with secrets taken out of every one."""

import base64
import json
import logging
import sys
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TextIO
from urllib.parse import quote

import regex

from core.secret import Secret
from core.settings import LogSettings, Settings

turn: ContextVar[str] = ContextVar("turn", default="")
"""Id of the reply that is being worked on; stands in every line it causes."""

_HIDDEN = "•••"
_SHORTEST_SECRET = 8
# Shapes of secrets nobody registered: webhook and interaction tokens, bot tokens, vendor keys.
_shapes = regex.compile(
    r"(?P<keep>/(?:webhooks|interactions)/\d+/)[\w-]{20,}"
    r"|(?P<keep>\b(?:Bot|Bearer|Basic)\s+)[\w.~+/=-]{8,}"
    r"|(?P<keep>(?i:authorization|x-api-key|api[-_]?key|token)['\"]?\s*[:=]\s*['\"]?)"
    r"(?!(?:Bot|Bearer|Basic)\b)[\w.~+/=-]{12,}"
    r"|\b[\w-]{23,30}\.[\w-]{6}\.[\w-]{27,}"
    r"|\b(?:sk|pk|xai|gsk|pst|AIza)[-_][\w-]{16,}"
    r"|(?P<keep>://[^/\s:@]*:)[^/\s@]+(?=@)"
)


class Scrubber:
    """Takes secrets out of text: those it was told, also URL-encoded and in base64, and shapes."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._spellings: set[str] = set()
        for value in (secret.reveal() for secret in secrets):
            if len(value) >= _SHORTEST_SECRET:
                encoded = base64.b64encode(value.encode()).decode().rstrip("=")
                self._spellings |= {value, quote(value, safe=""), encoded}

    def scrub(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, _HIDDEN)
        return _shapes.sub(lambda found: (found["keep"] or "") + _HIDDEN, text)


class ConsoleFormatter(logging.Formatter):
    """`12:30:01 info  bot.channel.output: …`"""

    def __init__(self, scrubber: Scrubber) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
        self._scrubber = scrubber

    def format(self, record: logging.LogRecord) -> str:
        """One record with its traceback, scrubbed as a whole."""
        line = super().format(record)
        label = f"[{turn.get()}] " if turn.get() else ""
        return self._scrubber.scrub(label + line)


class JsonFormatter(ConsoleFormatter):
    """One JSON object a line: time, level, logger, message, turn, error."""

    def format(self, record: logging.LogRecord) -> str:
        error = self.formatException(record.exc_info) if record.exc_info else ""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._scrubber.scrub(record.getMessage()),
            "turn": turn.get(),
            "error": self._scrubber.scrub(error),
        }
        return json.dumps({key: value for key, value in line.items() if value}, ensure_ascii=False)


def secrets_of(settings: Settings) -> list[Secret]:
    return [
        settings.discord.token,
        settings.secrets.key,
        *(connection.key for connection in settings.connections),
    ]


def configure(
    settings: LogSettings, secrets: Iterable[Secret] = (), stream: TextIO | None = None
) -> Scrubber:
    """Sets up the root logger, through which discord.py and aiohttp speak too."""
    scrubber = Scrubber(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    formatter = JsonFormatter if settings.format == "json" else ConsoleFormatter
    handler.setFormatter(formatter(scrubber))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for chatty in ("discord", "aiohttp", "sqlalchemy", "alembic"):
        # Their INFO lines tell of every connection and statement.
        quiet = logging.DEBUG if settings.level == "debug" else logging.WARNING
        logging.getLogger(chatty).setLevel(quiet)
    if settings.level != "debug":
        # It warns of missing voice libraries, for which this bot has no use.
        logging.getLogger("discord.client").setLevel(logging.ERROR)
    return scrubber
