"""What the doctor found, with a button for each thing that can be mended."""

from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.connection import address_form, key_form
from bot.views.connection_users import to_change
from bot.views.findings import finding_text, fix_label
from bot.views.panels import Panel
from core.detect import shown_name
from core.doctor import Fix
from core.doctor.finding import ConnectionTest, apply_fix


def checkup_text(checkup: ConnectionTest) -> str:
    """Everything that was found, in one message."""
    lines = []
    trial = checkup.trial
    if trial is not None:
        first, rate = f"{trial.first_text:.2f}", f"{trial.rate:.1f}"
        figures = _("First word after {first} s", first=first)
        if float(rate):  # not known where the text came in one piece
            figures = _(
                "First word after {first} s, {rate} tokens a second", first=first, rate=rate
            )
        said = shortened(" ".join(trial.text.split()), 1000)
        lines += [_("**{name}** says:", name=trial.name), f"> {said}", f"-# {figures}"]
        lines.append(f"-# {_model_line(checkup)}")
    if checkup.api_page is not None and trial is not None:
        available = _("The API's documentation page is available.")
        missing = _("The API's documentation page isn't available.")
        lines.append(f"-# {available if checkup.api_page else missing}")
    lines += [
        f"{'⚠' if finding.grave else '💡'} {finding_text(finding)}" for finding in checkup.findings
    ]
    return "\n".join(lines)


def _model_line(checkup: ConnectionTest) -> str:
    active_model = checkup.active_model
    parts = [active_model.spec.name, str(active_model.kind)]
    if active_model.model:
        parts.append(f"`{shortened(shown_name(active_model.model), 100)}`")
    parts.append(_("{number} tokens of context", number=f"{active_model.context_size:,}"))
    return " · ".join(parts)


class FixButtons(Panel):
    """A button per fix; afterwards it is looked again."""

    def __init__(self, context: CommandContext, checkup: ConnectionTest, say: str) -> None:
        super().__init__(context.actor.id)
        self._context, self._checkup, self._say = context, checkup, say
        fixes = [finding.fix for finding in checkup.findings if finding.fix is not None]
        for fix in fixes[:5]:
            self.add_button(
                fix_label(fix), partial(self._press, fix), style=discord.ButtonStyle.primary
            )

    async def _press(self, fix: Fix, interaction: discord.Interaction[Any]) -> None:
        if fix.new_address:
            await interaction.response.send_modal(address_form().modal())
            return
        if fix.new_key:
            in_server = self._context.place.guild_id is not None
            form = key_form(None, in_server=in_server)
            await interaction.response.send_modal(form.modal())
            return
        await interaction.response.defer()
        context = self._context
        active_model = self._checkup.active_model
        worse = await context.engine.doctor.try_fix(context.place, context.actor, active_model, fix)
        if worse:
            kept = _("Nothing was changed, since that address doesn't work either.")
            lines = [kept, *(f"⚠ {finding_text(one)}" for one in worse)]
            text = "\n".join(lines)
            await interaction.edit_original_response(content=text[:2000], view=self)
            return
        if fix.changes_connection:
            changed = await to_change(context, active_model.connection)
            if changed is None:
                return
            active_model = replace(active_model, connection=changed)
        dropped = await apply_fix(context.services, context.actor, active_model, fix)
        checkup = await context.engine.doctor.check_up(context.place, context.actor, self._say)
        view = FixButtons(context, checkup, self._say)
        text = checkup_text(checkup)
        if dropped:
            lost = _(
                "The address changed, so the old key was removed. Enter it again with "
                "`/connect key`."
            )
            text = f"{lost}\n{text}"
        await interaction.edit_original_response(content=text[:2000], view=view)
        self.stop()
