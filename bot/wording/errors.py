"""The one place where an exception becomes a sentence that says what to do next."""

import contextlib
import io
import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from string import Formatter

import discord
from discord import app_commands

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from bot.wording.reasons import REASONS
from bot.wording.sentences import COMMANDS, NOUNS, PHRASES, SENTENCES, STEPS
from bot.wording.values import called, expected, file_size, number
from core.detect import shown_name
from core.errors import BudgetExceeded, InvalidOption, TavernError

log = logging.getLogger(__name__)

# A sentence is read on a phone; what a server says for itself is cut to fit.
LIMIT = 400
_DETAIL = 200
# An underscore inside of a word is none of Discord's marks, and names of fields have them.
_markup = re.compile(r"<[^>]{1,200}>|[`*~|]+|__+|(?<!\w)_|_(?!\w)")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PERMANENT_REFUSALS = {50001, 50013}
_COMMANDS_CHANGED = N_("The commands were just updated. Reload Discord (Ctrl+R) and try again.")
_REFUSED_COMMANDS: Mapping[type[app_commands.AppCommandError], str] = {
    app_commands.CommandSignatureMismatch: _COMMANDS_CHANGED,
    app_commands.CommandNotFound: _COMMANDS_CHANGED,
    app_commands.MissingPermissions: N_(
        "You can't do that here: you need more permissions in this server."
    ),
    app_commands.BotMissingPermissions: N_("The bot is missing a permission for that: {names}."),
    app_commands.NoPrivateMessage: N_("That works only in a server."),
    app_commands.CommandOnCooldown: N_("That was a lot at once. Try again in {time}."),
    app_commands.TransformerError: N_("“{value}” can't be used there."),
    # The class of several above: those that have no sentence of their own.
    app_commands.CheckFailure: N_("You may not do that here."),
}
"""What discord.py refuses by itself; the first that fits is taken."""
# Discord has given up on the press, or has its answer already: nobody is left to be told.
_TOO_LATE = {10062, 40060, 50027}


def explain(error: BaseException) -> str | None:
    """What happened and what to do, in the current language; None for faults of our own."""
    error = unwrapped(error)
    if isinstance(error, TavernError):
        return shortened(sentence(error), LIMIT)
    if isinstance(error, app_commands.AppCommandError):
        return _command_sentence(error)
    if isinstance(error, discord.DiscordException):
        return _discord_sentence(error)
    return None


def tell(error: BaseException, where: str) -> str:
    """As `explain`; unexpected errors are logged under a short id that the sentence names."""
    text = explain(error)
    if text is not None:
        log.info("%s: %s", where, unwrapped(error))
        return text
    code = secrets.token_hex(3)
    log.error("%s failed, id %s", where, code, exc_info=unwrapped(error))
    return _("Something went wrong inside the bot. Whoever runs it finds it as `{id}`.", id=code)


async def answer(interaction: discord.Interaction, error: BaseException, kept: str = "") -> None:
    """Tells the person who pressed or typed, and nobody else.

    `kept` is what they wrote into a form that was refused; they get it back as a file.
    """
    command = interaction.command.qualified_name if interaction.command else "component"
    if getattr(unwrapped(error), "code", 0) in _TOO_LATE:
        log.info("/%s: too late: %s", command, unwrapped(error))
        return
    text = tell(error, f"/{command}" if interaction.command else command)
    files = []
    if kept:
        text += " " + _("What you wrote is in the file.")
        files.append(text_file(kept, "form.txt"))
    with contextlib.suppress(discord.HTTPException):
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, files=files)
        else:
            await interaction.response.send_message(text, ephemeral=True, files=files)


def text_file(text: str, name: str) -> discord.File:
    return discord.File(io.BytesIO(text.encode()), name)


def unwrapped(error: BaseException) -> BaseException:
    """The error itself where discord.py wrapped it into one of its own."""
    if isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        return error.__cause__ or error
    return error


def duration(seconds: float) -> str:
    """A waiting time as people say it."""
    if seconds < 90:
        return ngettext("{number} second", "{number} seconds", max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("{number} minute", "{number} minutes", minutes)
    return ngettext("{number} hour", "{number} hours", round(minutes / 60))


def unmarked(text: str) -> str:
    """A foreign word without marks of Discord, links behind words and turned directions."""
    return _TURNING.sub("", _markup.sub("", text)).replace("](", "] (")


def sentence(
    error: TavernError,
    steps: Mapping[type[TavernError], str] = STEPS,
    shown: Callable[[str], str] = unmarked,
) -> str:
    """What failed, why, and the next of `steps`, in the current language.

    `shown` makes a foreign word fit to be shown where the sentence goes.
    """
    facts = _facts(error, shown)
    reasons = REASONS[error.reason] if error.reason else ""
    why = _first((reasons,) if isinstance(reasons, str) else reasons, facts)
    facts["why"] = _(why, **facts)
    facts["next"] = _(next((steps[kind] for kind in type(error).__mro__ if kind in steps), ""))
    texts = next(SENTENCES[kind] for kind in type(error).__mro__ if kind in SENTENCES)
    if why:
        # A reason is never left out for the sake of another fact, such as the time to wait.
        texts = tuple(text for text in texts if "why" in _fields(text))
    return _(_first(texts, facts), **facts).strip() if texts else str(facts["why"])


def _first(texts: Sequence[str], facts: Mapping[str, object]) -> str:
    """The first whose facts are all known; what comes next may be nothing."""
    known = {name for name, value in facts.items() if value or name == "next"}
    return next((text for text in texts if _fields(text) <= known), texts[-1])


def _fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def _facts(error: TavernError, shown: Callable[[str], str]) -> dict[str, object]:
    facts: dict[str, object] = {
        name: shortened(shown(str(value)), 80)
        for name, value in error.facts.items()
        if value not in (None, "")
    }
    what = str(error.facts.get("what", ""))
    facts["detail"] = shortened(shown(error.detail), _DETAIL).rstrip(". ")
    facts.setdefault("command", COMMANDS.get(what, ""))
    if isinstance(largest := error.facts.get("largest"), int):
        facts["largest"] = file_size(largest)
    if isinstance(found := error.facts.get("found"), StrEnum):
        facts["found"] = _(NOUNS[found])
    for name in ("what", "needs"):
        if phrase := PHRASES.get(str(error.facts.get(name))):
            facts[name] = _(phrase)
    facts["expected"] = expected(error.facts.get("expected"))
    if isinstance(error, BudgetExceeded):
        facts |= _sizes(error)
    if isinstance(error, InvalidOption) and "key" in facts:
        facts["key"] = called(str(error.facts["key"]))
    if "model" in facts:
        facts["model"] = shortened(shown(shown_name(str(error.facts["model"]))), 80)
    wait = error.facts.get("retry_after", error.facts.get("seconds"))
    if isinstance(wait, int | float):
        facts["time"] = duration(wait)
        facts["seconds"] = round(wait)
    return facts


def _sizes(error: BudgetExceeded) -> dict[str, str]:
    """Tokens as people read them, marked where the model's own tokenizer did not count them."""
    about = "" if error.facts.get("exact") else "≈"
    given = {name: size for name, size in error.facts.items() if type(size) is int}
    counted = ("card", "settings")
    return {name: (about if name in counted else "") + number(given[name]) for name in given}


def _command_sentence(error: app_commands.AppCommandError) -> str | None:
    text = next((text for kind, text in _REFUSED_COMMANDS.items() if isinstance(error, kind)), None)
    if text is None:
        return None
    return _(
        text,
        names=", ".join(getattr(error, "missing_permissions", ())).replace("_", " "),
        time=duration(getattr(error, "retry_after", 0)),
        value=shortened(str(getattr(error, "value", "")), 80),
    )


_DISCORD: Mapping[int, str] = {
    20009: N_("Discord refused the message as explicit content."),
    50083: N_("This thread is closed. The reply stops there until it is open again."),
    160005: N_("This thread is locked. The reply stops there until it is open again."),
    200000: N_("This server's AutoMod blocked the message."),
    200001: N_("This server's AutoMod blocked the message."),
    240000: N_("Discord refused a link in the message."),
}
"""What Discord's codes mean to people."""

_REFUSALS: Mapping[int, str] = {
    20009: N_("Discord refused {name}'s reply as explicit content."),
    200000: N_("Discord's AutoMod blocked {name}'s reply."),
    200001: N_("Discord's AutoMod blocked {name}'s reply."),
    240000: N_("Discord refused a link in {name}'s reply."),
}


def refusal(error: Exception, name: str) -> str | None:
    """Why a reply is not shown as it was written; None where Discord gave no reason."""
    if not isinstance(error, discord.HTTPException) or error.status >= 500:
        return None
    text = N_("Discord refused {name}'s reply: “{detail}”.")
    detail = shortened(unmarked(error.text or str(error)), _DETAIL).rstrip(". ")
    return _(_REFUSALS.get(error.code, text), name=unmarked(name), detail=detail)


def _discord_sentence(error: discord.DiscordException) -> str | None:
    if isinstance(error, discord.RateLimited):
        return _(
            "Discord is rate-limiting the bot. Try again in {time}.",
            time=duration(error.retry_after),
        )
    if isinstance(error, discord.HTTPException) and error.code in _DISCORD:
        return _(_DISCORD[error.code])
    if isinstance(error, discord.Forbidden) or getattr(error, "code", 0) in _PERMANENT_REFUSALS:
        return _("The bot is missing a permission in this channel.")
    if isinstance(error, discord.NotFound):
        return _("It is gone: somebody deleted it in the meantime.")
    if isinstance(error, discord.DiscordServerError) or getattr(error, "status", 0) == 429:
        return _("Discord is having trouble right now. Try again in a minute.")
    return None
