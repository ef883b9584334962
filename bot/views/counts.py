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


def padding(scene: Scene, prompt: Prompt) -> int:
    """Tokens kept free beside the prompt; what a server that counts by itself adds is no such."""
    by_server = scene.counted.is_remote and ESTIMATED not in prompt.notes
    return 0 if by_server else prompt.report.padding


def total(scene: Scene, prompt: Prompt) -> int:
    """Tokens of the prompt as the model gets it, padding left out."""
    report = prompt.report
    return report.sent if report.sent is not None else report.used - padding(scene, prompt)


def limit(scene: Scene, prompt: Prompt) -> int:
    """Tokens that the prompt may have: the context without reply and padding."""
    return prompt.report.budget - padding(scene, prompt)


def budget_lines(scene: Scene, prompt: Prompt) -> list[str]:
    """The sum, what it may be, and who counted."""
    report, counted = prompt.report, scene.counted
    kept_free = padding(scene, prompt)
    counts = _("counted exactly") if is_exact(scene, prompt) else _("estimated")
    lines = [
        _(
            "{total} of {limit} tokens ({counts})",
            total=f"{total(scene, prompt):,}",
            limit=f"{limit(scene, prompt):,}",
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
