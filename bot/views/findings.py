"""What the doctor finds, in words, and what its remedies are called."""

from collections.abc import Mapping

from bot.i18n import N_, _
from bot.views.model import BEYOND_LIMIT, SMALL_CONTEXT, proposal_text
from bot.wording.errors import explain
from core.doctor import Fault, Finding, Fix

_SENTENCES: Mapping[Fault, str] = {
    Fault.NO_ADDRESS: N_("The address of {name} is missing."),
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


def fix_label(fix: Fix) -> str:
    if fix.new_key:
        return _("Enter the key")
    if fix.new_address:
        return _("Enter the address")
    if fix.trim_key:
        return _("Remove “Bearer”")
    if fix.name:
        return _("Use as {name}", name=fix.name)
    proposed = fix.proposal.instruct if fix.proposal is not None else ""
    name = fix.backend or fix.url.partition("://")[2] or fix.kind or fix.model or proposed
    if name:
        return _("Use {name}", name=name)
    return _("Use {number} tokens", number=f"{fix.context_size or 0:,}")
