"""Private pages: text with rows below it, edited in place at every press.

What a button or select needs stands in its id (`tavern:p:<page>:<verb>:<argument>`), so a page
outlives a restart and has no end. A page is a message of its own kind (Components V2); the same
rows may also stand below an ordinary private answer.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import discord
from cachetools import TTLCache

from bot.command_context import CommandContext, context_of
from bot.discord_text.display_names import shortened
from bot.i18n import _, use
from bot.views.forms import TITLE, Field
from bot.wording.errors import answer, tell

LONGEST = 3800
"""Discord: 4,000 characters in all the texts of a page."""
LONGEST_ANSWER = 2000
OPTIONS = 25
OPTION = 100
KEPT_SECONDS = 900
"""How long something that fits no id is remembered: what a form was refused with, a remedy."""
_MOST_KEPT = 1000

Item = discord.ui.Button[Any] | discord.ui.Select[Any] | discord.ui.ChannelSelect[Any]


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` stand below the text: one select or up to five buttons each."""

    text: str
    rows: Sequence[Sequence[Item]] = ()

    def with_notice(self, notice: str) -> "Page":
        return Page(f"⚠ {notice}\n{self.text}", self.rows) if notice else self

    def layout(self) -> discord.ui.LayoutView:
        """The page as a message of its own kind."""
        view = discord.ui.LayoutView(timeout=None)
        text = shortened(self.text, LONGEST) if len(self.text) > LONGEST else self.text
        view.add_item(discord.ui.TextDisplay(text))
        for row in self.rows:
            if row:
                view.add_item(discord.ui.ActionRow(*map(_lasting, row)))
        return view

    def below(self) -> discord.ui.View:
        """The rows alone, for an ordinary message."""
        view = discord.ui.View(timeout=None)
        for number, row in enumerate([row for row in self.rows if row][:5]):
            for item in row:
                item.row = number
                view.add_item(_lasting(item))
        return view

    def shown(self, *, is_page: bool) -> dict[str, Any]:
        """The arguments of an edit."""
        if is_page:
            return {"view": self.layout()}
        return {"content": self.text[:LONGEST_ANSWER], "view": self.below()}


@dataclass(frozen=True, slots=True)
class PagePress:
    """A button pressed, choices made, or a form sent."""

    interaction: discord.Interaction[Any]
    page: str
    verb: str
    argument: str
    values: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def context(self) -> CommandContext:
        return context_of(self.interaction)

    @property
    def chosen(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def is_page(self) -> bool:
        """Whether what was pressed stands on a page, and not below an ordinary answer."""
        message = self.interaction.message
        return message is None or message.flags.components_v2

    async def wait(self) -> None:
        """Answers Discord, which waits 3 s only; the page is shown when it is made."""
        if self.interaction.response.is_done():
            return
        if self.interaction.message is None:
            await self.interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await self.interaction.response.defer()

    async def show(self, page: Page) -> None:
        """The page as it is now, in place of the one that was pressed."""
        await self.wait()
        await self.interaction.edit_original_response(**page.shown(is_page=self.is_page))

    async def open(self, form: "PageForm") -> None:
        """Shows a form; it has to be the first answer."""
        await self.interaction.response.send_modal(form.modal())


Handler = Callable[[PagePress], Awaitable[None]]
Render = Callable[[CommandContext], Awaitable[Page]]
_handlers: dict[tuple[str, str], Handler] = {}
_renders: dict[str, Render] = {}


def on(page: str, verb: str) -> Callable[[Handler], Handler]:
    """Does this when something of a page is pressed."""

    def made(handler: Handler) -> Handler:
        _handlers[page, verb] = handler
        return handler

    return made


def page_named(page: str) -> Callable[[Render], Render]:
    """Makes a page anew, for what is wrong to be said on it."""

    def made(render: Render) -> Render:
        _renders[page] = render
        return render

    return made


def render_of(page: str) -> Render | None:
    return _renders.get(page)


def button(
    page: str,
    verb: str,
    label: str,
    argument: str = "",
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    custom_id = f"tavern:p:{page}:{verb}:{argument}"
    return discord.ui.Button(label=shortened(label, 80), custom_id=custom_id, style=style)


@dataclass(frozen=True, slots=True)
class PageChoice:
    """One line of a select."""

    label: str
    value: str
    description: str = ""
    is_chosen: bool = False


def select(
    page: str, verb: str, placeholder: str, choices: Sequence[PageChoice], argument: str = ""
) -> discord.ui.Select[Any]:
    """A select of up to 25 choices; the placeholder is also its name for screen readers."""
    return discord.ui.Select(
        custom_id=f"tavern:s:{page}:{verb}:{argument}",
        placeholder=shortened(placeholder, 150),
        options=[
            discord.SelectOption(
                label=shortened(choice.label, OPTION),
                value=choice.value,
                description=shortened(choice.description, OPTION) or None,
                default=choice.is_chosen,
            )
            for choice in choices[:OPTIONS]
        ],
    )


def channel_select(page: str, verb: str, placeholder: str) -> discord.ui.ChannelSelect[Any]:
    return discord.ui.ChannelSelect(
        custom_id=f"tavern:w:{page}:{verb}:",
        placeholder=shortened(placeholder, 150),
        max_values=OPTIONS,
        channel_types=[discord.ChannelType.text, discord.ChannelType.voice],
    )


@dataclass(frozen=True, slots=True)
class RadioField:
    """One of a few choices in a form; none has to be made."""

    key: str
    label: str
    choices: Sequence[PageChoice]

    def label_item(self) -> "discord.ui.Label[Any]":
        group: discord.ui.RadioGroup[Any] = discord.ui.RadioGroup(
            custom_id=self.key,
            required=False,
            options=[
                discord.RadioGroupOption(label=one.label, value=one.value, default=one.is_chosen)
                for one in self.choices
            ],
        )
        return discord.ui.Label(text=shortened(self.label, TITLE), component=group)


@dataclass(frozen=True, slots=True)
class PageForm:
    """A form whose values reach the handler of its page and verb, also after a restart."""

    page: str
    verb: str
    title: str
    fields: Sequence[Field | RadioField]
    argument: str = ""
    text: str = ""

    def modal(self) -> discord.ui.Modal:
        modal = discord.ui.Modal(
            title=shortened(self.title, TITLE),
            custom_id=f"tavern:f:{self.page}:{self.verb}:{self.argument}",
            timeout=None,
        )
        if self.text:
            modal.add_item(discord.ui.TextDisplay(self.text))
        for one in self.fields:
            modal.add_item(one.label_item())
        return modal


_kept: TTLCache[str, Any] = TTLCache(_MOST_KEPT, KEPT_SECONDS)


def keep(what: object) -> str:
    """Remembers what fits no id; the word to ask for it again."""
    token = secrets.token_hex(6)
    _kept[token] = what
    return token


def kept(token: str) -> Any:
    """What was remembered; None where it is gone."""
    return _kept.get(token)


async def pressed(press: PagePress) -> None:
    """Does what was pressed; what is wrong is said on the page."""
    use(press.interaction.locale)
    handler = _handlers.get((press.page, press.verb))
    try:
        if handler is None:
            raise LookupError(f"{press.page}:{press.verb}")
        await handler(press)
    except Exception as error:
        await _say_on_page(press, error)


async def _say_on_page(press: PagePress, error: Exception) -> None:
    render = _renders.get(press.page)
    if render is None or not press.is_page or press.interaction.message is None:
        await answer(press.interaction, error)
        return
    notice = tell(error, f"page {press.page}:{press.verb}")
    try:
        await press.show((await render(press.context)).with_notice(notice))
    except Exception:  # the page itself is gone, or cannot be made
        await answer(press.interaction, error)


async def submitted(interaction: discord.Interaction[Any]) -> None:
    """A form of a page was sent. Others are left to discord.py."""
    data = cast("dict[str, Any]", interaction.data or {})
    found = _FORM.fullmatch(str(data.get("custom_id", "")))
    if found is None:
        return
    fields: dict[str, str] = {}
    for part in data.get("components", []):
        inner = part.get("component") or {}
        values = inner.get("values") or []
        value = inner.get("value") if "value" in inner else ",".join(map(str, values))
        fields[str(inner.get("custom_id", ""))] = str(value or "")
    await pressed(
        PagePress(interaction, found["page"], found["verb"], found["argument"], (), fields)
    )


_REST = r":(?P<page>[a-z]+):(?P<verb>[a-z-]+):(?P<argument>.*)"
_FORM = re.compile(f"tavern:f{_REST}", re.DOTALL)


async def _pressed(item: Any, interaction: discord.Interaction[Any], template: Any) -> None:
    found = template.fullmatch(item.custom_id or "")
    assert found is not None
    values = tuple(str(getattr(one, "id", one)) for one in getattr(item, "values", ()))
    await pressed(PagePress(interaction, found["page"], found["verb"], found["argument"], values))


class PageButton(
    discord.ui.DynamicItem["discord.ui.Button[Any]"], template=re.compile(f"tavern:p{_REST}", re.S)
):
    """A button of a page."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /
    ) -> "PageButton":
        return cls(cast("discord.ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await _pressed(self.item, interaction, self.template)


class PageSelect(
    discord.ui.DynamicItem["discord.ui.Select[Any]"], template=re.compile(f"tavern:s{_REST}", re.S)
):
    """A select of a page."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /
    ) -> "PageSelect":
        return cls(cast("discord.ui.Select[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await _pressed(self.item, interaction, self.template)


class PageChannels(
    discord.ui.DynamicItem["discord.ui.ChannelSelect[Any]"],
    template=re.compile(f"tavern:w{_REST}", re.S),
):
    """A select of channels."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /
    ) -> "PageChannels":
        return cls(cast("discord.ui.ChannelSelect[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await _pressed(self.item, interaction, self.template)


ITEMS = (PageButton, PageSelect, PageChannels)


def _lasting(item: Item) -> Any:
    if isinstance(item, discord.ui.Button):
        return item if item.url else PageButton(item)
    return PageChannels(item) if isinstance(item, discord.ui.ChannelSelect) else PageSelect(item)


def closing_note() -> str:
    """Said of what is no longer there."""
    return _("This page is from before an update. Open it again with `/connect show`.")
