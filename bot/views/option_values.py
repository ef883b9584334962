"""One option in one scope: checked, stored, taken back and explained in words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.command_context import CommandContext
from bot.i18n import _
from bot.i18n.translate import languages
from bot.views.connection import PATIENCE
from bot.views.reply_length import reply_limit
from bot.wording.options import SCOPES, help_of, shown
from core.chat.place import Scope
from core.errors import InvalidOption, NotFound, TavernError
from core.options.table import (
    CHAT_PRESET,
    CONNECTION,
    CONTEXT_SIZE,
    CONTEXT_TEMPLATE,
    CONTEXT_WISH,
    CUSTOM_STOP,
    INSTRUCT_TEMPLATE,
    LANGUAGE,
    OPTIONS,
    REASONING_PRESET,
    REPLY_LENGTH,
    SAMPLER_PRESET,
    SAMPLERS,
    SYSTEM_PROMPT,
    TOKENIZER,
    Option,
    OptionType,
    Stored,
)
from core.options.typed_value import read_value
from core.presets.preset import PresetKind
from core.prompt.stop_strings import read_stops
from core.tokenizers.catalog import rows as tokenizers

Names = Callable[[CommandContext], Awaitable[Sequence[str]]]


async def _connections(context: CommandContext) -> Sequence[str]:
    return [one.name for one in await context.services.connections.list(context.place)]


async def _presets(*kinds: PresetKind, context: CommandContext) -> Sequence[str]:
    presets = context.services.presets
    return [name for kind in kinds for name in await presets.names(context.place, kind)]


async def _tokenizers(context: CommandContext) -> Sequence[str]:
    return list(tokenizers())


async def _languages(context: CommandContext) -> Sequence[str]:
    return list(languages())


def _of_kind(*kinds: PresetKind) -> Names:
    async def names(context: CommandContext) -> Sequence[str]:
        return await _presets(*kinds, context=context)

    return names


NAMED: Mapping[Option[Any], Names] = {
    CONNECTION: _connections,
    CONTEXT_TEMPLATE: _of_kind(PresetKind.CONTEXT),
    INSTRUCT_TEMPLATE: _of_kind(PresetKind.INSTRUCT),
    SYSTEM_PROMPT: _of_kind(PresetKind.SYSTEM),
    CHAT_PRESET: _of_kind(PresetKind.CHAT),
    SAMPLER_PRESET: _of_kind(PresetKind.SAMPLER_TEXT, PresetKind.SAMPLER_CHAT),
    REASONING_PRESET: _of_kind(PresetKind.REASONING),
    TOKENIZER: _tokenizers,
    LANGUAGE: _languages,
}
"""Options whose value is the name of something that exists."""


@dataclass(frozen=True, slots=True)
class OptionTarget:
    """An option and where it is meant. `character_id` counts in the character's scope."""

    option: Option[Any]
    scope: Scope
    character_id: int = 0

    @property
    def where(self) -> str:
        return _(SCOPES[self.scope])


def option_of(key: str) -> Option[Any]:
    """An option by its key, however its parts are joined. Raises NotFound."""
    plain = key.strip().casefold().replace("-", "_").replace(" ", "_").replace("__", "_")
    for option in OPTIONS.values():
        if plain in (option.key, option.key.replace(".", "_")):
            return option
    raise NotFound(what="option", name=key)


def widest(context: CommandContext, option: Option[Any]) -> Scope:
    """Where a value is meant when nothing is said: the server, or the own direct messages."""
    server = context.place.guild_id is not None and Scope.SERVER in option.scopes
    if not server and Scope.CHANNEL not in option.scopes:
        return min(option.scopes)
    return Scope.SERVER if server else Scope.CHANNEL


async def value_of(context: CommandContext, option: Option[Any], text: str) -> Any:
    """What was typed as the option's value. Raises InvalidOption, NotFound."""
    if option is CUSTOM_STOP:
        return read_stops(text)
    value = read_value(option, text)
    names_of = NAMED.get(option)
    if names_of is None or not value:
        return value
    names = await names_of(context)
    found = next((name for name in names if name.casefold() == str(value).casefold()), None)
    if found is None:
        raise InvalidOption(key=option.key, value=text[:80], expected=tuple(names[:10]))
    return found


async def set_option(context: CommandContext, target: OptionTarget, text: str) -> str:
    """Stores what was typed and says what holds now. Raises NotAllowed, InvalidOption."""
    option = target.option
    if option is SAMPLERS:
        return _("Samplers are set one by one with `/connect sampler set`.")
    if option.type is OptionType.TEXT and text.strip() == "-":
        text = ""
    value = await value_of(context, option, text)
    await context.services.options.set(
        context.actor,
        context.place,
        option,
        value,
        target.scope,
        target.character_id,
        exactly=True,
    )
    line = _("`{key}` is {value} for {where} now.", **_facts(target, value))
    overruled = await _overruled(context, target)
    limits = await _reply_limits(context, option, target.character_id)
    return "\n".join([line, *overruled, *limits])


async def reset_option(context: CommandContext, target: OptionTarget) -> str:
    """Takes a value back and says what holds instead. Raises NotAllowed."""
    there = await context.services.options.reset(
        context.actor,
        context.place,
        target.option,
        target.scope,
        target.character_id,
        exactly=True,
    )
    if not there:
        return _("`{key}` wasn't set for {where}.", key=target.option.key, where=target.where)
    rows = await ladder(context, target.option, target.character_id)
    value = rows[0].value if rows else target.option.default
    text = _("`{key}` is no longer set for {where}. Here it's {value} now.")
    return text.format(**_facts(target, value))


async def ladder(
    context: CommandContext, option: Option[Any], character_id: int = 0
) -> list[Stored]:
    """Every value that could hold here, the one that wins first."""
    characters = [character_id] if character_id else await _cast(context)
    return await context.services.options.ladder(
        context.place, option, context.actor.id, characters
    )


async def why_lines(
    context: CommandContext, option: Option[Any], character_id: int = 0
) -> list[str]:
    """What the option does, what holds here, and one line for every scope."""
    rows = await ladder(context, option, character_id)
    value = rows[0].value if rows else option.default
    heading = _("`{key}` is **{value}** here.", key=option.key, value=shown(option, value))
    limits = await _reply_limits(context, option, character_id)
    return [heading, f"-# {help_of(option)}", *limits, *_scope_lines(context, option, rows)]


def _scope_lines(context: CommandContext, option: Option[Any], rows: Sequence[Stored]) -> list[str]:
    lines = []
    for scope in _reachable(context, option):
        own = [row for row in rows if row.scope is scope]
        for row in own:
            value = shown(option, row.value)
            told = f"**{value}** ({_('this counts')})" if row is rows[0] else value
            lines.append(f"- {_(SCOPES[scope])}: {told}")
        if not own:
            lines.append(f"- {_(SCOPES[scope])}: –")
    value = shown(option, option.default)
    end = _("- otherwise: {value}", value=value)
    return [*lines, end if rows else f"{end} ({_('this counts')})"]


def _reachable(context: CommandContext, option: Option[Any]) -> list[Scope]:
    """The scopes that exist here, narrowest first."""
    here = {scope for scope, _id in context.place.scopes()}
    here |= {Scope.PERSON, Scope.CHARACTER}
    return [scope for scope in SCOPES if scope in here and scope in option.scopes]


async def _overruled(context: CommandContext, target: OptionTarget) -> list[str]:
    """Says so where a narrower value keeps the new one from counting here."""
    rows = await ladder(context, target.option, target.character_id)
    if not rows or rows[0].scope is target.scope or target.scope is Scope.CHARACTER:
        return []
    text = _("-# Here it stays {value}, because {where} has a value of its own.")
    value, where = shown(target.option, rows[0].value), _(SCOPES[rows[0].scope])
    return [text.format(value=value, where=where)]


async def _reply_limits(
    context: CommandContext, option: Option[Any], character_id: int
) -> list[str]:
    """Says so where less is sent than the reply length that holds here."""
    if option not in (REPLY_LENGTH, CONTEXT_SIZE, CONTEXT_WISH):
        return []
    models = context.engine.models
    try:
        active_model = await models.active(context.place, character_id or None, patience=PATIENCE)
    except TavernError:
        return []
    rows = await ladder(context, REPLY_LENGTH, character_id)
    limit = reply_limit(active_model, rows[0].value if rows else REPLY_LENGTH.default)
    return [f"-# {limit}"] if limit else []


async def _cast(context: CommandContext) -> list[int]:
    scene = await context.engine.scene(context.place)
    return [member.character_id for member in scene.story.members]


def _facts(target: OptionTarget, value: object) -> dict[str, str]:
    return {
        "key": target.option.key,
        "value": shown(target.option, value),
        "where": target.where,
    }
