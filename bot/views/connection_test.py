"""What the doctor found, with a button for each thing that can be mended."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.base import Panel
from bot.views.connection import key_form
from bot.wording.errors import explain
from core.detect.proposal import Source
from core.doctor import Fault, Finding, Fix
from core.doctor.mend import mend
from core.engine.connection_test import ConnectionTest

_SENTENCES: Mapping[Fault, str] = {
    Fault.OFFLINE: N_("Nothing answers at <{url}>. Is {name} running, and on this port?"),
    Fault.API_OFF: N_(
        "Nothing answers at <{url}>. {name} opens its API only when it is started with `{flag}` "
        "(write it into `{file}`, then restart it)."
    ),
    Fault.GUI_PORT: N_(
        "Port {port} is {name}'s web page, not its API. The API is usually at <{to}>."
    ),
    Fault.OTHER_PORT: N_("Nothing answers at <{url}>, but {name} answers at <{to}>."),
    Fault.CONTAINER: N_(
        "The bot runs in a container, where <{url}> is the container itself. The machine around "
        "it is <{to}>."
    ),
    Fault.OTHER_LOOPBACK: N_(
        "Nothing answers at <{url}>, but a server answers at <{to}>: “localhost” has an IPv4 and "
        "an IPv6 address, and it listens on one of them only."
    ),
    Fault.NO_HOST: N_("There is no host called `{host}`. Look for a typing error in <{url}>."),
    Fault.NOT_SECURE: N_("The address says https, but the server speaks plain http: <{to}>."),
    Fault.PATH: N_("The path of <{url}> is not right (`/v1`?). The API answers at <{to}>."),
    Fault.OTHER_SERVER: N_("At this address runs {other}, not {name}."),
    Fault.NO_API: N_(
        "Something answers at <{url}>, but it is not the API of {name}. Check port and path."
    ),
    Fault.NO_KEY: N_("{name} wants a key, and none is stored."),
    Fault.WRONG_KEY: N_(
        "{name} refuses the key. Copy it anew; a key of another service or account does not fit."
    ),
    Fault.BEARER: N_("The stored key begins with “Bearer”, which is no part of it."),
    Fault.KEY_AS_MODEL: N_(
        "What is stored as model or name looks like a key. Keys have their own place: "
        "`/connect key`. Make a new key, since this one could be read by others."
    ),
    Fault.WRONG_KIND: N_("This model wants {kind} completion."),
    Fault.NO_MODEL: N_(
        "{name} answers, but no model is loaded or chosen: load one there, or choose "
        "one with `/connect model use`."
    ),
    Fault.UNKNOWN_MODEL: N_(
        "{name} does not have the model “{model}”. `/connect model use` suggests those it has."
    ),
    Fault.SMALL_CONTEXT: N_(
        "{wished} tokens of context are asked for, the server gives {real}: that is what is used. "
        "More has to be set where the server is started."
    ),
    Fault.BEYOND_LIMIT: N_("The context in use is larger than this model is good for ({real})."),
    Fault.TEMPLATE: N_("By its name this model wants the **{template}** templates."),
    Fault.OTHER: N_("The server reports a fault."),
}
_SERVER_TEMPLATE = N_("The server's own template is **{template}**; another one is in use here.")


def finding_text(finding: Finding) -> str:
    """One finding as a sentence."""
    if finding.fault is Fault.OTHER and finding.error is not None:
        return explain(finding.error) or _(_SENTENCES[Fault.OTHER])
    if finding.fault is Fault.TEMPLATE and finding.facts.get("source") == Source.SERVER:
        return _(_SERVER_TEMPLATE, **finding.facts)
    return _(_SENTENCES[finding.fault], **finding.facts)


def checkup_text(checkup: ConnectionTest) -> str:
    """Everything that was found, in one message."""
    lines = []
    trial = checkup.trial
    if trial is not None:
        figures = _(
            "First word after {first} s, {rate} tokens a second.",
            first=f"{trial.first_text:.2f}",
            rate=f"{trial.rate:.1f}",
        )
        said = shortened(" ".join(trial.text.split()), 1000)
        lines += [_("**{name}** answers:", name=trial.name), f"> {said}", f"-# {figures}"]
        lines.append(f"-# {_standing_line(checkup)}")
    if checkup.api_page is not None and trial is not None:
        lines.append(f"-# {_page_line(checkup.api_page)}")
    lines += [
        f"{'⚠' if finding.grave else '💡'} {finding_text(finding)}" for finding in checkup.findings
    ]
    return "\n".join(lines)


def _page_line(answers: bool) -> str:
    if answers:
        return _("The page of its API answers.")
    return _("The page of its API does not answer.")


def _standing_line(checkup: ConnectionTest) -> str:
    active_model = checkup.active_model
    parts = [active_model.spec.name, str(active_model.kind)]
    if active_model.model:
        parts.append(f"`{shortened(active_model.model, 100)}`")
    parts.append(_("{number} tokens of context", number=f"{active_model.context_size:,}"))
    return " · ".join(parts)


def fix_label(fix: Fix) -> str:
    """What a button says."""
    if fix.new_key:
        return _("Enter the key")
    if fix.trim_key:
        return _("Take “Bearer” off")
    if fix.backend:
        return _("Use {name}", name=fix.backend)
    if fix.url:
        return _("Use {name}", name=fix.url.partition("://")[2])
    if fix.kind is not None:
        return _("Use {name}", name=fix.kind)
    if fix.model:
        return _("Use {name}", name=fix.model)
    if fix.proposal is not None:
        return _("Use {name}", name=fix.proposal.instruct)
    return _("Use {number} tokens", number=f"{fix.context_size or 0:,}")


class FixButtons(Panel):
    """A button per fix; afterwards it is looked again."""

    def __init__(self, context: CommandContext, checkup: ConnectionTest, say: str) -> None:
        super().__init__(context.actor.id)
        self._here, self._checkup, self._say = context, checkup, say
        fixes = [finding.fix for finding in checkup.findings if finding.fix is not None]
        for fix in fixes[:5]:
            pressed = partial(self._press, fix)
            self.add_button(fix_label(fix), pressed, style=discord.ButtonStyle.primary)

    async def _press(self, fix: Fix, interaction: discord.Interaction[Any]) -> None:
        if fix.new_key:
            await interaction.response.send_modal(key_form(None).on(self._here))
            return
        await interaction.response.defer()
        here = self._here
        dropped = await mend(here.services, here.actor, self._checkup.active_model, fix)
        checkup = await here.engine.check_up(here.place, here.actor, self._say)
        view = FixButtons(here, checkup, self._say)
        text = checkup_text(checkup)
        if dropped:
            lost = _("The address changed, so its key was dropped. `/connect key` sets it anew.")
            text = f"{lost}\n{text}"
        await interaction.edit_original_response(content=text[:2000], view=view)
        self.stop()
