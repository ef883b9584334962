"""Presets as commands use them, and the templates that hold for a reply."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from operator import is_
from typing import Any, cast

from core.backends.thoughts import family_of
from core.chat.place import Actor, Place
from core.errors import InvalidTemplate, NotFound
from core.kind import Kind
from core.options.table import (
    CHAT_PRESET,
    CONTEXT_TEMPLATE,
    CONTEXT_WISH,
    INSTRUCT_ENABLED,
    INSTRUCT_TEMPLATE,
    REASONING_PRESET,
    REPLY_LENGTH,
    SAMPLER_PRESET,
    SAMPLERS,
    SYSTEM_PROMPT,
    Option,
    Resolved,
)
from core.policy.permissions import Action, demand
from core.presets import stock
from core.presets.changes import changed
from core.presets.preset import (
    Preset,
    PresetKind,
    ReasoningPreset,
    SamplerPreset,
    Templates,
    Thinking,
    read_preset,
    write_preset,
)
from core.presets.stock import for_chat_template, for_model
from core.presets.templates import ChatPreset, ContextTemplate, InstructTemplate, SystemPrompt
from core.prompt.handlebars.template import read_template
from core.samplers.table import defaults
from core.storage.presets import PresetStore, SavedPreset
from core.transfer.preset_export import with_values

DEFAULT = "Default"
SYSTEM_DEFAULT = "Neutral - Chat"
DEFAULTS = {
    PresetKind.CONTEXT: DEFAULT,
    PresetKind.SYSTEM: SYSTEM_DEFAULT,
    PresetKind.CHAT: DEFAULT,
}
"""What stands in for a preset that is gone."""
CHOICES: dict[PresetKind, Option[str | None]] = {
    PresetKind.CONTEXT: CONTEXT_TEMPLATE,
    PresetKind.INSTRUCT: INSTRUCT_TEMPLATE,
    PresetKind.SYSTEM: SYSTEM_PROMPT,
    PresetKind.CHAT: CHAT_PRESET,
    PresetKind.SAMPLER_TEXT: SAMPLER_PRESET,
    PresetKind.SAMPLER_CHAT: SAMPLER_PRESET,
    PresetKind.REASONING: REASONING_PRESET,
}
"""Which option says what preset is in use."""


def completed(preset: ChatPreset) -> ChatPreset:
    """With the usual order where it has none, and the usual prompts that the order names.

    A prompt that does not say whether it is one of the program's own is the person's: SillyTavern
    always says so, and other makers' prompts would not be sent.
    """
    usual = cast(ChatPreset, stock.preset(PresetKind.CHAT, DEFAULT))
    known = {prompt.identifier for prompt in usual.prompts}
    prompts = tuple(
        prompt
        if "system_prompt" in prompt.model_fields_set or prompt.identifier in known
        else prompt.model_copy(update={"system_prompt": False})
        for prompt in preset.prompts
    )
    order = preset.prompt_order if preset.order else usual.prompt_order
    changed = preset.model_copy(update={"prompt_order": order})
    defined = {prompt.identifier for prompt in prompts}
    named = {place.identifier for place in changed.order}
    missing = [
        prompt
        for prompt in usual.prompts
        if prompt.identifier not in defined and prompt.identifier in named
    ]
    # Equal prompts may still differ in what they say of themselves.
    is_whole = all(map(is_, prompts, preset.prompts)) and not missing
    if is_whole and order is preset.prompt_order:
        return preset
    return changed.model_copy(update={"prompts": (*prompts, *missing)})


def sampler_folder(kind: Kind) -> PresetKind:
    return PresetKind.SAMPLER_TEXT if kind is Kind.TEXT else PresetKind.SAMPLER_CHAT


class PresetService:
    """Stock presets and those of the place's owner; an own one hides the stock's namesake."""

    def __init__(self, store: PresetStore) -> None:
        self._store = store

    async def names(self, place: Place, kind: PresetKind) -> list[str]:
        """Everything that can be chosen, own ones first."""
        own = await self._store.names(place.owner, kind)
        return own + [name for name in stock.names(kind) if name not in own]

    async def get(self, place: Place, kind: PresetKind, name: str) -> Preset:
        """One preset. Raises NotFound."""
        return _read(kind, name, await self._store.get(place.owner, kind, name))

    async def all_named(self, place: Place, name: str) -> list[tuple[PresetKind, Preset]]:
        """Everything of this name, of every kind; stock ones only where none is the owner's."""
        own = await self._store.some(place.owner, [(kind, name) for kind in PresetKind])
        if own:
            kinds = [kind for kind in PresetKind if (kind, name) in own]
            return [(kind, _read(kind, name, own[kind, name])) for kind in kinds]
        found = []
        for kind in PresetKind:
            with suppress(NotFound):
                found.append((kind, _read(kind, name, None)))
        return found

    async def in_use(
        self, place: Place, options: Resolved, templates: Templates, kind: Kind
    ) -> list[tuple[PresetKind, Preset]]:
        """What a prompt is made of here, with the values of samplers and lengths that hold."""
        lengths: dict[Option[Any], int] = {}
        of_lengths: tuple[Option[Any], ...] = (REPLY_LENGTH, CONTEXT_WISH)
        for option in of_lengths:
            if options.why(option) is not None:
                lengths[option] = options[option] or 0
        sampling = PresetKind.CHAT if kind is Kind.CHAT else PresetKind.SAMPLER_TEXT
        wanted: dict[PresetKind, str | None] = {sampling: options[SAMPLER_PRESET]}
        if kind is Kind.TEXT:
            laid_out = (PresetKind.CONTEXT, PresetKind.INSTRUCT, PresetKind.SYSTEM)
            wanted |= {one: templates.chosen[one.value] for one in laid_out}
            wanted[PresetKind.REASONING] = options[REASONING_PRESET]
        else:
            wanted[sampling] = templates.chosen[sampling.value]
        found = await self._some(place, wanted)
        base = found[sampling]
        document = write_preset(base) if base is not None else {}
        name = (base.name if base is not None else "") or DEFAULT
        valued = with_values(sampling, document, templates.samplers, lengths)
        found[sampling] = read_preset(sampling, valued, name)
        return [(one, preset) for one, preset in found.items() if preset is not None]

    async def own(self, place: Place, kind: PresetKind, name: str) -> dict[str, Any] | None:
        """The document of an own preset; None where there is none of this name."""
        stored = await self._store.get(place.owner, kind, name)
        return stored.document if stored else None

    async def check(self, actor: Actor, place: Place, kind: PresetKind, preset: Preset) -> None:
        """Raises NotAllowed, InvalidTemplate with its place."""
        demand(actor, Action.MANAGE_PRESETS, place)
        if isinstance(preset, ContextTemplate):
            await asyncio.to_thread(read_template, preset.story_string)

    async def put(self, actor: Actor, place: Place, kind: PresetKind, preset: Preset) -> None:
        """Saves a preset under its name. Raises NotAllowed, InvalidTemplate with its place."""
        await self.check(actor, place, kind, preset)
        await self._store.put(place.owner, kind, preset.name, write_preset(preset))

    async def edit(
        self, actor: Actor, place: Place, kind: PresetKind, name: str, changes: dict[str, Any]
    ) -> Preset:
        """Changes fields of a preset; a stock one is copied under the same name.

        Raises NotAllowed, InvalidTemplate for keys and values that do not exist.
        """
        preset = changed(kind, await self.get(place, kind, name), changes)
        await self.put(actor, place, kind, preset)
        return preset

    async def reset(self, actor: Actor, place: Place, kind: PresetKind, name: str) -> bool:
        """Removes an own preset, so that the stock's namesake holds again."""
        demand(actor, Action.MANAGE_PRESETS, place)
        return await self._store.delete(place.owner, kind, name)

    async def templates(
        self, place: Place, options: Resolved, kind: Kind, model: str, chat_template: str = ""
    ) -> Templates:
        """What lays out the prompt here. A preset that is gone falls back to the default."""
        instruct = self._instruct_name(options, model, chat_template)
        own = options[CONTEXT_TEMPLATE]
        found = await self._some(
            place,
            {
                PresetKind.CONTEXT: own
                or (instruct if instruct in stock.names(PresetKind.CONTEXT) else DEFAULT),
                PresetKind.SYSTEM: options[SYSTEM_PROMPT] or SYSTEM_DEFAULT,
                PresetKind.CHAT: options[CHAT_PRESET] or DEFAULT,
                PresetKind.INSTRUCT: instruct,
                PresetKind.REASONING: options[REASONING_PRESET],
                sampler_folder(kind): options[SAMPLER_PRESET],
            },
        )
        return Templates(
            context=cast(ContextTemplate, found[PresetKind.CONTEXT]),
            instruct=cast("InstructTemplate | None", found[PresetKind.INSTRUCT]),
            system=cast(SystemPrompt, found[PresetKind.SYSTEM]),
            chat=completed(cast(ChatPreset, found[PresetKind.CHAT])),
            samplers=_samplers(found[sampler_folder(kind)], options, kind),
            thinking=_thinking(cast("ReasoningPreset | None", found[PresetKind.REASONING])),
            chosen={
                one.value: preset.name if (preset := found[one]) else ""
                for one in (*DEFAULTS, PresetKind.INSTRUCT)
            },
        )

    async def samplers(self, place: Place, options: Resolved, kind: Kind) -> dict[str, Any]:
        """The values that hold here: the preset's (without one the defaults), then one's own."""
        folder = sampler_folder(kind)
        found = await self._some(place, {folder: options[SAMPLER_PRESET]})
        return _samplers(found[folder], options, kind)

    async def _some(
        self, place: Place, wanted: Mapping[PresetKind, str | None]
    ) -> dict[PresetKind, Preset | None]:
        """The presets of these names, read at once; the default stands in for one that is gone."""
        names = [(kind, name) for kind, name in wanted.items() if name]
        own = await self._store.some(place.owner, names)
        found: dict[PresetKind, Preset | None] = dict.fromkeys(wanted)
        for kind, name in names:
            try:
                found[kind] = _read(kind, name, own.get((kind, name)))
            except (NotFound, InvalidTemplate) as error:
                if kind in DEFAULTS:
                    found[kind] = stock.preset(kind, DEFAULTS[kind])
                elif not isinstance(error, NotFound):
                    raise
        return found

    @staticmethod
    def _instruct_name(options: Resolved, model: str, chat_template: str) -> str | None:
        """The chosen template; `auto`: what the server's template or the model's name tells."""
        chosen, enabled = options[INSTRUCT_TEMPLATE], options[INSTRUCT_ENABLED]
        if enabled == "off":
            return None
        if chosen:
            return chosen
        known = (for_chat_template(chat_template) if chat_template else None) or for_model(model)
        return known or ("ChatML" if enabled == "on" else None)


def _read(kind: PresetKind, name: str, stored: SavedPreset | None) -> Preset:
    """A preset of the owner's, else the stock's of this name, whatever its capitals."""
    if stored is not None:
        return read_preset(kind, stored.document, stored.name)
    folded = {known.casefold(): known for known in stock.names(kind)}
    return stock.preset(kind, folded.get(name.strip().casefold(), name))


def _samplers(preset: Preset | None, options: Resolved, kind: Kind) -> dict[str, Any]:
    base = cast(SamplerPreset, preset).values if preset else defaults(kind)
    own: dict[str, Any] = options[SAMPLERS]
    return {**base, **own}


def _thinking(chosen: ReasoningPreset | None) -> Thinking:
    """The marks of thinking: the chosen preset's, else all that are usual."""
    if chosen is None:
        return Thinking()
    opening, closing = chosen.prefix.strip(), chosen.suffix.strip()
    return Thinking((family_of(opening, closing),) if opening and closing else ())
