"""Which lore woke and which was held back, in words."""

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from core.lorebook import Activation, Cause, Drop, Rule
from core.prompt.prompt import Prompt

CAUSES = {
    Cause.KEY: N_("by the key `{key}`"),
    Cause.CONSTANT: N_("always"),
    Cause.STICKY: N_("still awake from before"),
    Cause.DECORATOR: N_("by its own mark"),
}
RULES = {
    Rule.DISABLED: N_("it is switched off"),
    Rule.TRIGGER: N_("not for this kind of reply"),
    Rule.CHARACTER: N_("not for this character"),
    Rule.TAG: N_("not for this character's tags"),
    Rule.DELAY: N_("the chat is too short yet"),
    Rule.COOLDOWN: N_("it is cooling down"),
    Rule.RECURSION_DELAY: N_("only other lore may wake it"),
    Rule.RECURSION_EXCLUDED: N_("other lore may not wake it"),
    Rule.DECORATOR: N_("its own mark forbids it"),
    Rule.SECONDARY_KEYS: N_("the further keys do not fit"),
    Rule.GROUP_STICKY: N_("another one of its group is still awake"),
    Rule.GROUP_SCORE: N_("another one of its group fits better"),
    Rule.GROUP_TAKEN: N_("another one of its group is in already"),
    Rule.GROUP_PRIORITY: N_("another one of its group comes first"),
    Rule.GROUP_DRAW: N_("another one of its group was drawn"),
    Rule.PROBABILITY: N_("the dice were against it"),
    Rule.BUDGET: N_("the lore budget is used up"),
    Rule.EMPTY: N_("it has no text"),
    Rule.NO_OUTLET: N_("it names no outlet"),
}
MOST = 25


def woken_lines(prompt: Prompt) -> list[str]:
    """What woke by what, what was held back by what, and patterns that had to be stopped."""
    lore = prompt.lore
    lines = [_woke(one) for one in lore.activated[:MOST]]
    lines += [_held(one) for one in lore.dropped[: MOST - min(len(lines), MOST)]]
    lines += [
        _("⚠ The pattern `{key}` took too long and was passed over.", key=shortened(one.key, 60))
        for one in lore.stopped[:5]
    ]
    return lines


def _woke(one: Activation) -> str:
    why = _(CAUSES[one.cause], key=shortened(one.key, 60))
    return f"- ✓ **{_title(one)}** — {why}"


def _held(one: Drop) -> str:
    return f"- ✗ {_title(one)} — {_(RULES[one.rule])}"


def _title(one: Activation | Drop) -> str:
    entry = one.entry
    title = entry.comment or ", ".join(entry.keys) or entry.content.strip() or str(entry.uid)
    title = title.replace("\n", " ")
    return f"{shortened(title, 60)} · {shortened(one.book, 30)}"
