"""How prompts are laid out and counted here: each value with its text, and how it is changed.

The commands and the pages about the model change the same values in the same words: each
function stores what it is given and answers with what holds then. All raise NotAllowed, and
NotFound or InvalidOption for values that cannot be.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.forms import Field
from bot.views.model import small_context_text, smaller_text
from bot.views.reply_length import reply_limit
from bot.views.templates import LABELS, NOTHING, choose_template, listed, set_stops, story_warning
from bot.views.tokens import choose_tokenizer, padding_unused, set_padding, tokenizer_lines
from core.errors import InvalidOption
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool
from core.models_in_use.models import ActiveModel
from core.options.table import (
    ALWAYS_FORCE_NAME,
    CONTEXT_SIZE,
    CONTEXT_WISH,
    CUSTOM_STOP,
    MULTIGEN,
    MULTIGEN_FIRST,
    MULTIGEN_NEXT,
    PREFER_CHARACTER_PROMPT,
    REPLY_LENGTH,
    REPLY_START,
    TOKEN_PADDING,
    TOKENIZER,
    Option,
    OptionType,
    Resolved,
)
from core.presets.preset import PresetKind, Templates

SAID = {
    (ALWAYS_FORCE_NAME, True): N_("Prompts without instruct mode end with the character's name."),
    (ALWAYS_FORCE_NAME, False): N_("Prompts without instruct mode end with the last message."),
    (PREFER_CHARACTER_PROMPT, True): N_("If a card has its own main prompt, it's used."),
    (PREFER_CHARACTER_PROMPT, False): N_("This channel's system prompt is used for every card."),
}

Store = Callable[[CommandContext, dict[str, str]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class FormatValue:
    """One value of the page. Without fields the press alone changes it.

    `why_not` says why it has no effect now; empty where it has one. `choices`: what the first
    field takes, where that is one of a few.
    """

    key: str
    label: str
    text: str
    store: Store
    fields: tuple[Field, ...] = ()
    why_not: str = ""
    choices: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Label and text; in small grey print with the reason where it has no effect."""
        first, *others = self.text.splitlines() or [""]
        if not self.why_not:
            return "\n".join([f"**{self.label}** {first}", *others])
        return "\n".join(
            [
                f"-# {self.label}: {first} — {self.why_not}",
                *(f"-# {line.removeprefix('-# ')}" for line in others),
            ]
        )


async def layout_values(context: CommandContext) -> list[FormatValue]:
    """Everything about how prompts are built here. Raises NotConfigured."""
    active_model = await context.engine.models.active(context.place)
    templates = await context.engine.models.templates_of(active_model)
    return [
        *_layouts(active_model, templates),
        *_counts(context.engine.models.pool, active_model),
        *_replies(active_model, templates),
    ]


def _layouts(active_model: ActiveModel, templates: Templates) -> Iterable[FormatValue]:
    is_chat = active_model.kind is Kind.CHAT
    for kind, label in LABELS.items():
        name = templates.chosen.get(kind.value, "")
        text = name or _("off")
        if (
            kind is PresetKind.CONTEXT
            and not is_chat
            and (warning := story_warning(templates, active_model.options))
        ):
            text += f"\n{warning}"
        hint = _("“-” = automatic")
        if kind is PresetKind.INSTRUCT:
            hint = _("“-” = automatic, “off” = no instruct mode")
        why_not = ""
        if is_chat != (kind is PresetKind.CHAT):
            why_not = (
                _("no effect in chat completion") if is_chat else _("no effect in text completion")
            )
        fields = (Field("name", _("Name"), hint).filled(name),)
        yield FormatValue(
            f"template-{kind.value}", _(label), text, partial(_template, kind), fields, why_not
        )


def _counts(pool: BackendPool, active_model: ActiveModel) -> Iterable[FormatValue]:
    options = active_model.options
    own = _("can't be changed in chat completion") if active_model.kind is Kind.CHAT else ""
    lines = tokenizer_lines(pool, active_model)
    first = lines[0].partition(": ")[2] or lines[0]
    padding = options[TOKEN_PADDING]
    stops: list[str] = options[CUSTOM_STOP]
    size = str(options[CONTEXT_SIZE] or "")
    yield FormatValue(
        "tokenizer",
        _("Tokenizer"),
        "\n".join([first, *lines[1:]]),
        lambda context, typed: choose_tokenizer(context, typed["name"]),
        (_line("name", _("Tokenizer"), options[TOKENIZER] or "", "best-match"),),
        own,
    )
    yield FormatValue(
        "padding",
        _("Token padding"),
        _("{number} tokens", number=f"{padding:,}"),
        lambda context, typed: set_padding(context, _number(TOKEN_PADDING, typed["tokens"]) or 0),
        (_line("tokens", _("Tokens"), str(padding)),),
        padding_unused(pool, active_model),
    )
    yield FormatValue(
        "size",
        _("Context size"),
        context_text(active_model),
        _size,
        (
            _line("size", _("Prompt and reply together"), size, _("empty = automatic")),
            _line("reply", _("Longest reply"), str(options[REPLY_LENGTH])),
        ),
    )
    written = json.dumps(stops, ensure_ascii=False)
    yield FormatValue(
        "stops",
        _("Stop strings"),
        listed(stops) if stops else _("none"),
        lambda context, typed: set_stops(context, typed["strings"]),
        (Field("strings", _("A JSON list"), '["\\n\\n", "###"]', long=True).filled(written),),
    )


def _replies(active_model: ActiveModel, templates: Templates) -> Iterable[FormatValue]:
    options = active_model.options
    no_batches = _("no effect in chat completion") if active_model.kind is Kind.CHAT else ""
    in_instruct = _("no effect in instruct mode") if templates.instruct is not None else ""
    start = options[REPLY_START]
    first = str(options[MULTIGEN_FIRST]) if options[MULTIGEN] else ""
    yield FormatValue(
        "batches",
        _("Batches (Multigen)"),
        multigen_text(options),
        _multigen,
        (
            _line("first", _("Tokens in the first batch"), first, _("empty = off")),
            _line("next", _("Tokens in each later batch"), str(options[MULTIGEN_NEXT])),
        ),
        no_batches,
    )
    yield FormatValue(
        "start",
        _("Replies start with"),
        shortened(start, 200) if start else _("nothing"),
        lambda context, typed: set_reply_start(context, typed["text"]),
        (Field("text", _("Words"), _("empty = none"), long=True, required=False).filled(start),),
    )
    for option, label, why_not in (
        (ALWAYS_FORCE_NAME, _("End with the character's name"), no_batches or in_instruct),
        (PREFER_CHARACTER_PROMPT, _("Prefer the card's main prompt"), ""),
    ):
        text = _("on") if options[option] else _("off")
        key = option.key.rpartition(".")[2].replace("_", "-")
        yield FormatValue(key, label, text, partial(_turned, option), why_not=why_not)


def context_text(active_model: ActiveModel) -> str:
    """Context and reply in tokens, with what decided their size."""
    wished = active_model.options[REPLY_LENGTH]
    text = _(
        "{size} tokens, {reply} of them for the reply",
        size=f"{active_model.context_size:,}",
        reply=f"{active_model.fitting_reply(wished):,}",
    )
    if shortened_reply := reply_limit(active_model, wished):
        text += f"\n-# {shortened_reply}"
    first, *others = text.splitlines()
    if active_model.options.is_nearer(CONTEXT_WISH, CONTEXT_SIZE):
        return "\n".join([_("{text} (from a preset)", text=first), *others])
    if active_model.options[CONTEXT_SIZE] is not None:
        return text
    lines = [_("{text} (automatic)", text=first), *others]
    if reason := smaller_text(active_model):
        lines.append(f"-# {reason}")
    return "\n".join(lines)


def multigen_text(options: Resolved) -> str:
    """Whether and how replies come in batches."""
    if not options[MULTIGEN]:
        return _("off")
    return _(
        "{first} tokens, then {next} at a time, instead of a stream",
        first=options[MULTIGEN_FIRST],
        next=options[MULTIGEN_NEXT],
    )


async def set_sizes(context: CommandContext, size: int | None, reply: int | None) -> str:
    """Tokens of prompt and reply together (0: as model and server say), and of the reply."""
    if size:
        before = await context.engine.models.active(context.place)
        served, tier = before.facts.context_size, before.facts.probe.tier
        if tier and served and size > served:
            # The wish cannot come true before the subscription is another one.
            return _(
                "The subscription {tier} at {name} has {number} tokens of context. Nothing was "
                "changed.",
                tier=tier,
                name=before.spec.name,
                number=f"{served:,}",
            )
    await context.set_given((CONTEXT_SIZE, size or None), (REPLY_LENGTH, reply))
    if size == 0:
        await context.set(CONTEXT_SIZE, None)
        await context.set(CONTEXT_WISH, None)
    active_model = await context.engine.models.active(context.place)
    text = _("Context: {text}", text=context_text(active_model))
    served = active_model.facts.context_size
    if size and served and size > served:
        text += "\n⚠ " + small_context_text(active_model, size, served)
    return text


async def set_reply_start(context: CommandContext, text: str | None) -> str:
    """The words that every reply begins with; None shows them."""
    if text is not None:
        await context.set(REPLY_START, None if text.strip() in (NOTHING, "") else text)
    words = (await context.services.options.resolve(context.place))[REPLY_START]
    if not words:
        return _("Replies start however the model likes.")
    return _("Every reply starts with:") + f"\n>>> {shortened(words, 1800)}"


async def set_multigen(
    context: CommandContext, on: bool | None, first: int | None, following: int | None
) -> str:
    """Whether replies come in batches, and of how many tokens."""
    await context.set_given((MULTIGEN, on), (MULTIGEN_FIRST, first), (MULTIGEN_NEXT, following))
    active_model = await context.engine.models.active(context.place)
    text = _("Batches (Multigen): {text}", text=multigen_text(active_model.options))
    if active_model.kind is Kind.CHAT and active_model.options[MULTIGEN]:
        text += "\n" + _("This has no effect right now: chat completion doesn't support batches.")
    return text


async def set_switch(context: CommandContext, option: Option[bool], on: bool) -> str:
    """One of the two switches of the page."""
    await context.set(option, on)
    return _(SAID[option, on])


def _line(key: str, label: str, value: str, hint: str = "") -> Field:
    return Field(key, label, hint, required=False, longest=80).filled(value)


def _number(option: Option[Any], text: str) -> int | None:
    try:
        return int(text.replace(",", "")) if text.strip() else None
    except ValueError:
        raise InvalidOption(key=option.key, value=text, expected=OptionType.INTEGER) from None


async def _template(kind: PresetKind, context: CommandContext, typed: dict[str, str]) -> str:
    return await choose_template(context, kind, typed["name"])


async def _size(context: CommandContext, typed: dict[str, str]) -> str:
    size, reply = _number(CONTEXT_SIZE, typed["size"]), _number(REPLY_LENGTH, typed["reply"])
    return await set_sizes(context, size or 0, reply)


async def _multigen(context: CommandContext, typed: dict[str, str]) -> str:
    first = _number(MULTIGEN_FIRST, typed["first"])
    following = _number(MULTIGEN_NEXT, typed["next"]) if first is not None else None
    return await set_multigen(context, first is not None, first, following)


async def _turned(option: Option[bool], context: CommandContext, typed: dict[str, str]) -> str:
    on = (await context.services.options.resolve(context.place))[option]
    return await set_switch(context, option, not on)
