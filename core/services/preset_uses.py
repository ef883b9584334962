"""Using presets: everything they ask for is set in one scope, and can be taken back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.chat.place import Actor, Place, Scope
from core.options.table import (
    CONTEXT_SIZE,
    CONTEXT_WISH,
    INSTRUCT_ENABLED,
    OPTIONS,
    SAMPLERS,
    Option,
)
from core.presets.preset import Preset, PresetKind, read_preset, write_preset
from core.presets.wishes import PresetWishes
from core.services.options import OptionService
from core.services.presets import CHOICES, PresetService
from core.storage.presets import PresetUseStore

Found = Sequence[tuple[PresetKind, Preset]]


@dataclass(frozen=True, slots=True)
class PresetUse:
    """A preset that was put to use: where, and the number under which it is taken back."""

    id: int
    scope: Scope
    replaced: tuple[str, ...] = ()
    """Samplers that were set by hand there, and are the preset's now."""


class PresetUses:
    """Each use notes what held before it, in the scope where it was made."""

    def __init__(
        self, presets: PresetService, options: OptionService, store: PresetUseStore
    ) -> None:
        self._presets = presets
        self._options = options
        self._store = store

    async def add(self, actor: Actor, place: Place, found: Found) -> None:
        """Saves presets without using them. Raises NotAllowed, InvalidTemplate."""
        for kind, preset in found:
            await self._presets.check(actor, place, kind, preset)
        for kind, preset in found:
            await self._presets.put(actor, place, kind, preset)

    async def use(
        self,
        actor: Actor,
        place: Place,
        name: str,
        found: Found,
        wishes: PresetWishes,
        scope: Scope = Scope.CHANNEL,
        *,
        save: bool = True,
    ) -> PresetUse:
        """Sets everything the presets ask for; saved first where they are new.

        A refusal changes nothing. Raises NotAllowed, InvalidTemplate, InvalidOption.
        """
        owner, scope, scope_id, held = await self._options.held(actor, place, scope)
        for kind, preset in found:
            await self._presets.check(actor, place, kind, preset)
        wanted = _wanted(found, wishes, held)
        checked = {option: _checked(option, value) for option, value in wanted.items()}
        before: dict[str, Any] = {
            "name": name,
            "options": {option.key: held.get(option.key) for option in wanted},
            "presets": [
                {
                    "kind": kind.value,
                    "name": preset.name,
                    "before": await self._presets.own(place, kind, preset.name),
                    "saved": _digest(write_preset(preset)),
                }
                for kind, preset in found
                if save
            ],
        }
        id_ = await self._store.push(owner, scope, scope_id, before)
        if save:
            for kind, preset in found:
                await self._presets.put(actor, place, kind, preset)
        for option, value in checked.items():
            await self._set(actor, place, option, value, scope)
        own: Mapping[str, Any] = held.get(SAMPLERS.key) or {}
        return PresetUse(id_, scope, tuple(key for key in own if key in wishes.samplers))

    async def take_back(
        self, actor: Actor, place: Place, scope: Scope = Scope.CHANNEL, id_: int | None = None
    ) -> str | None:
        """Restores what held before the newest use in a scope; returns the preset's name.

        None where no use is noted, or where another one than `id_` is the newest. Raises
        NotAllowed.
        """
        owner, scope, scope_id, _ = await self._options.held(actor, place, scope)
        top = await self._store.top(owner, scope, scope_id)
        if top is None or id_ not in (None, top[0]) or not await self._store.drop(top[0]):
            return None
        document = top[1]
        for key, value in document["options"].items():
            if key in OPTIONS:
                await self._set(actor, place, OPTIONS[key], value, scope)
        for one in document["presets"]:
            await self._restore(actor, place, one)
        return str(document["name"])

    async def _restore(self, actor: Actor, place: Place, saved: Mapping[str, Any]) -> None:
        """The document from before, unless somebody has changed the one that was saved."""
        kind, name, before = PresetKind(saved["kind"]), saved["name"], saved["before"]
        now = await self._presets.own(place, kind, name)
        if now is None or _digest(now) != saved["saved"]:
            return
        if before is None:
            await self._presets.reset(actor, place, kind, name)
        else:
            await self._presets.put(actor, place, kind, read_preset(kind, before, name))

    async def _set(
        self, actor: Actor, place: Place, option: Option[Any], value: Any, scope: Scope
    ) -> None:
        if value is None:
            await self._options.reset(actor, place, option, scope)
        else:
            await self._options.set(actor, place, option, value, scope)


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _wanted(found: Found, wishes: PresetWishes, held: Mapping[str, Any]) -> dict[Option[Any], Any]:
    """Every option that is to change, with its value; None takes it back."""
    wanted: dict[Option[Any], Any] = {}
    for kind, preset in found:
        wanted[CHOICES[kind]] = preset.name
        if kind is PresetKind.INSTRUCT:
            wanted[INSTRUCT_ENABLED] = None
    wanted |= wishes.options
    if CONTEXT_WISH in wanted:
        wanted[CONTEXT_SIZE] = None
    own: Mapping[str, Any] = held.get(SAMPLERS.key) or {}
    left = {key: value for key, value in own.items() if key not in wishes.samplers}
    if left != own:
        wanted[SAMPLERS] = left or None
    return wanted


def _checked(option: Option[Any], value: Any) -> Any:
    return None if value is None else option.check(value)
