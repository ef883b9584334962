"""Presets as commands use them, and the templates that hold for a reply."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, cast

from core.chat.place import Actor, Place
from core.errors import InvalidTemplate, NotFound
from core.kind import Kind
from core.options.option import Option, Resolved
from core.options.table import (
    CHAT_PRESET,
    CONTEXT_TEMPLATE,
    INSTRUCT_ENABLED,
    INSTRUCT_TEMPLATE,
    REASONING_PRESET,
    SAMPLER_PRESET,
    SAMPLERS,
    SYSTEM_PROMPT,
)
from core.policy.permissions import Action, demand
from core.presets import stock
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
from core.reply.output_filter import CLOSE_TAGS, OPEN_TAGS
from core.samplers.table import defaults
from core.storage.presets import PresetStore

DEFAULT = "Default"
SYSTEM_DEFAULT = "Neutral - Chat"
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


def marks_of(presets: Iterable[ReasoningPreset]) -> Thinking:
    """The presets' marks without the white space around them; one without both has none."""
    pairs = [(preset.prefix.strip(), preset.suffix.strip()) for preset in presets]
    whole = [(opening, closing) for opening, closing in pairs if opening and closing]
    return Thinking(
        tuple(dict.fromkeys(opening for opening, _ in whole)),
        tuple(dict.fromkeys(closing for _, closing in whole)),
    )


def sampler_folder(kind: Kind) -> PresetKind:
    """Where the sampler presets of a kind of request are."""
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
        document = await self._store.get(place.owner, kind, name)
        if document is not None:
            return read_preset(kind, document, name)
        return stock.preset(kind, self._spelled(kind, name))

    async def put(self, actor: Actor, place: Place, kind: PresetKind, preset: Preset) -> None:
        """Saves a preset under its name. Raises NotAllowed, InvalidTemplate with its place."""
        demand(actor, Action.MANAGE_PRESETS, place)
        if isinstance(preset, ContextTemplate):
            await asyncio.to_thread(read_template, preset.story_string)
        await self._store.put(place.owner, kind, preset.name, write_preset(preset))

    async def edit(
        self, actor: Actor, place: Place, kind: PresetKind, name: str, changes: dict[str, Any]
    ) -> Preset:
        """Changes fields of a preset; a stock one is copied under the same name."""
        before = await self.get(place, kind, name)
        document = {**write_preset(before), **changes, "name": before.name}
        preset = read_preset(kind, document)
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
        context = own or (instruct if instruct in stock.names(PresetKind.CONTEXT) else DEFAULT)
        chosen = {
            PresetKind.CONTEXT: context or DEFAULT,
            PresetKind.SYSTEM: options[SYSTEM_PROMPT] or SYSTEM_DEFAULT,
            PresetKind.CHAT: options[CHAT_PRESET] or DEFAULT,
        }
        found = {kind: await self._or_default(place, kind, name) for kind, name in chosen.items()}
        template = await self._instruct(place, instruct)
        return Templates(
            context=cast(ContextTemplate, found[PresetKind.CONTEXT]),
            instruct=template,
            system=cast(SystemPrompt, found[PresetKind.SYSTEM]),
            chat=cast(ChatPreset, found[PresetKind.CHAT]),
            samplers=await self.samplers(place, options, kind),
            thinking=await self.thinking(place, options[REASONING_PRESET]),
            chosen={
                **{kind.value: preset.name for kind, preset in found.items()},
                PresetKind.INSTRUCT.value: template.name if template else "",
            },
        )

    async def _instruct(self, place: Place, name: str | None) -> InstructTemplate | None:
        if name is None:
            return None
        try:
            return cast(InstructTemplate, await self.get(place, PresetKind.INSTRUCT, name))
        except NotFound:
            return None

    async def samplers(self, place: Place, options: Resolved, kind: Kind) -> dict[str, Any]:
        """The values that hold here: the preset's (without one the defaults), then one's own."""
        own: dict[str, Any] = options[SAMPLERS]
        return {**await self._base(place, options[SAMPLER_PRESET], kind), **own}

    async def thinking(self, place: Place, name: str | None) -> Thinking:
        """The marks of thinking: the chosen preset's, else all that are usual."""
        if name:
            try:
                chosen = cast(ReasoningPreset, await self.get(place, PresetKind.REASONING, name))
            except NotFound:
                pass
            else:
                return marks_of([chosen])
        known = [
            stock.preset(PresetKind.REASONING, one) for one in stock.names(PresetKind.REASONING)
        ]
        found = marks_of([cast(ReasoningPreset, preset) for preset in known])
        return Thinking((*OPEN_TAGS, *found.opens), (*CLOSE_TAGS, *found.closes))

    async def _base(self, place: Place, name: str | None, kind: Kind) -> Mapping[str, Any]:
        if not name:
            return defaults(kind)
        try:
            preset = cast(SamplerPreset, await self.get(place, sampler_folder(kind), name))
        except NotFound:
            return defaults(kind)
        return preset.values

    async def _or_default(self, place: Place, kind: PresetKind, name: str) -> Preset:
        try:
            return await self.get(place, kind, name)
        except (NotFound, InvalidTemplate):
            default = SYSTEM_DEFAULT if kind is PresetKind.SYSTEM else DEFAULT
            return stock.preset(kind, default)

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

    @staticmethod
    def _spelled(kind: PresetKind, name: str) -> str:
        folded = {known.casefold(): known for known in stock.names(kind)}
        return folded.get(name.strip().casefold(), name)
