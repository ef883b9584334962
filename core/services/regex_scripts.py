"""Regex scripts as commands use them: those of places, presets and cards, in their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.chat.place import Actor, Place, Scope
from core.errors import InvalidRegex, LimitReached, NotFound
from core.kind import Kind
from core.options.table import CHAT_PRESET, SAMPLER_PRESET, Resolved
from core.policy.permissions import Action, demand
from core.presets.preset import PresetKind
from core.reasons import Reason
from core.regex_scripts.files import MAX_SCRIPTS, is_script, scripts_in
from core.regex_scripts.script import PatternMacros, RegexScript, pattern_of
from core.storage.characters import CharacterStore, StoredCharacter
from core.storage.presets import PresetStore
from core.storage.regex_scripts import Bringer, RegexScriptStore, StoredPreset, StoredScript

PRESETS: Mapping[Kind, tuple[PresetKind, ...]] = {
    Kind.TEXT: (PresetKind.SAMPLER_TEXT,),
    Kind.CHAT: (PresetKind.CHAT, PresetKind.SAMPLER_CHAT),
}
"""The presets whose scripts run, by the kind of completion."""


class ScriptSource(StrEnum):
    """Where a script comes from, in the order in which they run."""

    SERVER = "server"
    CHANNEL = "channel"
    PRESET = "preset"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class ListedScript:
    """A script and where it comes from: `source_id` is its own row, its preset's or its card's.

    `source_name` is the name of the preset or character. `allowed`: somebody with the right said
    that it may run.
    """

    script: RegexScript
    source: ScriptSource
    source_id: int
    allowed: bool
    source_name: str = ""
    index: int = 0
    """Its place in the preset's or card's list."""
    preset: StoredPreset | None = None

    @property
    def key(self) -> str:
        """Names it in buttons and choices."""
        return f"{self.source.value}:{self.source_id}:{self.index}"

    @property
    def runs(self) -> bool:
        return self.allowed and not self.script.disabled


class RegexScripts:
    def __init__(
        self, store: RegexScriptStore, characters: CharacterStore, presets: PresetStore
    ) -> None:
        self._store = store
        self._characters = characters
        self._presets = presets

    async def listed(
        self,
        place: Place,
        options: Resolved,
        characters: Iterable[StoredCharacter] = (),
        kind: Kind | None = None,
        own: Iterable[StoredScript] | None = None,
    ) -> list[ListedScript]:
        """Every script that is there for a place and these characters, in the order they run.

        `kind` None: those of both kinds' presets. `own`: those of the place, where they are known.
        """
        if own is None:
            own = await self._store.within(place.owner, place.scopes())
        presets = await self._store.presets(place.owner, _chosen(options, kind))
        return [*_in_order(place, own), *await self._brought(presets, characters)]

    async def at_work(
        self,
        place: Place,
        options: Resolved,
        characters: Iterable[StoredCharacter] = (),
        kind: Kind | None = None,
        own: Iterable[StoredScript] | None = None,
    ) -> tuple[RegexScript, ...]:
        """Those that run."""
        found = await self.listed(place, options, characters, kind, own)
        return tuple(one.script for one in found if one.runs)

    async def of_character(self, card: StoredCharacter) -> list[ListedScript]:
        """The scripts that a card brings."""
        return await self._brought([], [card])

    async def of_presets(
        self, place: Place, names: Iterable[tuple[PresetKind, str]]
    ) -> list[ListedScript]:
        """The scripts that presets bring, each once."""
        wanted = [(kind.value, name) for kind, name in names]
        return await self._brought(await self._store.presets(place.owner, wanted), [])

    async def add(
        self,
        actor: Actor,
        place: Place,
        scripts: Sequence[RegexScript],
        scope: Scope = Scope.CHANNEL,
        *,
        allowed: bool = True,
    ) -> None:
        """Adds scripts to a place's own list. Raises NotAllowed, InvalidRegex, LimitReached.

        Scripts that are not yet allowed may be faulty: files are taken whole.
        """
        demand(actor, Action.MANAGE_PRESETS, place)
        for script in scripts if allowed else ():
            check(script)
        where = place.narrowest(scope)
        if len(await self._store.within(place.owner, [where])) + len(scripts) > MAX_SCRIPTS:
            raise LimitReached(what="scripts", limit=MAX_SCRIPTS)
        await self._store.add(place.owner, where, scripts, allowed=allowed, created_by=actor.id)

    async def allow(self, actor: Actor, place: Place, listed: Iterable[ListedScript]) -> None:
        """These scripts run from now on. Raises NotAllowed."""
        demand(actor, Action.MANAGE_PRESETS, place)
        brought: dict[tuple[Bringer, int], list[str]] = {}
        for one in listed:
            bringer = _BRINGERS.get(one.source)
            if bringer is None:
                await self._store.change(place.owner, one.source_id, one.script, allowed=True)
            else:
                brought.setdefault((bringer, one.source_id), []).append(one.script.digest)
        for (bringer, bringer_id), digests in brought.items():
            await self._store.allow(bringer, bringer_id, digests, actor.id)

    async def change(
        self, actor: Actor, place: Place, listed: ListedScript, script: RegexScript
    ) -> None:
        """Other contents for a script, which then runs. Raises NotAllowed, InvalidRegex."""
        demand(actor, Action.MANAGE_PRESETS, place)
        check(script)
        if listed.source in (ScriptSource.SERVER, ScriptSource.CHANNEL):
            await self._store.change(place.owner, listed.source_id, script, allowed=True)
            return
        await self._rewrite(place, listed, script)
        await self._store.allow(
            _BRINGERS[listed.source], listed.source_id, [script.digest], actor.id
        )

    async def toggle(self, actor: Actor, place: Place, listed: ListedScript) -> bool:
        """Switches a script on or off; whoever switches it on allows it. Returns whether it runs.

        Raises NotAllowed.
        """
        demand(actor, Action.MANAGE_PRESETS, place)
        on = not listed.runs
        script = listed.script.changed(disabled=not on)
        if listed.source in (ScriptSource.SERVER, ScriptSource.CHANNEL):
            await self._store.change(
                place.owner, listed.source_id, script, allowed=listed.allowed or on
            )
            return on
        if listed.script.disabled != script.disabled:
            await self._rewrite(place, listed, script)
        if on:
            await self.allow(actor, place, [listed])
        return on

    async def delete(self, actor: Actor, place: Place, listed: ListedScript) -> None:
        """Removes a script, out of its card or preset too. Raises NotAllowed, NotFound."""
        demand(actor, Action.MANAGE_PRESETS, place)
        if listed.source in (ScriptSource.SERVER, ScriptSource.CHANNEL):
            if not await self._store.delete(place.owner, listed.source_id):
                raise NotFound(what="script", name=listed.script.name)
            return
        await self._rewrite(place, listed, None)
        await self._store.forbid(_BRINGERS[listed.source], listed.source_id, listed.script.digest)

    async def _brought(
        self, presets: Iterable[StoredPreset], characters: Iterable[StoredCharacter]
    ) -> list[ListedScript]:
        """What presets and cards bring, and what of it may run."""
        bringers = [one for one in presets if scripts_of_preset(one)]
        cards = [one for one in characters if scripts_of_character(one)]
        consents = await self._store.consents(
            [one.id for one in cards], [one.id for one in bringers]
        )
        found: dict[str, ListedScript] = {}
        for preset in bringers:
            for index, script in enumerate(scripts_of_preset(preset)):
                allowed = (Bringer.PRESET, preset.id, script.digest) in consents
                listed = ListedScript(
                    script, ScriptSource.PRESET, preset.id, allowed, preset.name, index, preset
                )
                # The parts of one file may each have kept its scripts.
                found.setdefault(f"{preset.name} {index} {script.digest}", listed)
        for card in cards:
            for index, script in enumerate(scripts_of_character(card)):
                allowed = (Bringer.CHARACTER, card.id, script.digest) in consents
                name = card.character.name
                listed = ListedScript(script, ScriptSource.CHARACTER, card.id, allowed, name, index)
                found[listed.key] = listed
        return list(found.values())

    async def _rewrite(
        self, place: Place, listed: ListedScript, script: RegexScript | None
    ) -> None:
        """Puts a script into its card's or preset's document in the place of `listed`; None: out.

        Raises NotFound where it is no longer there.
        """
        if listed.source is ScriptSource.CHARACTER:
            card = (await self._characters.get(place.owner, listed.source_id)).character
            extensions = _replaced(dict(card.extensions), listed, script)
            edited = card.edited(extensions=extensions)
            await self._characters.change(place.owner, listed.source_id, edited)
            return
        assert listed.preset is not None
        name, kind = listed.preset.name, listed.preset.kind
        for one in await self._store.presets(place.owner, [(kind, name)]):
            extensions = _replaced(_extensions(one), listed, script)
            document = {**one.document, "extensions": extensions}
            await self._presets.put(place.owner, kind, name, document)


def _in_order(place: Place, stored: Iterable[StoredScript]) -> list[ListedScript]:
    """The server's list, then those of the channel and thread."""
    order = [scope for scope, _ in reversed(place.scopes())]
    return [
        ListedScript(
            one.script,
            ScriptSource.SERVER if one.scope is Scope.SERVER else ScriptSource.CHANNEL,
            one.id,
            one.allowed,
        )
        for one in sorted(stored, key=lambda one: order.index(one.scope))
    ]


def scripts_of_character(card: StoredCharacter) -> list[RegexScript]:
    return scripts_in(card.character.extensions.get("regex_scripts"))


def scripts_of_preset(preset: StoredPreset) -> list[RegexScript]:
    return scripts_in(_extensions(preset).get("regex_scripts"))


def check(script: RegexScript) -> None:
    """Raises InvalidRegex for a script without a name or with a pattern that is none."""
    if not script.name.strip():
        raise InvalidRegex(Reason.SCRIPT_NAMELESS, pattern=script.pattern)
    # With macros in it, what will be looked for is not yet known.
    if script.pattern_macros is PatternMacros.NONE or "{{" not in script.pattern:
        pattern = pattern_of(script.pattern)
        if pattern.refused:
            raise InvalidRegex(Reason.PATTERN_TOO_LARGE, pattern.refused, pattern=script.pattern)


def is_usable(script: RegexScript) -> bool:
    """Whether its pattern can be run at all."""
    try:
        check(script)
    except InvalidRegex as error:
        return error.reason is Reason.SCRIPT_NAMELESS
    return True


_BRINGERS = {
    ScriptSource.CHARACTER: Bringer.CHARACTER,
    ScriptSource.PRESET: Bringer.PRESET,
}


def _chosen(options: Resolved, kind: Kind | None) -> list[tuple[str, str]]:
    """Kinds and names of the presets whose scripts run here."""
    kinds = (
        PRESETS[kind] if kind is not None else [one for some in PRESETS.values() for one in some]
    )
    names = {
        PresetKind.CHAT: options[CHAT_PRESET],
        PresetKind.SAMPLER_CHAT: options[SAMPLER_PRESET],
        PresetKind.SAMPLER_TEXT: options[SAMPLER_PRESET],
    }
    return [(one.value, name) for one in kinds if (name := names[one])]


def _extensions(preset: StoredPreset) -> dict[str, Any]:
    found = preset.document.get("extensions")
    return dict(found) if isinstance(found, Mapping) else {}


def _replaced(
    extensions: dict[str, Any], listed: ListedScript, script: RegexScript | None
) -> dict[str, Any]:
    """The extensions with another script in the listed one's place. Raises NotFound."""
    items = list(extensions.get("regex_scripts") or ())
    places = [place for place, item in enumerate(items) if is_script(item)]
    at = places[listed.index] if listed.index < len(places) else None
    if at is None or RegexScript.of(items[at]).digest != listed.script.digest:
        raise NotFound(what="script", name=listed.script.name)
    items[at : at + 1] = [] if script is None else [dict(script.document)]
    return {**extensions, "regex_scripts": items}
