"""Which lore woke and which was held back, in words."""

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from core.lorebook import Activation, Cause, Drop, Rule
from core.prompt.prompt import Prompt

CAUSES = {
    Cause.KEY: N_("triggered by `{key}`"),
    Cause.CONSTANT: N_("always on"),
    Cause.STICKY: N_("still active from before"),
    Cause.DECORATOR: N_("turned on by the entry itself"),
}
RULES = {
    Rule.DISABLED: N_("turned off"),
    Rule.TRIGGER: N_("not for this kind of reply"),
    Rule.CHARACTER: N_("not for this character"),
    Rule.TAG: N_("not for this character's tags"),
    Rule.DELAY: N_("the chat is still too short"),
    Rule.COOLDOWN: N_("on cooldown"),
    Rule.RECURSION_DELAY: N_("only other entries can trigger it"),
    Rule.RECURSION_EXCLUDED: N_("other entries can't trigger it"),
    Rule.DECORATOR: N_("turned off by the entry itself"),
    Rule.SECONDARY_KEYS: N_("the extra keywords don't match"),
    Rule.GROUP_STICKY: N_("another entry in its group is still active"),
    Rule.GROUP_SCORE: N_("another entry in its group matches better"),
    Rule.GROUP_TAKEN: N_("another entry in its group is already in"),
    Rule.GROUP_PRIORITY: N_("another entry in its group comes first"),
    Rule.GROUP_DRAW: N_("another entry in its group was picked"),
    Rule.PROBABILITY: N_("the random chance didn't hit"),
    Rule.BUDGET: N_("no room left for more lore"),
    Rule.EMPTY: N_("it's empty"),
    Rule.NO_OUTLET: N_("it has no outlet set"),
}
MOST = 25


def lore_lines(prompt: Prompt) -> list[str]:
    """What woke by what, what was held back by what, and patterns that had to be stopped."""
    lore = prompt.lore
    lines = [_woke(one) for one in lore.activated[:MOST]]
    lines += [_held(one) for one in lore.dropped[: MOST - min(len(lines), MOST)]]
    lines += [
        _("⚠ The pattern `{key}` took too long, so it was skipped.", key=shortened(one.key, 60))
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
