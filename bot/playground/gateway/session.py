"""A gateway session and the connection it currently speaks through."""

import asyncio
import json
import random
import zlib
from collections import deque
from dataclasses import dataclass

from aiohttp import web

from bot.playground.faults import Action, Fault
from bot.playground.gateway.intents import Intent
from bot.playground.rules.errors import Json

# Events kept for a RESUME.
REPLAYABLE = 20_000


@dataclass(slots=True)
class Mischief:
    """How the gateway misbehaves at the moment."""

    outage: bool = False  # refuses new connections
    silent: bool = False  # sends nothing at all
    deaf: bool = False  # acknowledges no heartbeat
    latency: float = 0.0  # seconds before each frame
    jitter: float = 0.0  # up to this many seconds more


class Connection:
    """One WebSocket: frames leave in order, through one zlib stream where that was asked for."""

    def __init__(
        self, socket: web.WebSocketResponse, request: web.Request, mischief: Mischief
    ) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.said_goodbye = False
        self._request, self._mischief = request, mischief
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        wants_zlib = request.query.get("compress") == "zlib-stream"
        self._zlib = zlib.compressobj() if wants_zlib else None
        self._arrivals: deque[float] = deque()
        self._dice = random.Random(0)

    def send(self, frame: str) -> None:
        if not self._mischief.silent:
            self._queue.put_nowait(frame)

    def send_op(self, operation: int, data: object) -> None:
        self.send(json.dumps({"t": None, "s": None, "op": operation, "d": data}))

    async def write(self) -> None:
        """Sends what is queued until the socket closes."""
        while True:
            frame = await self._queue.get()
            if wait := self._mischief.latency + self._dice.random() * self._mischief.jitter:
                await asyncio.sleep(wait)
            try:
                if self._zlib is None:
                    await self.socket.send_str(frame)
                else:
                    packed = self._zlib.compress(frame.encode())
                    await self.socket.send_bytes(packed + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            except ConnectionError:
                return

    def frames_in_a_minute(self, now: float) -> int:
        self._arrivals.append(now)
        while self._arrivals[0] < now - 60:
            self._arrivals.popleft()
        return len(self._arrivals)

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()


class Session:
    """What a client identified for, and the events it could still ask to have replayed."""

    def __init__(
        self, session_id: str, wanted: Intent, shard: tuple[int, int], mischief: Mischief
    ) -> None:
        self.id, self.intents, self.shard = session_id, wanted, shard
        self.connection: Connection | None = None
        self.seq = 0
        self._mischief = mischief
        self._sent: deque[tuple[int, str]] = deque(maxlen=REPLAYABLE)
        self._held: list[tuple[str, Json]] = []

    def serves(self, guild_id: str | None) -> bool:
        """Whether a server (or, for None, direct messages) belongs to this shard."""
        number, count = self.shard
        return number == (0 if guild_id is None else (int(guild_id) >> 22) % count)

    def attach(self, connection: Connection) -> None:
        self.connection = connection
        connection.session = self

    def dispatch(self, kind: str, data: Json, fault: Fault | None = None) -> None:
        """Sends an event and keeps it for a RESUME; a fault may twist it."""
        if fault is None:
            self._send(kind, data)
        elif fault.action is Action.REORDER:
            self._held.append((kind, data))
            return
        elif fault.action is Action.REPEAT:
            for _ in range(1 + fault.copies):
                self._send(kind, data)
        elif fault.action is Action.MALFORM:
            self._send(kind, {"id": data.get("id")})
        elif fault.action is Action.DELAY:
            loop = asyncio.get_running_loop()
            loop.call_later(fault.seconds, self._send, kind, data)
        held, self._held = self._held, []
        for late in held:
            self._send(*late)

    def _send(self, kind: str, data: Json) -> None:
        self.seq += 1
        frame = json.dumps({"t": kind, "s": self.seq, "op": 0, "d": data})
        self._sent.append((self.seq, frame))
        if self.connection is not None:
            self.connection.send(frame)

    def remembers(self, seq: int) -> bool:
        """Whether everything after `seq` can still be replayed."""
        oldest = self._sent[0][0] if self._sent else 1
        return oldest - 1 <= seq <= self.seq

    def replay(self, seq: int) -> None:
        assert self.connection is not None
        for number, frame in self._sent:
            if number > seq:
                self.connection.send(frame)
