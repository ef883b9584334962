"""What a prompt's counts add up to, and how far they can be relied on."""

from bot.i18n import _
from bot.views.tokens import correction_line, outlook_lines, rule_text, tokenizer_name
from core.engine.prompter import ESTIMATED
from core.engine.scene import Scene
from core.prompt.prompt import Prompt
from core.tokenizers.shelf import Outlook


def is_exact(scene: Scene, prompt: Prompt) -> bool:
    """Whether the counts are the model's own."""
    return scene.counted.is_exact and ESTIMATED not in prompt.notes


def total(prompt: Prompt) -> int:
    """Tokens of the prompt, padding left out."""
    return prompt.report.used - prompt.report.padding


def limit(prompt: Prompt) -> int:
    """Tokens that the prompt may have: the context without reply and padding."""
    return prompt.report.budget - prompt.report.padding


def budget_lines(scene: Scene, prompt: Prompt) -> list[str]:
    """The sum, what it may be, and who counted."""
    report, counted = prompt.report, scene.counted
    counts = _("counted exactly") if is_exact(scene, prompt) else _("estimated")
    lines = [
        _(
            "{total} of {limit} tokens ({counts})",
            total=f"{total(prompt):,}",
            limit=f"{limit(prompt):,}",
            counts=counts,
        ),
        _(
            "Context {context}, reply {reply}, padding {padding}",
            context=f"{report.context_size:,}",
            reply=f"{report.reply_size:,}",
            padding=f"{report.padding:,}",
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
    if report.padding < 0:
        lines.append(_("⚠ Negative padding: the prompt may be longer than the context allows."))
    return lines
