"""What becomes of a wished reply length that is more than can be asked for."""

from bot.i18n import _
from core.models_in_use.models import ActiveModel


def reply_limit(active_model: ActiveModel, wished: int) -> str:
    """Says how much of the wish is used and why; empty where all of it is."""
    sent, longest = active_model.fitting_reply(wished), active_model.longest_reply
    if sent == wished:
        return ""
    if sent == longest:
        return _(
            "Longest reply: {wished} tokens; {name} writes at most {number} at once.",
            wished=f"{wished:,}",
            name=active_model.facts.probe.tier or active_model.spec.name,
            number=f"{sent:,}",
        )
    return _(
        "Longest reply: {wished} tokens; with a context of {size} at most {number} are used.",
        wished=f"{wished:,}",
        size=f"{active_model.context_size:,}",
        number=f"{sent:,}",
    )
