"""Where a reply does not fit into the context: why, privately, with the ways out as buttons."""

from contextlib import suppress
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext, context_of, defer
from bot.i18n import _
from bot.views.format_page import context_text
from bot.views.panels import Panel
from bot.views.prompt_report import prompt_report
from bot.wording.errors import explain
from core.errors import BudgetExceeded
from core.options.table import CONTEXT_SIZE, REPLY_LENGTH, Option
from core.policy.permissions import Action, allowed


async def show_room(interaction: "discord.Interaction[Any]") -> None:
    """What stands in the way of the next reply now, for whoever asks; then it is tried again."""
    await defer(interaction)
    context = context_of(interaction)
    error = await context.engine.misfit(context.place, context.actor)
    if error is None:
        await context.say(_("It fits now. Press “Try again”."))
    else:
        await _tell(context, error, interaction.message)


async def tell_no_room(interaction: "discord.Interaction[Any]", error: BudgetExceeded) -> None:
    """Why nothing was sent, for the person who pressed or typed."""
    await defer(interaction)
    await _tell(context_of(interaction), error)


async def _tell(
    context: CommandContext, error: BudgetExceeded, failed: discord.Message | None = None
) -> None:
    text = explain(error) or ""
    if not allowed(context.actor, Action.SET_OPTIONS, context.place):
        ask = _("People who manage this server can raise the context or shorten the replies.")
        text = f"{text}\n-# {ask}"
    panel = RoomPanel(context, error, failed)
    await context.say(text, view=panel if panel.children else None)


class RoomPanel(Panel):
    """The ways out that are open to a person. `failed`: the public message that says it."""

    def __init__(
        self, context: CommandContext, error: BudgetExceeded, failed: discord.Message | None
    ) -> None:
        super().__init__(context.actor.id)
        self._context, self._failed = context, failed
        actor, place = context.actor, context.place
        raised, shorter = error.facts.get("raised"), error.facts.get("shorter")
        if allowed(actor, Action.SET_OPTIONS, place):
            if isinstance(raised, int):
                label = _("Raise to {number}", number=f"{raised:,}")
                raising = partial(self._set, CONTEXT_SIZE, raised)
                self.add_button(label, raising, style=discord.ButtonStyle.primary)
            if isinstance(shorter, int):
                self.add_button(_("Shorter reply"), partial(self._set, REPLY_LENGTH, shorter))
        if allowed(actor, Action.SEE_PROMPT, place):
            self.add_button(_("Prompt"), self._show_prompt)

    async def _set(
        self, option: Option[Any], value: int, interaction: "discord.Interaction[Any]"
    ) -> None:
        """Sets the size here, and goes on where it stopped."""
        context = self._context
        await interaction.response.defer()
        await context.set(option, value)
        active_model = await context.engine.models.active(context.place)
        text = _("Context: {text}", text=context_text(active_model))
        if self._failed is None:
            text = f"{text}. " + _("Try it again.")
        await interaction.edit_original_response(content=text, view=None)
        self.stop()
        if self._failed is not None:
            with suppress(discord.HTTPException):
                await self._failed.delete()
            context.channel.ask(context.actor, 0.0)

    async def _show_prompt(self, interaction: "discord.Interaction[Any]") -> None:
        await defer(interaction)
        context = context_of(interaction)
        preview = await context.engine.inspect(context.place, context.actor)
        await context.say(**await prompt_report(preview))
