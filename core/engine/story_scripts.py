"""Regex scripts at work in stories: on replies, on what people say, on what is shown again."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cachetools import LRUCache, TTLCache

from core.chat.history import History
from core.chat.message import Message, Role
from core.chat.place import Place
from core.engine.scene import Scene
from core.kind import Kind
from core.macros.engine import Macros
from core.macros.environment import CardFields, Environment, MacroNames
from core.macros.variables import Variables, VariableScope, VariableWrite, WorkingVariables
from core.options.table import CONVERT_HTML, KIND, Resolved
from core.patterns.finder import Finder
from core.prompt.context import Context, Purpose
from core.prompt.scripts import script_macros
from core.regex_scripts.run import Holds, PromptMacros, ScriptRunner, ScriptSet
from core.regex_scripts.script import Placement, RegexScript, Target
from core.reply.reply_run import Phase, Shown, Snapshot
from core.services import Services
from core.storage.characters import StoredCharacter

log = logging.getLogger(__name__)

REMEMBERED = 1_000
QUIET_SECONDS = 3_600.0
"""A script that was stopped is named under a reply once in this time."""


class StoppedScripts:
    """Scripts that had to be stopped since the start, and where that was told."""

    def __init__(self) -> None:
        self._digests: LRUCache[str, None] = LRUCache(REMEMBERED)
        self._told: TTLCache[Hashable, None] = TTLCache(REMEMBERED, QUIET_SECONDS)

    def __contains__(self, script: RegexScript) -> bool:
        return script.digest in self._digests

    def add(self, script: RegexScript) -> None:
        self._digests[script.digest] = None

    def tell(self, place: Place, script: RegexScript) -> bool:
        """Whether it is time to say so here."""
        key = place.owner, script.digest
        if key in self._told:
            return False
        self._told[key] = None
        return True


class StoryScripts:
    """Finds the scripts that are at work and runs them beside the event loop."""

    def __init__(self, services: Services, finder: Finder) -> None:
        self._services = services
        self._finder = finder
        self.stopped = StoppedScripts()

    async def at_work(
        self,
        scene: Scene,
        options: Resolved,
        characters: Sequence[StoredCharacter],
        kind: Kind | None = None,
    ) -> ScriptSet:
        """Those of the place, of the presets in use for this kind, and of these cards."""
        found = await self._services.regex_scripts.at_work(
            scene.place, options, characters, kind, scene.scripts
        )
        return ScriptSet(found, self._finder, self.stopped.add)

    async def said(self, scene: Scene, text: str, user: str, *, edited: bool = False) -> str:
        """What is stored of a person's words."""
        cards = [member.stored for member in scene.members]
        # With several characters it is nobody's card in particular.
        scripts = await self._here(scene, cards if len(cards) == 1 else [])
        fitting = scripts.for_text(Placement.USER_INPUT, Target.STORED, edited=edited)
        if not fitting:
            return text
        char = cards[0].character.name if len(cards) == 1 else ", ".join(scene.names)
        runner = scripts.runner(await self._macros(scene, user, char))
        return await _beside(runner.run, fitting, text) or text

    async def greetings(
        self, scene: Scene, speaker: StoredCharacter, user: str, texts: Sequence[str]
    ) -> list[str]:
        """What is stored of a card's greetings; one of which nothing is left stays as it is."""
        scripts = await self._here(scene, [speaker])
        fitting = scripts.for_text(Placement.AI_OUTPUT, Target.STORED)
        if not fitting:
            return list(texts)
        runner = scripts.runner(await self._macros(scene, user, speaker.character.name))
        return [await _beside(runner.run, fitting, text) or text for text in texts]

    async def shown(self, scene: Scene, message: Message, history: History) -> Shown:
        """What people see of a stored message."""
        html = bool(scene.options[CONVERT_HTML])
        if not message.text or message.role is Role.NARRATOR:
            return Shown(message.text, plain_html=html)
        speaker = scene.characters.get(message.character_id or 0)
        cards = [speaker] if speaker else [member.stored for member in scene.members][:1]
        scripts = await self._here(scene, cards)
        of_person = message.role is Role.USER
        fitting = scripts.for_text(
            Placement.USER_INPUT if of_person else Placement.AI_OUTPUT,
            Target.SHOWN,
            depth=depth_of(history, message.id),
        )
        if not fitting:
            return Shown(message.text, plain_html=html)
        asked = history.newest(Role.USER)
        user = message.name if of_person else asked.name if asked else ""
        char = cards[0].character.name if cards else ""
        runner = scripts.runner(await self._macros(scene, user, char))
        speaking = message.name
        text = await _beside(runner.run, fitting, message.text, speaker=speaking)
        return Shown(text, plain_html=html)

    async def tried(self, scene: Scene, script: RegexScript, text: str, user: str) -> str | None:
        """What a script makes of a text; None where it had to be stopped."""
        char = scene.members[0].stored.character.name if scene.members else ""
        runner = ScriptRunner(self._finder, await self._macros(scene, user, char))
        made = await _beside(runner.run, [script], text)
        return None if runner.stopped else made

    async def _here(self, scene: Scene, cards: Sequence[StoredCharacter]) -> ScriptSet:
        """Where no reply is made, the kind of completion is the one that was chosen, if any."""
        kind = scene.options[KIND]
        return await self.at_work(scene, scene.options, cards, Kind(kind) if kind else None)

    async def _macros(self, scene: Scene, user: str, char: str) -> PromptMacros:
        names = MacroNames(user, char, ", ".join(scene.names) or char, char, user)
        speaker = next((c for c in scene.characters.values() if c.character.name == char), None)
        card = speaker.character if speaker else None
        fields = CardFields(
            description=card.description if card else "",
            personality=card.personality if card else "",
            scenario=card.scenario if card else "",
        )
        environment = Environment(
            names=names, card=lambda: fields, now=datetime.now(UTC), chat_seed=scene.story.id
        )
        stored = await self._services.storage.stories.variables(scene.story)
        local = WorkingVariables(VariableScope.LOCAL, stored.local)
        shared = WorkingVariables(VariableScope.GLOBAL, stored.shared)
        return PromptMacros(Macros(environment, local, shared))


@dataclass(slots=True)
class ReplyScripts:
    """The scripts of one reply; `depth` is that of its message, 0 for the newest."""

    scripts: ScriptSet
    context: Context
    depth: int
    speaker: str
    plain_html: bool
    holds: Holds = field(default_factory=Holds)
    effects: tuple[VariableWrite, ...] = ()
    """What macros of scripts have set when the text was stored."""

    @property
    def placement(self) -> Placement:
        impersonates = self.context.purpose is Purpose.IMPERSONATE
        return Placement.USER_INPUT if impersonates else Placement.AI_OUTPUT

    async def kept(self, text: str, *, last: bool, writes: Sequence[VariableWrite]) -> str:
        """What is stored of the reply; `writes` are what its prompt has set."""
        fitting = self.scripts.for_text(self.placement, Target.STORED)
        if not fitting or not text:
            return text
        macros = script_macros(_after(self.context, writes))
        made = await _beside(self.scripts.runner(macros).run, fitting, text)
        if last:
            self.effects = macros.effects
        return made

    async def kept_thoughts(self, text: str) -> str:
        return await self._thoughts(text, Target.STORED)

    async def shown_thoughts(self, text: str) -> str:
        return await self._thoughts(text, Target.SHOWN)

    async def shown(self, snapshot: Snapshot) -> Shown:
        """What people see of a reply that grows, or of one that is stored."""
        growing = snapshot.phase is Phase.STREAMING
        kept = self.scripts.for_text(self.placement, Target.STORED) if growing else []
        shown = self.scripts.for_text(self.placement, Target.SHOWN, depth=self.depth)
        if not snapshot.text or not (kept or shown):
            return Shown(snapshot.text, plain_html=self.plain_html)
        runner = self.scripts.runner(script_macros(self.context))
        if not growing:
            text = await _beside(runner.run, shown, snapshot.text, speaker=self.speaker)
            return Shown(text, plain_html=self.plain_html)
        text = await asyncio.to_thread(
            runner.run_growing, [*kept, *shown], snapshot.text, self.holds, speaker=self.speaker
        )
        return Shown(text, self.holds.left, self.plain_html)

    async def _thoughts(self, text: str, target: Target) -> str:
        fitting = self.scripts.for_text(Placement.REASONING, target)
        if not fitting or not text:
            return text
        runner = self.scripts.runner(script_macros(self.context))
        return await _beside(runner.run, fitting, text)


async def _beside(
    run: Callable[..., str],
    scripts: Sequence[RegexScript],
    text: str,
    *,
    speaker: str | None = None,
) -> str:
    """Runs scripts beside the event loop: their patterns and macros may take a while."""
    return await asyncio.to_thread(run, scripts, text, speaker=speaker)


def depth_of(history: History, message_id: int) -> int:
    """How many messages are newer."""
    return len(history) - len(history.until(message_id))


def _after(context: Context, writes: Sequence[VariableWrite]) -> Context:
    """The context with the variables that were set since."""
    if not writes:
        return context
    scopes = {
        VariableScope.LOCAL: dict(context.variables.local),
        VariableScope.GLOBAL: dict(context.variables.shared),
    }
    for write in writes:
        if write.value is None:
            scopes[write.scope].pop(write.name, None)
        else:
            scopes[write.scope][write.name] = write.value
    variables = Variables(scopes[VariableScope.LOCAL], scopes[VariableScope.GLOBAL])
    return replace(context, variables=variables)
