"""`/server show`: every option by topic, what it does, what holds here, and a form to change it."""

from collections.abc import Sequence

import discord

from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.forms import Field
from bot.views.option_values import (
    OptionTarget,
    ladder,
    option_of,
    reset_option,
    set_option,
    why_lines,
)
from bot.views.private_page import (
    Item,
    Page,
    PageChoice,
    PageForm,
    PagePress,
    RadioField,
    button,
    on,
    page_named,
    select,
)
from bot.wording.options import SCOPES, TOPICS, help_of, of_topic, shown
from bot.wording.values import expected
from core.chat.place import Scope
from core.options.table import OPTIONS, Option, OptionType
from core.policy.permissions import Action, allowed

PAGE = "options"


async def option_page(context: CommandContext, subject: str = "", said: str = "") -> Page:
    """`subject`: an option's key, a topic, or nothing: what is set here."""
    is_option = subject in OPTIONS
    lines = await why_lines(context, OPTIONS[subject]) if is_option else []
    lines = lines or await _list_lines(context, subject)
    rows: list[Sequence[Item]] = [[_topics(_topic_of(subject))]]
    if topic := _topic_of(subject):
        rows.append([_options(topic, subject)])
    if not allowed(context.actor, Action.SET_OPTIONS, context.place):
        lines.append(f"-# {_('People who manage this server can change this.')}")
    elif is_option:
        rows.append(await _buttons(context, OPTIONS[subject]))
    return Page("\n".join([*([said, ""] if said else []), *lines]), rows)


@page_named(PAGE)
async def _overview(context: CommandContext) -> Page:
    return await option_page(context)


@on(PAGE, "show")
async def _show(press: PagePress) -> None:
    await press.wait()
    await press.show(await option_page(press.context, press.chosen))


@on(PAGE, "change")
async def _change(press: PagePress) -> None:
    option = option_of(press.argument)
    is_long = option.type in (OptionType.TEXT, OptionType.LIST)
    takes = expected(option.expected)
    value = Field("value", _("Value"), hint=takes, long=is_long, required=not is_long)
    scopes = _settable(press.context, option)
    where = RadioField(
        "where",
        _("For"),
        [PageChoice(_(SCOPES[scope]), scope, "", scope is scopes[-1]) for scope in scopes],
    )
    fields: list[Field | RadioField] = [value, where] if len(scopes) > 1 else [value]
    await press.open(PageForm(PAGE, "typed", option.key, fields, option.key, help_of(option)))


@on(PAGE, "typed")
async def _typed(press: PagePress) -> None:
    await press.wait()
    option = option_of(press.argument)
    where = press.fields.get("where") or _settable(press.context, option)[-1]
    target = OptionTarget(option, Scope(where))
    said = await set_option(press.context, target, press.fields["value"])
    await press.show(await option_page(press.context, option.key, said))


@on(PAGE, "reset")
async def _reset(press: PagePress) -> None:
    await press.wait()
    key, _colon, scope = press.argument.partition(":")
    said = await reset_option(press.context, OptionTarget(option_of(key), Scope(scope)))
    await press.show(await option_page(press.context, key, said))


async def _list_lines(context: CommandContext, topic: str) -> list[str]:
    """The options of a topic, or those that are set here."""
    resolved = await context.services.options.resolve(context.place)
    listed = of_topic(topic) if topic else [row for row in OPTIONS.values() if resolved.why(row)]
    lines = []
    for option in listed:
        found, value = resolved.why(option), shown(option, resolved[option])
        where = f" · {_(SCOPES[found[0]])}" if found else ""
        lines.append(f"- `{option.key}` " + (f"**{value}**{where}" if found else value))
    title = _(TOPICS[topic][0]) if topic else _("What is set here")
    return [
        f"### {title}",
        *(lines or [_("Nothing is set yet: every option has its usual value.")]),
    ]


def _topics(chosen: str) -> Item:
    choices = [
        PageChoice(_(title), topic, "", topic == chosen) for topic, (title, _keys) in TOPICS.items()
    ]
    return select(PAGE, "show", _("Choose a topic"), choices, "topic")


def _options(topic: str, chosen: str) -> Item:
    choices = [
        PageChoice(option.key, option.key, help_of(option), option.key == chosen)
        for option in of_topic(topic)
    ]
    return select(PAGE, "show", _("Choose an option"), choices, "option")


async def _buttons(context: CommandContext, option: Option[object]) -> list[Item]:
    has_value = {row.scope for row in await ladder(context, option)}
    primary = discord.ButtonStyle.primary
    return [
        button(PAGE, "change", _("Change"), option.key, primary),
        *(
            button(
                PAGE,
                "reset",
                _("Reset for {where}", where=_(SCOPES[scope])),
                f"{option.key}:{scope}",
            )
            for scope in _settable(context, option)
            if scope in has_value
        ),
    ]


def _settable(context: CommandContext, option: Option[object]) -> list[Scope]:
    """Where somebody who manages the server may set it from here, narrowest first."""
    here = [scope for scope, _id in context.place.scopes() if scope is not Scope.EVERYWHERE]
    return [scope for scope in here if scope in option.scopes] or [Scope.CHARACTER]


def _topic_of(subject: str) -> str:
    if subject in TOPICS:
        return subject
    found = (topic for topic in TOPICS if subject in [option.key for option in of_topic(topic)])
    return next(found, "")
