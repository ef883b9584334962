"""Why a reply does not fit, and the ways out."""

from core.engine.prompter import ESTIMATED
from core.engine.reply_input import ReplyInput
from core.errors import BudgetExceeded
from core.options.table import CONTEXT_SIZE
from core.prompt.context import Context
from core.prompt.prompt import Prompt
from core.reasons import Reason

ROUND_SIZE = 1024
"""Contexts are proposed in multiples of this."""
FREE_SHARE = 1.25
"""A proposed context leaves some room for older history."""
LEAST_REPLY = 50
"""Tokens of a reply below which nothing worth reading comes."""


def misfit_of(reply_input: ReplyInput, context: Context, prompt: Prompt) -> BudgetExceeded:
    """Why nothing is sent, with a larger context and a shorter reply where they are ways out."""
    report, misfit = prompt.report, prompt.report.misfit
    assert misfit is not None
    sizes = context.sizes
    least = misfit.needed + sizes.reply
    wish = max(least, int((misfit.wished + sizes.reply) * FREE_SHARE))
    served = reply_input.facts.context_size or int(CONTEXT_SIZE.maximum or wish)
    raised = min(-(-wish // ROUND_SIZE) * ROUND_SIZE, served)
    shorter = sizes.context - misfit.needed
    has_words = any(one.is_user for one in context.history) or context.typed
    return BudgetExceeded(
        Reason.MESSAGE_DOES_NOT_FIT if has_words else Reason.REPLY_DOES_NOT_FIT,
        card=misfit.card,
        settings=misfit.settings,
        reply=report.reply_size,
        context=report.context_size,
        raised=raised if raised >= least and raised > sizes.context else None,
        shorter=shorter if LEAST_REPLY <= shorter < sizes.reply else None,
        exact=reply_input.token_counter.is_exact and ESTIMATED not in prompt.notes,
    )
