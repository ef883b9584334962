"""The other pages about a channel's model: values, and one select that changes them.

What has no effect now stands in small grey print with its reason, and is not in the select.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.connection_page import pages_select
from bot.views.format_page import FormatValue, layout_values
from bot.views.forms import Field
from bot.views.private_page import (
    Item,
    Page,
    PageChoice,
    PageForm,
    PagePress,
    button,
    closing_note,
    on,
    page_named,
    select,
)
from bot.views.sampler_values import sampler_values
from bot.views.thinking_values import fallback_values, thinking_values
from core.errors import NotConfigured
from core.policy.permissions import Action, allowed, demand

Values = Callable[[CommandContext], Awaitable[Sequence[FormatValue]]]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One page. `only`: the keys of those values that are shown, in this order; empty: all."""

    name: str
    title: str
    values: Values
    only: tuple[str, ...] = ()
    note: str = ""

    async def shown(self, context: CommandContext) -> list[FormatValue]:
        """Its values as they are now. Raises NotConfigured."""
        found = list(await self.values(context))
        if not self.only:
            return found
        by_key = {value.key: value for value in found}
        return [by_key[key] for key in self.only if key in by_key]

    async def page(self, context: CommandContext, notice: str = "") -> Page:
        lines = [f"### {_(self.title)}", *([notice] if notice else [])]
        try:
            values = await self.shown(context)
        except NotConfigured:
            return Page("\n".join([*lines, _("No model answers here yet.")]))
        if self.note:
            lines.append(f"-# {_(self.note)}")
        lines += [value.line for value in values]
        rows: list[list[Item]] = [[pages_select(self.name)]]
        effective = [value for value in values if not value.why_not]
        if not allowed(context.actor, Action.SET_OPTIONS, context.place):
            lines.append(f"-# {_('People who manage this server can change this.')}")
        elif effective:
            choices = [
                PageChoice(value.label, value.key, (value.text.splitlines() or [""])[0])
                for value in effective
            ]
            rows.append([select(self.name, "change", _("Change…"), choices)])
        return Page("\n".join(lines), rows)


PAGES = (
    SettingsPage(
        "format",
        N_("Prompt format"),
        layout_values,
        note=N_("Templates are edited with `/format template edit`; the result: `/chat prompt`."),
    ),
    SettingsPage(
        "sizes", N_("Context and counting"), layout_values, ("size", "tokenizer", "padding")
    ),
    SettingsPage("samplers", N_("Samplers"), sampler_values),
    SettingsPage("thinking", N_("Thinking"), thinking_values),
    SettingsPage(
        "stops", N_("Stops and reply start"), layout_values, ("stops", "start", "batches")
    ),
    SettingsPage("fallback", N_("If it fails"), fallback_values),
)


def _serve(settings: SettingsPage) -> None:
    """Lets a page be shown, and its values be changed."""
    page_named(settings.name)(settings.page)

    async def value_of(press: PagePress, key: str) -> FormatValue | None:
        demand(press.context.actor, Action.SET_OPTIONS, press.context.place)
        values = await settings.shown(press.context)
        return next((one for one in values if one.key == key and not one.why_not), None)

    @on(settings.name, "change")
    async def change(press: PagePress) -> None:
        value = await value_of(press, press.chosen)
        if value is None:
            await press.show(await settings.page(press.context, closing_note()))
        elif value.choices:
            choices = [PageChoice(_(one), one) for one in value.choices]
            page = await settings.page(press.context)
            row: list[Item] = [select(settings.name, "chosen", value.label, choices, value.key)]
            back: list[Item] = [button(settings.name, "back", _("Back"))]
            await press.show(Page(page.text, [row, back]))
        elif value.fields:
            form = PageForm(settings.name, "typed", value.label, value.fields, value.key)
            await press.open(form)
        else:
            await press.wait()
            notice = await value.store(press.context, {})
            await press.show(await settings.page(press.context, notice))

    @on(settings.name, "back")
    async def back(press: PagePress) -> None:
        await press.show(await settings.page(press.context))

    @on(settings.name, "chosen")
    async def chosen(press: PagePress) -> None:
        await press.wait()
        value = await value_of(press, press.argument)
        notice = closing_note()
        if value is not None:
            notice = await value.store(press.context, {"value": press.chosen})
        await press.show(await settings.page(press.context, notice))

    @on(settings.name, "typed")
    async def typed(press: PagePress) -> None:
        await press.wait()
        value = await value_of(press, press.argument)
        notice = closing_note()
        if value is not None:
            fields: Sequence[Field] = value.fields
            given = {one.key: press.fields.get(one.key, "") for one in fields}
            notice = await value.store(press.context, given)
        await press.show(await settings.page(press.context, notice))


for _settings in PAGES:
    _serve(_settings)


async def format_page(context: CommandContext) -> Page:
    """How prompts are built here, all on one page."""
    return await PAGES[0].page(context)
