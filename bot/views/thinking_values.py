"""How much a model thinks and what is seen of it; and what answers if it fails."""

from collections.abc import Sequence

from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.connection_users import to_change
from bot.views.format_page import FormatValue
from bot.views.forms import Field
from core.options.table import REASONING_EFFORT, REASONING_PRESET, REASONING_SHOWN
from core.presets.preset import PresetKind

DEFAULT = "default"
NOTHING = "-"
EFFORTS = (DEFAULT, *REASONING_EFFORT.choices)


async def thinking_values(context: CommandContext) -> Sequence[FormatValue]:
    """Amount, display and tags."""
    active_model = await context.engine.models.active(context.place)
    options = active_model.options
    has_none = active_model.spec.traits(active_model.model).effort == "none"
    marks = options[REASONING_PRESET]
    return [
        FormatValue(
            "effort",
            _("How much it thinks"),
            _(options[REASONING_EFFORT] or DEFAULT),
            _set_effort,
            why_not=_("this model has no such setting") if has_none else "",
            choices=EFFORTS,
        ),
        FormatValue(
            "shown",
            _("Shown under replies"),
            _("on") if options[REASONING_SHOWN] else _("off"),
            _turn_shown,
        ),
        FormatValue(
            "marks",
            _("Tags around thinking"),
            marks or _("all common ones"),
            _set_marks,
            (Field("name", _("Name"), _("“-” = all common ones")).filled(marks or ""),),
        ),
    ]


async def _set_effort(context: CommandContext, typed: dict[str, str]) -> str:
    level = typed["value"]
    await context.set(REASONING_EFFORT, None if level == DEFAULT else level)
    return _("Thinking: **{level}**.", level=_(level))


async def _turn_shown(context: CommandContext, typed: dict[str, str]) -> str:
    on = not (await context.services.options.resolve(context.place))[REASONING_SHOWN]
    await context.set(REASONING_SHOWN, on)
    if on:
        return _("Thinking is now shown under replies, behind a spoiler.")
    return _("Thinking is now hidden. See it any time with `/connect reasoning show`.")


async def _set_marks(context: CommandContext, typed: dict[str, str]) -> str:
    name = typed["name"].strip()
    if name in ("", NOTHING):
        await context.set(REASONING_PRESET, None)
        return _("All common thinking tags are recognized now.")
    found = await context.services.presets.get(context.place, PresetKind.REASONING, name)
    await context.set(REASONING_PRESET, found.name or name)
    return _("Thinking tags: **{name}**.", name=found.name or name)


async def fallback_values(context: CommandContext) -> Sequence[FormatValue]:
    """The connection that answers when the usual one cannot."""
    connection = await context.connection()
    usable = await context.services.connections.usable(context.place)
    others = [one.name for one in usable if one.name != connection.name and len(one.name) <= 100]
    why_not = "" if connection.id else _("the bot's owner decides for this model")
    if not others and not connection.fallback:
        why_not = why_not or _("there is no other saved connection")
    return [
        FormatValue(
            "fallback",
            _("Answers instead"),
            connection.fallback or _("nothing"),
            _set_fallback,
            why_not=why_not,
            choices=(NOTHING, *others[:24]),
        )
    ]


async def _set_fallback(context: CommandContext, typed: dict[str, str]) -> str:
    name = "" if typed["value"] == NOTHING else typed["value"]
    changed = await to_change(context, await context.connection())
    if changed is None:
        return ""
    stored = await context.services.connections.set_fallback(
        context.actor, context.place, changed, name
    )
    text = N_("**{name}** no longer has a fallback.")
    if stored.fallback:
        text = N_("If **{name}** isn't available, **{to}** will answer instead.")
    return _(text, name=stored.name, to=stored.fallback)
