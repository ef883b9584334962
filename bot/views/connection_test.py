"""What the doctor found, with a button for each thing that can be mended."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.connection import key_form
from bot.views.model import BEYOND_LIMIT, SMALL_CONTEXT, proposal_text
from bot.views.panels import Panel
from bot.wording.errors import explain
from core.doctor import Fault, Finding, Fix
from core.doctor.finding import ConnectionTest, apply_fix

_SENTENCES: Mapping[Fault, str] = {
    Fault.OFFLINE: N_("Can't reach {name} at <{url}>. Is it running, and is the port right?"),
    Fault.API_OFF: N_(
        "Can't reach {name} at <{url}>. Its API is off unless it's started with `{flag}`. Add "
        "that to `{file}` and restart it."
    ),
    Fault.GUI_PORT: N_(
        "Port {port} is {name}'s web page, not its API. The API is usually at <{to}>."
    ),
    Fault.OTHER_PORT: N_("There's nothing at <{url}>, but I found {name} at <{to}>."),
    Fault.CONTAINER: N_(
        "The bot runs in a container, so <{url}> points to the container itself. Use <{to}> to "
        "reach the machine it runs on."
    ),
    Fault.OTHER_LOOPBACK: N_(
        "There's nothing at <{url}>, but I found a server at <{to}>. “localhost” has an IPv4 and "
        "an IPv6 address, and the server only uses one of them."
    ),
    Fault.NO_HOST: N_("I couldn't find `{host}`. Check <{url}> for a typo."),
    Fault.NO_CONTAINER_HOST: N_(
        "This container doesn't know `host.docker.internal`. Start it with "
        "`--add-host=host.docker.internal:host-gateway`, or use the machine's own address."
    ),
    Fault.NOT_SECURE: N_(
        "The address starts with https, but this server only works with http: <{to}>"
    ),
    Fault.PATH: N_("The end of <{url}> isn't right (`/v1`?). The API is at <{to}>."),
    Fault.OTHER_SERVER: N_("The server at this address is {other}, not {name}."),
    Fault.NO_API: N_(
        "Something answered at <{url}>, but it isn't {name}. Check the port and the path."
    ),
    Fault.NO_KEY: N_("{name} needs a key, and you haven't entered one."),
    Fault.WRONG_KEY: N_(
        "{name} didn't accept the key. Copy it again and make sure it's from the right service "
        "and account."
    ),
    Fault.BEARER: N_("The saved key starts with “Bearer”, which isn't part of the key."),
    Fault.KEY_AS_MODEL: N_(
        "The model or connection name looks like a key. Enter keys with `/connect key` instead. "
        "Create a new key too, because others could see this one."
    ),
    Fault.WRONG_KIND: N_("This model needs {kind} completion."),
    Fault.NO_MODEL: N_(
        "{name} is running, but has no model loaded. Load one there, or choose one with "
        "`/connect model use`."
    ),
    Fault.UNKNOWN_MODEL: N_(
        "{name} doesn't have the model “{model}”. See what it has with `/connect model use`."
    ),
    Fault.SMALL_CONTEXT: SMALL_CONTEXT,
    Fault.BEYOND_LIMIT: BEYOND_LIMIT,
    Fault.OTHER: N_("The server reported an error."),
}


def finding_text(finding: Finding) -> str:
    if finding.fault is Fault.OTHER and finding.error is not None:
        return explain(finding.error) or _(_SENTENCES[Fault.OTHER])
    if finding.fault is Fault.TEMPLATE:
        return proposal_text(finding.facts["source"], finding.facts["template"])
    return _(_SENTENCES[finding.fault], **finding.facts)


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
        parts.append(f"`{shortened(active_model.model, 100)}`")
    parts.append(_("{number} tokens of context", number=f"{active_model.context_size:,}"))
    return " · ".join(parts)


def fix_label(fix: Fix) -> str:
    if fix.new_key:
        return _("Enter the key")
    if fix.trim_key:
        return _("Remove “Bearer”")
    if fix.name:
        return _("Use as {name}", name=fix.name)
    proposed = fix.proposal.instruct if fix.proposal is not None else ""
    name = fix.backend or fix.url.partition("://")[2] or fix.kind or fix.model or proposed
    if name:
        return _("Use {name}", name=name)
    return _("Use {number} tokens", number=f"{fix.context_size or 0:,}")


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
