"""How prompts are laid out here: every value with its text, and whether it counts now."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.stops import listed
from bot.views.tokens import tokenizer_lines
from core.kind import Kind
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.backend_pool import BackendPool
from core.options.option import Resolved
from core.options.table import (
    ALWAYS_FORCE_NAME,
    CONTEXT_SIZE,
    CUSTOM_STOP,
    MULTIGEN,
    MULTIGEN_FIRST,
    MULTIGEN_NEXT,
    PREFER_CHARACTER_PROMPT,
    REPLY_LENGTH,
    REPLY_START,
    TOKEN_PADDING,
    TOKENIZER,
)
from core.presets.bundle import Templates
from core.presets.kinds import PresetKind
from core.prompt.story.parameters import missing_parameters
from core.tokenizers.match import REMOTE


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the page. `why_not` says why it has no effect now; empty where it has one."""

    key: str
    label: str
    text: str
    why_not: str = ""

    @property
    def shown(self) -> str:
        """The text, greyed out where it has no effect."""
        if not self.why_not:
            return self.text
        first, *others = self.text.splitlines()
        return "\n".join(f"-# {line}" for line in (f"{first} — {self.why_not}", *others))


def padding_text(backend_pool: BackendPool, active_model: ActiveModel) -> str:
    """The padding, and why it is not applied where it is not."""
    number = _("{number} tokens", number=f"{active_model.options[TOKEN_PADDING]:,}")
    why_not = padding_unused(backend_pool, active_model)
    return f"{number} — {why_not}" if why_not else number


def padding_unused(backend_pool: BackendPool, active_model: ActiveModel) -> str:
    """Why no padding is applied; empty where it is."""
    if active_model.kind is Kind.CHAT:
        return _("not applied: chat completion is counted with the model's own tokenizer")
    override = active_model.options[TOKENIZER]
    match, _unfit = backend_pool.match(
        active_model.connection, active_model.kind, active_model.model, override
    )
    return _("not applied: the server itself counts") if match.tokenizer == REMOTE else ""


def context_text(active_model: ActiveModel) -> str:
    """Context and reply in tokens."""
    text = _(
        "{size} tokens, {reply} of them for the reply",
        size=f"{active_model.context_size:,}",
        reply=f"{active_model.options[REPLY_LENGTH]:,}",
    )
    own = active_model.options[CONTEXT_SIZE] is not None
    return text if own else _("{text} (by the model and its server)", text=text)


def multigen_text(options: Resolved) -> str:
    """Whether and how replies come in batches."""
    if not options[MULTIGEN]:
        return _("off")
    return _(
        "{first} tokens, then {next} each, instead of a stream",
        first=options[MULTIGEN_FIRST],
        next=options[MULTIGEN_NEXT],
    )


def values_of(
    backend_pool: BackendPool, active_model: ActiveModel, templates: Templates
) -> list[Value]:
    """All values of the page, in its order."""
    return [
        *_layouts(active_model, templates),
        *_counts(backend_pool, active_model),
        *_replies(active_model, templates),
    ]


def story_warning(templates: Templates) -> str:
    """What of a card is not sent because the story string has no place for it."""
    missing = missing_parameters(templates.context.story_string)
    if not missing:
        return ""
    names = ", ".join(f"`{name}`" for name in missing)
    return _("⚠ Not in the story string, so not sent at all: {names}", names=names)


def _layouts(active_model: ActiveModel, templates: Templates) -> Sequence[Value]:
    chosen, is_chat = templates.chosen, active_model.kind is Kind.CHAT
    no_text = _("no effect in chat completion") if is_chat else ""
    no_chat = "" if is_chat else _("no effect in text completion")
    names = {kind: chosen.get(kind.value) or _("off") for kind in PresetKind}
    context = names[PresetKind.CONTEXT]
    if not is_chat and (warning := story_warning(templates)):
        context += f"\n{warning}"
    return (
        Value("context", _("Context template"), context, no_text),
        Value("instruct", _("Instruct template"), names[PresetKind.INSTRUCT], no_text),
        Value("system", _("System prompt"), names[PresetKind.SYSTEM], no_text),
        Value("chat", _("Prompt list"), names[PresetKind.CHAT], no_chat),
    )


def _counts(backend_pool: BackendPool, active_model: ActiveModel) -> Sequence[Value]:
    is_chat = active_model.kind is Kind.CHAT
    own = _("cannot be changed in chat completion") if is_chat else ""
    lines = tokenizer_lines(backend_pool, active_model)
    first = lines[0].partition(": ")[2] or lines[0]
    number = _("{number} tokens", number=f"{active_model.options[TOKEN_PADDING]:,}")
    stops: list[str] = active_model.options[CUSTOM_STOP]
    return (
        Value("tokenizer", _("Tokenizer"), "\n".join([first, *lines[1:]]), own),
        Value("padding", _("Token padding"), number, padding_unused(backend_pool, active_model)),
        Value("size", _("Context size"), context_text(active_model)),
        Value("stops", _("Stop strings"), listed(stops) if stops else _("none")),
    )


def _replies(active_model: ActiveModel, templates: Templates) -> Sequence[Value]:
    options, is_chat = active_model.options, active_model.kind is Kind.CHAT
    no_chain = _("no effect in chat completion") if is_chat else ""
    no_name = no_chain
    if not is_chat and templates.instruct is not None:
        no_name = _("no effect in instruct mode")
    start = options[REPLY_START]
    on, off = _("on"), _("off")
    return (
        Value("multigen", _("Batches (Multigen)"), multigen_text(options), no_chain),
        Value("start", _("Replies begin with"), shortened(start, 200) if start else _("nothing")),
        Value("name", _("Name at the end"), on if options[ALWAYS_FORCE_NAME] else off, no_name),
        Value(
            "prefer",
            _("Card's own main prompt first"),
            on if options[PREFER_CHARACTER_PROMPT] else off,
        ),
    )
