"""Says why nothing comes yet."""

from bot.i18n import _
from bot.wording.errors import duration
from core.backends.base import Wait

MARK = "-# ⏳ "
"""Every message that stands in for words to come begins with this."""


def waiting_line(wait: Wait) -> str:
    """One line for a reply that has to wait; it is replaced by the first words."""
    if wait.reason == "queue" and wait.position is not None:
        text = _("Waiting for the model: place {position} in the queue", position=wait.position)
    elif wait.reason == "queue":
        text = _("Waiting for the model: in the queue")
    elif wait.reason == "loading":
        text = _("The model is being loaded")
    elif wait.reason == "tokenizer":
        text = _("Fetching the tokenizer {name}, once", name=wait.detail)
        return f"{MARK}{text}: {wait.percent or 0} %"
    elif wait.reason == "rate-limit":
        text = _("The model's server asks to wait")
    else:
        text = _("The model's server is busy")
    if wait.seconds:
        about = _("about {time}", time=duration(wait.seconds))
        return f"{MARK}{text} ({about})"
    return f"{MARK}{text}…"
