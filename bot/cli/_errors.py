"""An error as one line for the terminal: what failed, why, what to do next."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core import errors as e

if TYPE_CHECKING:
    from core.engine import Engine

log = logging.getLogger(__name__)

STEPS: Mapping[type[e.TavernError], str] = {
    e.InvalidCard: "Give it a character card as PNG, WEBP, JSON or CHARX.",
    e.InvalidLorebook: "Give it a lorebook or World Info as JSON, or a card with a book.",
    e.NotFound: "Check the spelling.",
    e.TimedOut: "Try again, or with a shorter prompt.",
    e.Overloaded: "Try again in a moment.",
    e.RateLimited: "Try again later.",
    e.KeyRejected: "The key is taken from TAVERN_KEY.",
    e.QuotaExhausted: "Look at the account's balance or limits.",
    e.AllowanceUsed: "Wait for it, or take another model.",
    e.Endless: "Ask for a shorter reply.",
    e.Wordless: "Try again.",
    e.UnknownModel: "Name a model that the server has.",
    e.BadRequest: "The server may not take one of the settings.",
    e.BadAnswer: "Check that this is the server's API address, not its web page.",
    e.PromptTooLong: "Shorten the prompt.",
    e.Refused: "Try it in other words.",
    e.StreamBroken: "Try again.",
    e.NothingCame: "Check that this is the server's API address and a model is loaded.",
}
"""The next steps of `bot.wording.sentences`, for those who have no slash commands."""


def one_line(error: e.TavernError) -> str:
    """The sentence behind `error: `."""
    # Imported here: most commands end well, and the sentences bring Discord's library along.
    from bot.i18n import speaking
    from bot.wording.errors import sentence

    with speaking("en"):
        return " ".join(sentence(error, STEPS, str).split())


async def log_faulty_connections(engine: "Engine") -> None:
    """Names the connections of the configuration that are left out of everything."""
    for name, fault in (await engine.services.connections.offer_faults()).items():
        log.warning("connection %s can't be used and is left out: %s", name, one_line(fault))
