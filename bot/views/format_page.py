"""The page of `/connect format`: all values at once, each with a button that changes it."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import discord

from bot.cogs import _format
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.base import Panel
from bot.views.formatting import Value, values_of
from bot.views.forms import Field, Form
from core.errors import InvalidOption
from core.kind import Kind
from core.models_in_use.active_model import ActiveModel
from core.options.table import (
    ALWAYS_FORCE_NAME,
    CONTEXT_SIZE,
    CUSTOM_STOP,
    MULTIGEN,
    MULTIGEN_FIRST,
    MULTIGEN_NEXT,
    PREFER_CHARACTER_PROMPT,
    REPLY_LENGTH,
    REPLY_START,
    TOKEN_PADDING,
    TOKENIZER,
)
from core.policy.permissions import Action, allowed
from core.presets.bundle import Templates
from core.presets.kinds import PresetKind

PER_ROW = 4
TEMPLATES = {
    "context": PresetKind.CONTEXT,
    "instruct": PresetKind.INSTRUCT,
    "system": PresetKind.SYSTEM,
    "chat": PresetKind.CHAT,
}
SWITCHES = {"name", "prefer"}

Store = Callable[[CommandContext, dict[str, str]], Awaitable[str]]


class FormatPage(Panel):
    """The values of one place. What has no effect now, or is not theirs, nobody can press."""

    def __init__(
        self, context: CommandContext, active_model: ActiveModel, templates: Templates
    ) -> None:
        super().__init__(context.actor.id)
        self._here = context
        self._active_model = active_model
        self._templates = templates
        self.values = values_of(context.engine.backend_pool, active_model, templates)
        may_change = allowed(context.actor, Action.SET_OPTIONS, context.place)
        for number, value in enumerate(self.values):
            button: discord.ui.Button[FormatPage] = discord.ui.Button(
                label=value.label[:80],
                disabled=bool(value.why_not) or not may_change,
                row=number // PER_ROW,
            )
            button.callback = partial(self._pressed, value)  # type: ignore[method-assign]
            self.add_item(button)

    @property
    def embed(self) -> discord.Embed:
        """All values."""
        active_model = self._active_model
        chat, text = _("chat completion"), _("text completion")
        embed = discord.Embed(
            title=_("How prompts are laid out here"),
            description=_(
                "{backend}, {shape}. `/chat template edit` changes a template itself, "
                "`/chat prompt` shows what comes of all this.",
                backend=active_model.spec.name,
                shape=chat if active_model.kind is Kind.CHAT else text,
            ),
        )
        for value in self.values:
            embed.add_field(name=value.label, value=value.shown[:1024], inline=False)
        return embed

    async def _pressed(self, value: Value, interaction: discord.Interaction[Any]) -> None:
        if value.key not in SWITCHES:
            form = form_of(value, self._active_model, self._templates)
            wrapped = Form(form.title, form.fields, partial(self._stored, form.done))
            await interaction.response.send_modal(wrapped.on(self._here))
            return
        await interaction.response.defer()
        options = self._active_model.options
        if value.key == "name":
            await _format.force_name(self._here, not options[ALWAYS_FORCE_NAME])
        else:
            await _format.prefer_card(self._here, not options[PREFER_CHARACTER_PROMPT])
        await self._renew()

    async def _stored(
        self,
        done: Callable[[CommandContext, dict[str, str]], Awaitable[None]],
        context: CommandContext,
        typed: dict[str, str],
    ) -> None:
        await done(context, typed)
        await self._renew()

    async def _renew(self) -> None:
        """Shows the page as it is now; this one is over."""
        page = await page_of(self._here)
        self.stop()
        await self._here.interaction.edit_original_response(embed=page.embed, view=page)


async def page_of(context: CommandContext) -> FormatPage:
    """The page as things are now. Raises NotConfigured."""
    active_model = await context.engine.active_model(context.place)
    return FormatPage(context, active_model, await context.engine.templates(context.place))


def form_of(value: Value, active_model: ActiveModel, templates: Templates) -> Form:
    """The form that changes a value."""
    options = active_model.options
    if value.key in TEMPLATES:
        kind = TEMPLATES[value.key]
        hint = _("“-” = no choice of its own")
        if kind is PresetKind.INSTRUCT:
            hint = _("“-” = no choice of its own, “off” = no instruct mode")
        field = Field("name", _("Name"), hint)
        name = templates.chosen.get(kind.value, "")
        return _form(value, [field.filled(name)], partial(_template, kind))
    size = options[CONTEXT_SIZE]
    batches = "" if not options[MULTIGEN] else str(options[MULTIGEN_FIRST])
    forms: dict[str, tuple[list[Field], Store]] = {
        "tokenizer": (
            [_line("name", _("Tokenizer"), options[TOKENIZER] or "", "best-match")],
            _tokenizer,
        ),
        "padding": ([_line("tokens", _("Tokens"), str(options[TOKEN_PADDING]))], _padding),
        "size": (
            [
                _line("size", _("Prompt and reply together"), str(size or ""), _("as the model")),
                _line("reply", _("The longest reply"), str(options[REPLY_LENGTH])),
            ],
            _size,
        ),
        "stops": (
            [
                Field("strings", _("A JSON list"), '["\\n\\n", "###"]', long=True).filled(
                    json.dumps(options[CUSTOM_STOP], ensure_ascii=False)
                )
            ],
            _stops,
        ),
        "multigen": (
            [
                _line("first", _("Tokens of the first batch"), batches, _("empty = off")),
                _line("next", _("Tokens of each further batch"), str(options[MULTIGEN_NEXT])),
            ],
            _multigen,
        ),
        "start": (
            [
                Field("text", _("Words"), _("empty = none"), long=True, required=False).filled(
                    options[REPLY_START]
                )
            ],
            _start,
        ),
    }
    fields, store = forms[value.key]
    return _form(value, fields, store)


def _form(value: Value, fields: list[Field], store: Store) -> Form:
    async def done(context: CommandContext, typed: dict[str, str]) -> None:
        await context.say(await store(context, typed))

    return Form(value.label, fields, done)


def _line(key: str, label: str, value: str, hint: str = "") -> Field:
    return Field(key, label, hint, required=False, longest=80).filled(value)


def _number(key: str, text: str) -> int:
    try:
        return int(text.strip().replace(",", ""))
    except ValueError:
        raise InvalidOption("no number", key=key, value=text, expected="a whole number") from None


async def _template(kind: PresetKind, context: CommandContext, typed: dict[str, str]) -> str:
    return await _format.choose_template(context, kind, typed["name"])


async def _tokenizer(context: CommandContext, typed: dict[str, str]) -> str:
    return await _format.choose_tokenizer(context, typed["name"])


async def _padding(context: CommandContext, typed: dict[str, str]) -> str:
    return await _format.keep_free(context, _number(TOKEN_PADDING.key, typed["tokens"]))


async def _size(context: CommandContext, typed: dict[str, str]) -> str:
    size = _number(CONTEXT_SIZE.key, typed["size"]) if typed["size"].strip() else 0
    reply = _number(REPLY_LENGTH.key, typed["reply"]) if typed["reply"].strip() else None
    return await _format.resize(context, size, reply)


async def _stops(context: CommandContext, typed: dict[str, str]) -> str:
    return await _format.put_stops(context, typed["strings"])


async def _multigen(context: CommandContext, typed: dict[str, str]) -> str:
    if not typed["first"].strip():
        return await _format.chain(context, False, None, None)
    first = _number(MULTIGEN_FIRST.key, typed["first"])
    following = _number(MULTIGEN_NEXT.key, typed["next"]) if typed["next"].strip() else None
    return await _format.chain(context, True, first, following)


async def _start(context: CommandContext, typed: dict[str, str]) -> str:
    return await _format.begin_with(context, typed["text"])
