"""What a prompt's counts add up to, and how far they can be relied on."""

from bot.i18n import _
from bot.views.tokens import correction_line, outlook_lines, rule_text, tokenizer_name
from core.engine.prompter import ESTIMATED
from core.engine.reply_input import ReplyInput
from core.prompt.prompt import Prompt
from core.tokenizers.shelf import Outlook


def is_exact(reply_input: ReplyInput, prompt: Prompt) -> bool:
    """Whether the counts are the model's own."""
    return reply_input.counted.is_exact and ESTIMATED not in prompt.notes


def padding(reply_input: ReplyInput, prompt: Prompt) -> int:
    """Tokens kept free beside the prompt; what a server that counts by itself adds is no such."""
    by_server = reply_input.counted.is_remote and ESTIMATED not in prompt.notes
    return 0 if by_server else prompt.report.padding


def total(reply_input: ReplyInput, prompt: Prompt) -> int:
    """Tokens of the prompt as the model gets it, padding left out."""
    report = prompt.report
    return report.sent if report.sent is not None else report.used - padding(reply_input, prompt)


def limit(reply_input: ReplyInput, prompt: Prompt) -> int:
    """Tokens that the prompt may have: the context without reply and padding."""
    return prompt.report.budget - padding(reply_input, prompt)


def budget_lines(reply_input: ReplyInput, prompt: Prompt) -> list[str]:
    """The sum, what it may be, and who counted."""
    report, counted = prompt.report, reply_input.counted
    kept_free = padding(reply_input, prompt)
    counts = _("counted exactly") if is_exact(reply_input, prompt) else _("estimated")
    lines = [
        _(
            "{total} of {limit} tokens ({counts})",
            total=f"{total(reply_input, prompt):,}",
            limit=f"{limit(reply_input, prompt):,}",
            counts=counts,
        ),
        _(
            "Context {context}, reply {reply}, padding {padding}",
            context=f"{report.context_size:,}",
            reply=f"{report.reply_size:,}",
            padding=f"{kept_free:,}",
        ),
        _(
            "Counted by: {name} ({rule})",
            name=tokenizer_name(counted.wanted),
            rule=rule_text(counted.match),
        ),
    ]
    if counted.fault is not None:
        lines += outlook_lines(Outlook(counted.wanted, counted.by))
    if ESTIMATED in prompt.notes:
        lines.append(_("⚠ The server did not count in time; these are estimates."))
    if counted.factor != 1.0:
        lines.append(correction_line(counted.factor))
    if kept_free < 0:
        lines.append(_("⚠ Negative padding: the prompt may be longer than the context allows."))
    return lines
