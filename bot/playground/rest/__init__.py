"""Discord's REST interface, one file per noun."""

from bot.playground.rest.api import Api

__all__ = ["Api"]
