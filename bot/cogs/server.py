"""See and change every setting of this server."""

from typing import Literal

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.cogs._autocomplete import characters, choices
from bot.cogs._command import command
from bot.command_context import CommandContext, Interaction, context_of, defer
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.forms import Field, Form
from bot.views.option_page import option_page
from bot.views.option_values import (
    NAMED,
    OptionTarget,
    ladder,
    option_of,
    reset_option,
    set_option,
    why_lines,
    widest,
)
from bot.wording.options import HELP, help_of
from bot.wording.values import expected
from core.chat.place import Scope
from core.errors import InvalidOption, TavernError
from core.options.table import OPTIONS, Option, OptionType
from core.options.typed_value import NO_LIMIT

DEFAULT_PERMISSIONS = discord.Permissions(manage_guild=True)

Where = Literal["thread", "channel", "category", "server", "character"]


async def options(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Every option with what it does, found by both."""
    return choices([(f"{key} – {_(HELP[key])}", key) for key in OPTIONS], typed)


async def values(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """What the chosen option takes."""
    context = context_of(interaction)
    try:
        option = option_of(str(interaction.namespace.option))
    except TavernError:
        return []
    if option in NAMED:
        names = await NAMED[option](context)
    elif option.choices:
        names = option.choices
    elif option.type is OptionType.SWITCH:
        names = ("on", "off")
    else:
        hint = shortened(typed or expected(option.expected), 100)
        names = (NO_LIMIT,) if option.unlimited else ()
        return [Choice(name=hint, value=typed), *choices([(n, n) for n in names], "")][:2]
    return choices([(name, name) for name in names], typed)


@command(defers=False)
@app_commands.autocomplete(option=options, value=values, character=characters)
async def set_(
    context: CommandContext,
    option: str,
    value: str | None = None,
    where: Where | None = None,
    character: str | None = None,
) -> None:
    """Set any option, for a thread, channel, category or the server.

    Parameters
    ----------
    option: str
        Which option
    value: str
        The value; without one a form opens
    where: Literal
        For what; the server unless you say otherwise
    character: str
        For one character only
    """
    target = await _target(context, option, where, character)
    if value is None:
        await _open_form(context, target)
        return
    await defer(context.interaction)
    await context.say(await set_option(context, target, value))


@command()
@app_commands.autocomplete(option=options)
async def show(context: CommandContext, option: str | None = None) -> None:
    """See the server's settings on one page.

    Parameters
    ----------
    option: str
        One option; without one the page shows what is set here
    """
    page = await option_page(context, option_of(option).key if option else "")
    await context.interaction.edit_original_response(view=page.layout())


@command()
@app_commands.autocomplete(option=options, character=characters)
async def why(context: CommandContext, option: str, character: str | None = None) -> None:
    """See why an option has its value here: every scope, and which wins.

    Parameters
    ----------
    option: str
        Which option
    character: str
        As it is while this character speaks
    """
    found = option_of(option)
    id_ = await _character_id(context, character)
    await context.say("\n".join(await why_lines(context, found, id_)))


@command()
@app_commands.autocomplete(option=options, character=characters)
async def reset(
    context: CommandContext,
    option: str,
    where: Where | None = None,
    character: str | None = None,
) -> None:
    """Take back an option, so that the next wider setting counts.

    Parameters
    ----------
    option: str
        Which option
    where: Literal
        For what; the server unless you say otherwise
    character: str
        For one character only
    """
    target = await _target(context, option, where, character)
    await context.say(await reset_option(context, target))


async def _target(
    context: CommandContext, key: str, where: str | None, character: str | None
) -> OptionTarget:
    """Raises NotFound for what does not exist, InvalidOption for a scope the option lacks."""
    option = option_of(key)
    scope = Scope(where) if where else widest(context, option)
    scope = Scope.CHARACTER if character and not where else scope
    here = {found for found, _id in context.place.scopes()} | {Scope.CHARACTER}
    if (
        scope not in option.scopes
        or scope not in here
        or (scope is Scope.CHARACTER) != bool(character)
    ):
        allowed = sorted(found.value for found in option.scopes & here - {Scope.EVERYWHERE})
        raise InvalidOption(key="where", value=scope, expected=tuple(allowed))
    return OptionTarget(option, scope, await _character_id(context, character))


async def _character_id(context: CommandContext, name: str | None) -> int:
    if not name:
        return 0
    return (await context.services.characters.find(context.place, name)).id


async def _open_form(context: CommandContext, target: OptionTarget) -> None:
    """A form with the value that holds for the target, or would."""
    option: Option[object] = target.option
    rows = await ladder(context, option, target.character_id)
    value = next((row.value for row in rows if row.scope is target.scope), option.default)
    is_long = option.type in (OptionType.TEXT, OptionType.LIST)
    field = Field(
        "value",
        help_of(option),
        hint=expected(option.expected),
        long=is_long,
        required=not is_long,
    )
    text = "" if value is None else str(value)

    async def done(context: CommandContext, values: dict[str, str]) -> None:
        await context.say(await set_option(context, target, values["value"]))

    title = _("{key} for {where}", key=option.key, where=target.where)
    await Form(title, [field.filled(text)], done).open(context.interaction)
