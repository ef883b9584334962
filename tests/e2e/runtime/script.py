"""An engine that says what a test wrote for it; everything between it and Discord is real."""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from core.backends.backend import Backend
from core.backends.types import Delta, Finish, Request, Wait
from core.chat.message import Incoming, Message, Role, State, Swipe
from core.chat.place import Actor, Place, Scope
from core.engine.scene import Scene
from core.errors import BackendError, PromptTooLong, TavernError
from core.kind import Kind
from core.options.table import Resolved, Stored
from core.prompt.prompt import Prompt
from core.reply.output_filter import OutputRules
from core.reply.reply_run import Attempt, ReplyRun, Shown, Speaker
from core.settings import Settings
from core.storage.stories import Story

Step = str | asyncio.Event | Wait | Exception
"""A piece of text; something to wait for; a sign of waiting; a fault."""

MIRA = Speaker("Mira", 1, "ab" * 32)


class ScriptedBackend:
    """Streams one script."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        for step in self.steps:
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, Wait):
                yield Delta(wait=step)
            elif isinstance(step, Exception):
                raise step
            else:
                yield Delta(text=step)
        yield Delta(finish=Finish.STOP)


class ScriptedReply(ReplyRun):
    """Says one script; its steps are kept in the engine's dictionary of messages."""

    def __init__(
        self,
        engine: "ScriptedEngine",
        place: Place,
        message: Message,
        steps: Sequence[Step],
        keeps: str,
    ) -> None:
        super().__init__(place, engine.speaker, message, keeps)
        self.id = f"g{message.id}.{message.active}"
        self.engine = engine
        self.script = steps

    async def prepare(self) -> Attempt:
        return Attempt(
            prompt=Prompt(kind=Kind.TEXT),
            backend=cast(Backend, ScriptedBackend(self.script)),
            request=Request(kind=Kind.TEXT, model="script"),
            rules=OutputRules(keeps=self.keeps),
            backend_name="Script",
        )

    async def shrink(self, error: PromptTooLong) -> None:
        return None

    async def next_connection(self, error: BackendError) -> None:
        return None

    async def draft(self, text: str) -> None:
        self.engine.events.append(("draft", self.message_id))

    async def finish(self, swipe: Swipe, state: State) -> None:
        self.engine.put(self.message_id, self.swipe, swipe, state)
        self.engine.running = None

    async def discard(self) -> None:
        self.engine.events.append(("discard", self.message_id))
        self.engine.turns.pop(self.message_id, None)
        self.engine.running = None


class ScriptedEngine:
    """As much of `Engine` as the Discord side touches."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self.settings = settings
        self.scripts: deque[Sequence[Step]] = deque()
        self.heard: list[Incoming] = []
        self.events: list[tuple[str, Any]] = []
        self.turns: dict[int, Message] = {}
        self.running: ReplyRun | None = None
        self.speaker = MIRA
        self.picture: bytes | None = None
        self.options = {"chat.burst_seconds": 0.05, **options}
        self.broken: list[tuple[Place, Message]] = []
        self._ids = itertools.count(1)
        self.meta: dict[str, str] = {}
        self.places: list[tuple[Place, int]] = []
        self.services = SimpleNamespace(
            characters=SimpleNamespace(get=self._character, avatar=self._avatar),
            notes=SimpleNamespace(get=self._get_meta, set=self._set_meta),
        )

    @property
    def told(self) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
        """Turn, Discord ids and lengths of each `shown`."""
        return [fact for name, fact in self.events if name == "shown"]

    def will_say(self, *steps: Step) -> None:
        """The script of the next reply."""
        self.scripts.append(steps)

    # The facade

    async def scene(self, place: Place, person_id: int | None = None) -> Scene:
        values = {"chat.mode": "every", **self.options}
        rows = {key: Stored(Scope.SERVER, 0, key, value) for key, value in values.items()}
        return Scene(Story(1, place), person_id, None, Resolved(rows))

    async def receive(self, scene: Scene, incoming: Incoming) -> bool:
        if any(known.discord_id == incoming.discord_id for known in self.heard):
            return False
        self.heard.append(incoming)
        return incoming.fresh

    async def reply(self, scene: Scene, *, actor: Actor | None = None) -> AsyncIterator[ReplyRun]:
        yield self._begin(scene.place, next(self._ids), 0, ())

    async def regenerate(self, scene: Scene, message_id: int | None = None) -> ReplyRun:
        turn = self.turns[message_id or max(self.turns)]
        return self._begin(scene.place, turn.id, len(turn.swipes), turn.discord_ids)

    async def continue_(self, scene: Scene, message_id: int | None = None) -> ReplyRun:
        turn = self.turns[message_id or max(self.turns)]
        return self._begin(scene.place, turn.id, turn.active, turn.discord_ids, keeps=turn.text)

    async def swipe(self, scene: Scene, message_id: int, step: int) -> Message | ReplyRun:
        turn = self.turns[message_id]
        if turn.active + step >= len(turn.swipes):
            return await self.regenerate(scene, message_id)
        active = max(0, turn.active + step)
        self.turns[message_id] = _with(turn, active=active)
        return self.turns[message_id]

    async def shown(self, message_id: int, ids: Sequence[int], lengths: Sequence[int] = ()) -> None:
        self.events.append(("shown", (message_id, tuple(ids), tuple(lengths))))
        if message_id in self.turns:
            self.turns[message_id] = _with(self.turns[message_id], discord_ids=tuple(ids))
        else:
            self.turns[message_id] = _with(_turn(message_id), discord_ids=tuple(ids))

    async def shown_by(self, discord_id: int) -> Message | None:
        return next((t for t in self.turns.values() if discord_id in t.discord_ids), None)

    async def shown_text(self, message: Message, place: Place) -> Shown:
        return Shown(message.text)

    async def settle(self, message_id: int, text: str | None, state: State = State.CUT) -> Message:
        turn = self.turns[message_id]
        settled = [*turn.swipes]
        settled[turn.active] = replace(settled[turn.active], text=text or turn.text)
        self.turns[message_id] = _with(turn, swipes=tuple(settled), state=state)
        return self.turns[message_id]

    async def watched(self) -> list[tuple[Place, int]]:
        return self.places

    async def edit(self, discord_id: int, text: str) -> None:
        self.events.append(("edit", (discord_id, text)))

    async def delete(self, discord_ids: Sequence[int]) -> None:
        self.events.append(("delete", tuple(discord_ids)))

    async def forget_place(self, place_id: int) -> None:
        self.events.append(("forget", place_id))

    async def unfinished(self) -> list[tuple[Place, Message]]:
        return self.broken

    # Behind it

    def put(self, message_id: int, n: int, swipe: Swipe, state: State) -> None:
        turn = self.turns.get(message_id) or _turn(message_id)
        swipes = [*turn.swipes[:n], swipe, *turn.swipes[n + 1 :]]
        self.turns[message_id] = _with(turn, swipes=tuple(swipes), active=n, state=state)
        self.events.append(("finish", message_id))

    def _begin(
        self, place: Place, id_: int, n: int, discord_ids: tuple[int, ...], keeps: str = ""
    ) -> ReplyRun:
        steps = self.scripts.popleft() if self.scripts else ("Well met.",)
        swipes = (Swipe(""),) * (n + 1)
        message = _with(_turn(id_), swipes=swipes, active=n, discord_ids=discord_ids)
        self.running = ScriptedReply(self, place, message, steps, keeps)
        return self.running

    async def _character(self, place: Place, character_id: int) -> Any:
        return SimpleNamespace(avatar=MIRA.avatar)

    async def _avatar(self, character_id: int) -> bytes | None:
        return self.picture

    async def _get_meta(self, key: str) -> str | None:
        return self.meta.get(key)

    async def _set_meta(self, key: str, value: str) -> None:
        self.meta[key] = value


def _turn(message_id: int) -> Message:
    return Message(message_id, 0, Role.CHARACTER, "Mira", (), character_id=1)


def _with(turn: Message, **changes: Any) -> Message:
    return replace(turn, **changes)


__all__ = ["MIRA", "ScriptedEngine", "Step", "TavernError"]
