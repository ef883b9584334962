"""Changes to how prompts are laid out and counted, as commands and forms make them.

Each function stores what it is given and answers with what holds then. All raise NotAllowed, and
NotFound or InvalidOption for values that cannot be.
"""

from typing import Any

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.formatting import context_text, multigen_text, padding_text
from bot.views.stops import custom_line
from bot.views.tokens import counting_backends, tokenizer_lines
from core.kind import Kind
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.backend_pool import counts_remotely
from core.options.option import Option
from core.options.table import (
    ALWAYS_FORCE_NAME,
    CONTEXT_SIZE,
    CUSTOM_STOP,
    INSTRUCT_ENABLED,
    MULTIGEN,
    MULTIGEN_FIRST,
    MULTIGEN_NEXT,
    PREFER_CHARACTER_PROMPT,
    REPLY_LENGTH,
    REPLY_START,
    TOKEN_PADDING,
    TOKENIZER,
)
from core.presets.kinds import PresetKind
from core.presets.preset import Preset
from core.prompt.stop_list import read_stops
from core.services.presets import CHOICES
from core.tokenizers.catalog import find
from core.tokenizers.match import BEST_MATCH, REMOTE

OFF = "off"
NOTHING = "-"
"""Typed as a value it takes a choice back."""


async def preset_named(context: CommandContext, kind: PresetKind, name: str) -> Preset | None:
    """The preset of this name; None where the word means that there is none. Raises NotFound."""
    word = name.strip().lower()
    if word in (NOTHING, "") or (word == OFF and kind is PresetKind.INSTRUCT):
        return None
    return await context.services.presets.get(context.place, kind, name)


async def choose_template(context: CommandContext, kind: PresetKind, name: str) -> str:
    """The preset of a kind that is used here; instruct mode can be switched off, too."""
    option, options = CHOICES[kind], context.services.options
    is_instruct = kind is PresetKind.INSTRUCT
    preset = await preset_named(context, kind, name)
    if is_instruct and name.strip().lower() == OFF:
        await options.set(context.actor, context.place, INSTRUCT_ENABLED, OFF)
        return _("Instruct mode is off here.")
    if is_instruct:
        await options.reset(context.actor, context.place, INSTRUCT_ENABLED)
    if preset is None:
        await options.reset(context.actor, context.place, option)
        return _("The choice is taken back.")
    await options.set(context.actor, context.place, option, preset.name)
    return _("“{name}” is used here.", name=preset.name)


async def choose_tokenizer(context: CommandContext, name: str) -> str:
    """What counts tokens here; or why that cannot be chosen."""
    options = context.services.options
    active_model = await context.engine.active_model(context.place)
    if name.strip().lower() in (BEST_MATCH, NOTHING, ""):
        await options.reset(context.actor, context.place, TOKENIZER)
    elif refused := _refusal(context, active_model, find(name).id):
        return refused
    else:
        await options.set(context.actor, context.place, TOKENIZER, find(name).id)
    active_model = await context.engine.active_model(context.place)
    return "\n".join(tokenizer_lines(context.engine.backend_pool, active_model))


def _refusal(context: CommandContext, active_model: ActiveModel, wanted: str) -> str:
    if active_model.kind is Kind.CHAT:
        return _(
            "Chat completion is always counted with the model's own tokenizer, as the vendor bills "
            "it. Another one can be chosen for text completion only. Nothing was changed."
        )
    if wanted == REMOTE and not counts_remotely(active_model.spec, active_model.kind):
        return _(
            "{backend} does not count tokens for others. These do: {names}. Nothing was changed.",
            backend=active_model.spec.name,
            names=counting_backends(context.engine.backend_pool.catalog),
        )
    return ""


async def keep_free(context: CommandContext, tokens: int) -> str:
    """Tokens of padding; a negative number allows prompts beyond the context."""
    await context.services.options.set(context.actor, context.place, TOKEN_PADDING, tokens)
    active_model = await context.engine.active_model(context.place)
    text = _("Token padding: {text}", text=padding_text(context.engine.backend_pool, active_model))
    if tokens < 0:
        text += "\n" + _(
            "⚠ Prompts may now be longer than the context that is set, by up to {number} tokens. "
            "The server may cut them or refuse them.",
            number=-tokens,
        )
    return text


async def resize(context: CommandContext, size: int | None, reply: int | None) -> str:
    """Tokens of prompt and reply together (0: as model and server say), and of the reply."""
    options = context.services.options
    # Both are checked before either is stored: a refusal changes nothing.
    if size:
        CONTEXT_SIZE.check(size)
    if reply is not None:
        REPLY_LENGTH.check(reply)
    if size == 0:
        await options.reset(context.actor, context.place, CONTEXT_SIZE)
    elif size is not None:
        await options.set(context.actor, context.place, CONTEXT_SIZE, size)
    if reply is not None:
        await options.set(context.actor, context.place, REPLY_LENGTH, reply)
    active_model = await context.engine.active_model(context.place)
    text = _("Context: {text}", text=context_text(active_model))
    if active_model.options[REPLY_LENGTH] >= active_model.context_size:
        text += "\n" + _(
            "⚠ The reply takes up all of it: no prompt fits. Lower the reply or raise the context."
        )
    served = active_model.facts.context_size
    if size and served and size > served:
        text += "\n" + _(
            "⚠ The model's server gives {number} tokens, whatever is asked for here. It is raised "
            "where the server is started.",
            number=f"{served:,}",
        )
    return text


async def begin_with(context: CommandContext, text: str | None) -> str:
    """The words that every reply begins with; None shows them."""
    options = context.services.options
    if text is not None and text.strip() in (NOTHING, ""):
        await options.reset(context.actor, context.place, REPLY_START)
    elif text is not None:
        await options.set(context.actor, context.place, REPLY_START, text)
    words = (await options.resolve(context.place))[REPLY_START]
    if not words:
        return _("Replies begin as the model likes.")
    return _("Every reply begins with:") + f"\n>>> {shortened(words, 1800)}"


async def chain(
    context: CommandContext, on: bool | None, first: int | None, following: int | None
) -> str:
    """Whether replies come in batches, and of how many tokens."""
    options = context.services.options
    wishes: list[tuple[Option[Any], bool | int | None]] = [
        (MULTIGEN, on),
        (MULTIGEN_FIRST, first),
        (MULTIGEN_NEXT, following),
    ]
    # All are checked before any is stored: a refusal changes nothing.
    given = [(option, option.check(value)) for option, value in wishes if value is not None]
    for option, value in given:
        await options.set(context.actor, context.place, option, value)
    active_model = await context.engine.active_model(context.place)
    text = _("Batches (Multigen): {text}", text=multigen_text(active_model.options))
    if active_model.kind is Kind.CHAT and active_model.options[MULTIGEN]:
        text += "\n" + _("They have no effect now: chat completion cannot take up a reply.")
    return text


async def put_stops(context: CommandContext, strings: str) -> str:
    """Further stop strings, written as a JSON list."""
    stops = read_stops(strings)
    await context.services.options.set(context.actor, context.place, CUSTOM_STOP, stops)
    return custom_line(stops) + "\n" + _("-# `/connect stop show` tells where they take effect.")


async def prefer_card(context: CommandContext, on: bool) -> str:
    """Whether a card's own main prompt comes before the system prompt set here."""
    await context.services.options.set(context.actor, context.place, PREFER_CHARACTER_PROMPT, on)
    if on:
        return _("A card's own main prompt is used where it has one.")
    return _("The system prompt set here is used, whatever the card says.")


async def force_name(context: CommandContext, on: bool) -> str:
    """Whether prompts without instruct mode end with the character's name."""
    await context.services.options.set(context.actor, context.place, ALWAYS_FORCE_NAME, on)
    if on:
        return _("Prompts without instruct mode end with the character's name.")
    return _("Prompts without instruct mode end with the last message.")
