"""An entry of a lorebook as a form; and which lore woke or was held back, in words."""

import math
from typing import Any

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.forms import Field
from core.errors import InvalidOption, NotFound
from core.lorebook import Activation, Cause, Drop, Entry, Rule
from core.options.table import OptionType
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
    return f"- ✓ **{_title(one)}** — {_(CAUSES[one.cause], key=shortened(one.key, 60))}"


def _held(one: Drop) -> str:
    return f"- ✗ {_title(one)} — {_(RULES[one.rule])}"


def _title(one: Activation | Drop) -> str:
    entry = one.entry
    title = entry.comment or ", ".join(entry.keys) or entry.content.strip() or str(entry.uid)
    title = title.replace("\n", " ")
    return f"{shortened(title, 60)} · {shortened(one.book, 30)}"


def entry_title(entry: Entry) -> str:
    """What an entry is called: its title, else its keys, else how it begins."""
    title = entry.comment or ", ".join(entry.keys) or entry.content.replace("\n", " ")
    return shortened(title.strip(), 60)


def entry_numbered(entries: tuple[Entry, ...], wanted: str) -> Entry:
    """The entry of this number. Raises NotFound."""
    for entry in entries:
        if str(entry.uid) == wanted.strip():
            return entry
    raise NotFound(what="entry", name=wanted)


def entry_form(entry: Entry) -> list[Field]:
    keys, secondary = ", ".join(entry.keys), ", ".join(entry.secondary_keys)
    return [
        Field("comment", _("Title"), value=entry.comment, required=False, longest=100),
        Field("keys", _("Keywords, separated by commas"), _("Leave empty to always include it"),
              keys, required=False),
        Field("secondary_keys", _("More keywords, one must also appear"), "", secondary,
              required=False),
        Field("content", _("Text"), _("What the model should know"), entry.content, long=True),
        Field("order", _("Order (higher comes later)"), "", f"{entry.order:g}", longest=8),
    ]  # fmt: skip


def entry_fields(values: dict[str, str]) -> dict[str, Any]:
    """The form's texts as fields of an entry."""
    keys = split(values["keys"])
    return {
        "comment": values["comment"].strip(),
        "keys": keys,
        "secondary_keys": split(values["secondary_keys"]),
        "content": values["content"],
        "constant": not keys,
        "order": order_of(values["order"]),
    }


def order_of(typed: str) -> float:
    """The number that was typed. Raises InvalidOption."""
    try:
        order = float(typed.strip().replace(",", "."))
    except ValueError:
        order = math.nan
    if not math.isfinite(order):
        raise InvalidOption(key="order", value=typed, expected=OptionType.NUMBER)
    return order


def split(text: str) -> tuple[str, ...]:
    """Keys separated by commas; a comma inside /…/ belongs to the pattern."""
    keys: list[str] = []
    for piece in text.split(","):
        if keys and keys[-1].startswith("/") and not closed(keys[-1]):
            keys[-1] = f"{keys[-1]},{piece}"
        else:
            keys.append(piece.strip())
    return tuple(key for key in (key.strip() for key in keys) if key)


def closed(key: str) -> bool:
    """Whether a pattern that began with a slash has its second one."""
    return len(key) > 1 and key.rstrip("gimsuy").endswith("/") and len(key.rstrip("gimsuy")) > 1
