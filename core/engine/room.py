"""What had no room in a prompt: what is said about it, once, and the ways out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.backends.types import Note, NoteCode
from core.chat.message import Attachment, Message
from core.engine.prompter import ESTIMATED
from core.engine.reply_input import ReplyInput
from core.errors import BudgetExceeded
from core.options.table import CONTEXT_SIZE
from core.prompt.context import Context, GivesWay
from core.prompt.prompt import Prompt
from core.reasons import Reason

FILE = "file"
ROUND_SIZE = 1024
"""Contexts are proposed in multiples of this."""
FREE_SHARE = 1.25
"""A proposed context leaves some room for older history."""
LEAST_REPLY = 50
"""Tokens of a reply below which nothing worth reading comes."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is to be said under a reply, and what is to be remembered as said."""

    notes: tuple[Note, ...] = ()
    told: Mapping[str, int] = field(default_factory=dict)


def causes_of(reply_input: ReplyInput, prompt: Prompt) -> dict[str, int]:
    """Everything that was left out, each with the message that it is about."""
    asked = reply_input.asked
    about = asked.id if asked is not None else 0
    causes = {str(part): 0 for part in prompt.left_out}
    if GivesWay.MESSAGE in prompt.left_out:
        causes[GivesWay.MESSAGE] = about
    if _cut_files(asked):
        causes[FILE] = about
    return causes


def left_out(asked: Message | None, causes: Mapping[str, int], told: Mapping[str, int]) -> LeftOut:
    """What of these causes people have not been told yet."""
    new = {cause: about for cause, about in causes.items() if told.get(cause) != about}
    parts = " ".join(cause for cause in new if cause != FILE)
    notes = [Note(NoteCode.LEFT_OUT, parts)] if parts else []
    if FILE in new:
        notes += [
            Note(NoteCode.FILE_TOO_LARGE if file.text is None else NoteCode.FILE_CUT, file.name)
            for file in _cut_files(asked)
        ]
    return LeftOut(tuple(notes), new)


def _cut_files(asked: Message | None) -> list[Attachment]:
    return [file for file in asked.attachments if file.is_cut] if asked is not None else []


def misfit_of(reply_input: ReplyInput, context: Context, prompt: Prompt) -> BudgetExceeded:
    """Why nothing is sent, with a larger context and a shorter reply where they are ways out."""
    report, misfit = prompt.report, prompt.report.misfit
    assert misfit is not None
    sizes = context.sizes
    least = misfit.needed + sizes.reply
    wish = max(least, int((misfit.wished + sizes.reply) * FREE_SHARE))
    served = reply_input.facts.context_size or int(CONTEXT_SIZE.maximum or wish)
    raised = min(-(-wish // ROUND_SIZE) * ROUND_SIZE, served)
    # As much of the reply goes as lets everything in; where that is too much, as has to.
    kept = (sizes.context - misfit.wished, sizes.context - misfit.needed)
    shorter = next((size for size in kept if size >= LEAST_REPLY), 0)
    has_words = any(one.is_user for one in context.history) or context.typed
    return BudgetExceeded(
        Reason.MESSAGE_DOES_NOT_FIT if has_words else Reason.REPLY_DOES_NOT_FIT,
        card=misfit.card,
        settings=misfit.settings,
        reply=report.reply_size,
        context=report.context_size,
        raised=raised if raised >= least and raised > sizes.context else None,
        shorter=shorter if 0 < shorter < sizes.reply else None,
        exact=reply_input.token_counter.is_exact and ESTIMATED not in prompt.notes,
    )
