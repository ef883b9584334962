"""Says why nothing comes yet."""

from bot.i18n import _
from bot.wording.errors import duration
from core.backends.types import Wait, WaitReason

MARK = "-# ⏳ "
"""Every message that stands in for words to come begins with this."""


def waiting_line(wait: Wait) -> str:
    """One line for a reply that has to wait; it is replaced by the first words."""
    if wait.reason is WaitReason.QUEUE and wait.position is not None:
        text = _("Waiting for the model, number {position} in line", position=wait.position)
    elif wait.reason is WaitReason.QUEUE:
        text = _("Waiting in line for the model")
    elif wait.reason is WaitReason.LOADING:
        text = _("Loading the model")
    elif wait.reason is WaitReason.TOKENIZER:
        text = _("Downloading the tokenizer {name} (only this once)", name=wait.tokenizer)
        return f"{MARK}{text}: {wait.percent or 0} %"
    elif wait.reason is WaitReason.RATE_LIMIT:
        text = _("The model's server asked us to wait")
    else:
        text = _("The model's server is busy")
    if wait.seconds:
        about = _("about {time}", time=duration(wait.seconds))
        return f"{MARK}{text} ({about})"
    return f"{MARK}{text}…"
