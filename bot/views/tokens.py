"""Which tokenizer counts here, by which rule, and how far its numbers can be relied on."""

from collections.abc import Mapping

from bot.command_context import CommandContext
from bot.i18n import N_, _
from core.backends.catalog import Catalog
from core.errors import InvalidOption
from core.kind import Kind
from core.models_in_use.backend_pool import COUNTS_INSTEAD, BackendPool, counts_remotely
from core.models_in_use.models import ActiveModel, TokenCount
from core.models_in_use.token_counter import TokenCounter
from core.options.table import TOKEN_PADDING, TOKENIZER
from core.reasons import Reason
from core.tokenizers.best_match import BEST_MATCH, REMOTE, Match, TokenizerRule, is_own, overridden
from core.tokenizers.catalog import TokenizerRow, find
from core.tokenizers.store import Availability

RULES: Mapping[TokenizerRule, str] = {
    TokenizerRule.OVERRIDE: N_("chosen with `/connect tokenizer`"),
    TokenizerRule.API: N_("counted by the server"),
    TokenizerRule.BACKEND: N_("usual for this service"),
    TokenizerRule.MODEL: N_("because of “{word}” in the model's name"),
    TokenizerRule.FALLBACK: N_("fallback, because this model is unknown"),
}


def tokenizer_name(row: TokenizerRow) -> str:
    if row.kind == "remote":
        return _("the server's own")
    return _("estimate (3.35 bytes per token)") if row.kind == "estimate" else row.name


def rule_text(match: Match) -> str:
    return _(RULES[match.rule], word=match.word)


def tokenizer_lines(backend_pool: BackendPool, active_model: ActiveModel) -> list[str]:
    """The tokenizer of a place with what has to be known about it; nothing is counted for it."""
    match, unfit = backend_pool.match(
        active_model.connection,
        active_model.kind,
        active_model.model,
        active_model.options[TOKENIZER],
    )
    available = (
        backend_pool.tokenizers.availability(match.tokenizer) if match.tokenizer != REMOTE else None
    )
    lines = [
        _(
            "Tokenizer: {name} ({rule})",
            name=tokenizer_name(available.wanted) if available else _("the server's own"),
            rule=rule_text(match),
        )
    ]
    if available is not None:
        lines += availability_lines(available, downloads=backend_pool.tokenizers.downloads.allowed)
    elif not backend_pool.counts_itself(active_model.connection, active_model.model):
        by = backend_pool.tokenizers.standing_in(COUNTS_INSTEAD)
        lines.append(uncounted_line(by))
    if unfit and active_model.kind is Kind.CHAT:
        lines.append(_("-# `{name}` is only used for text completion.", name=unfit))
    elif unfit:
        lines.append(_("-# `{name}` doesn't work with this service.", name=unfit))
    factor = backend_pool.correction(active_model.connection, active_model.model)
    if available is not None and available.by.kind == "estimate" and factor != 1.0:
        lines.append(correction_line(factor))
    return lines


def padding_unused(backend_pool: BackendPool, active_model: ActiveModel) -> str:
    """Why no padding is applied; empty where it is."""
    override = active_model.options[TOKENIZER]
    match, _unfit = backend_pool.match(
        active_model.connection, active_model.kind, active_model.model, override
    )
    if active_model.kind is Kind.CHAT:
        if is_own(match.tokenizer, active_model.model):
            return _("not used: chat completion is counted with the model's own tokenizer")
        return _("not used: it's only for text completion")
    counts = match.tokenizer == REMOTE and backend_pool.counts_itself(
        active_model.connection, active_model.model
    )
    return _("not used: the server does the counting") if counts else ""


async def choose_tokenizer(context: CommandContext, name: str) -> str:
    """What counts tokens here; or why that cannot be chosen."""
    pool, wanted = context.engine.models.pool, None
    active_model = await context.engine.models.active(context.place)
    if name.strip().lower() not in (BEST_MATCH, "-", ""):
        remote = counts_remotely(active_model.spec, active_model.kind)
        try:
            wanted = overridden(active_model.kind, name, remote=remote).tokenizer
        except InvalidOption as refused:
            if refused.reason is Reason.CHAT_COUNTS_ITSELF:
                return _(
                    "Chat completion always uses the model's own tokenizer, because that's what "
                    "the provider bills. You can only choose one for text completion. Nothing was "
                    "changed."
                )
            return _(
                "{backend} can't count tokens for the bot. These can: {names}. Nothing was "
                "changed.",
                backend=active_model.spec.name,
                names=counting_backends(pool.catalog),
            )
    await context.set(TOKENIZER, wanted)
    active_model = await context.engine.models.active(context.place)
    return "\n".join(tokenizer_lines(pool, active_model))


async def set_padding(context: CommandContext, tokens: int) -> str:
    """Tokens of padding; a negative number allows prompts beyond the context."""
    await context.set(TOKEN_PADDING, tokens)
    active_model = await context.engine.models.active(context.place)
    text = _("{number} tokens", number=f"{tokens:,}")
    why_not = padding_unused(context.engine.models.pool, active_model)
    if why_not:
        text = f"{text} — {why_not}"
    text = _("Token padding: {text}", text=text)
    if tokens < 0 and not why_not:
        text += "\n" + _(
            "⚠ Prompts can now go over the context size by up to {number} tokens. The server may "
            "cut them off or reject them.",
            number=-tokens,
        )
    return text


def availability_lines(available: Availability, *, downloads: bool | None = None) -> list[str]:
    """What stands in, or what the first count fetches; `downloads`: whether they are allowed."""
    if available.fetches:
        size = f"{available.wanted.bytes / 1e6:.1f}"
        return [_("-# Its file ({size} MB) is downloaded the first time it's needed.", size=size)]
    if not available.stands_in:
        return []
    by = tokenizer_name(available.by)
    if downloads is None:
        line = _("⚠ Its file is missing, so {by} is used instead.", by=by)
    elif downloads:
        line = _("⚠ Its file couldn't be downloaded, so {by} is used instead.", by=by)
    else:
        line = _(
            "⚠ Its file is missing and downloads are turned off, so {by} is used instead.", by=by
        )
    return [line if available.by.file else f"{line} {_put_line(available.wanted)}"]


def stand_in_lines(counted: TokenCounter, *, downloads: bool | None = None) -> list[str]:
    """What counts in place of the wanted tokenizer, and why; nothing where that counts."""
    if counted.fault is None:
        return []
    if counted.wanted.kind == "remote":
        return [uncounted_line(counted.by)]
    return availability_lines(Availability(counted.wanted, counted.by), downloads=downloads)


def uncounted_line(by: TokenizerRow) -> str:
    """What counts for a server that does not."""
    line = _("⚠ The server doesn't count tokens, so {by} is used instead.", by=tokenizer_name(by))
    return line if by.file else f"{line} {_put_line(find(COUNTS_INSTEAD))}"


def _put_line(row: TokenizerRow) -> str:
    """Which file would help, for whoever runs the bot."""
    return _("Whoever runs the bot can put `{file}` into its `_cache` folder.", file=row.kept_as)


def correction_line(factor: float) -> str:
    """How far an estimate is corrected."""
    number = f"{factor:.2f}"
    return _(
        "-# Estimates are multiplied by {factor} to match the server's own counts.", factor=number
    )


def count_lines(tally: TokenCount, *, downloads: bool) -> list[str]:
    """A count with what it rests on."""
    mark = "" if tally.is_exact else "≈ "
    lines = [
        _(
            "**{mark}{tokens}** tokens for {characters} characters ({ratio} characters per token)",
            mark=mark,
            tokens=f"{tally.tokens:,}",
            characters=f"{tally.characters:,}",
            ratio=f"{tally.ratio:.2f}",
        )
    ]
    counted = tally.token_counter
    lines.append(
        _(
            "Counted by: {name} ({rule})",
            name=tokenizer_name(counted.wanted),
            rule=rule_text(counted.match),
        )
    )
    lines += stand_in_lines(counted, downloads=downloads)
    if tally.fault is not None:
        lines.append(_("⚠ The server took too long to count, so this is an estimate."))
    if counted.factor != 1.0:
        lines.append(correction_line(counted.factor))
    return lines


def counting_backends(catalog: Catalog) -> str:
    """The names of all backends that count for us."""
    counting = (spec for spec in catalog if Kind.TEXT in spec.kinds)
    return ", ".join(spec.name for spec in counting if counts_remotely(spec, Kind.TEXT))
