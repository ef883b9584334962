"""Says why nothing comes yet."""

from collections.abc import Mapping

from bot.i18n import N_, _
from bot.wording.errors import duration
from core.backends.types import Wait, WaitReason

MARK = "-# ⏳ "
"""Every message that stands in for words to come begins with this."""


_SENTENCES: Mapping[WaitReason, str] = {
    WaitReason.QUEUE: N_("Waiting in line for the model"),
    WaitReason.LOADING: N_("Loading the model"),
    WaitReason.TOKENIZER: N_("Downloading the tokenizer {name} (only this once)"),
    WaitReason.RATE_LIMIT: N_("The model's server asked us to wait"),
    WaitReason.OVERLOAD: N_("The model's server is busy"),
}


def waiting_line(wait: Wait) -> str:
    """One line for a reply that has to wait; it is replaced by the first words."""
    text = _(_SENTENCES[wait.reason], name=wait.tokenizer)
    if wait.reason is WaitReason.QUEUE and wait.position is not None:
        text = _("Waiting for the model, number {position} in line", position=wait.position)
    if wait.reason is WaitReason.TOKENIZER:
        return f"{MARK}{text}: {wait.percent or 0} %"
    if wait.seconds:
        about = _("about {time}", time=duration(wait.seconds))
        return f"{MARK}{text} ({about})"
    return f"{MARK}{text}…"
