"""The stand-in's gateway: sessions over WebSocket, with everything a client can meet there."""

import asyncio
import json
import secrets
from functools import partial
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground.faults import Faults
from bot.playground.gateway import intents
from bot.playground.gateway.intents import Intent
from bot.playground.gateway.session import Connection, Mischief, Session
from bot.playground.rules.errors import Json
from bot.playground.world import render
from bot.playground.world.events import Bus, Event
from bot.playground.world.state import State

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS = 0, 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
# As far away as Discord is: an answer that comes before the client has noted its own sending looks
# to it as if it were a whole interval late.
ACKNOWLEDGED_SECONDS = 0.05
# A client may send 120 frames a minute of at most 4096 bytes each.
FRAME_BYTES = 4096
FRAMES_PER_MINUTE = 120
# Sessions without a connection that are kept for a RESUME.
KEPT_SESSIONS = 16


class Close(Exception):
    """Ends a connection with one of Discord's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Gateway:
    """All sessions of the bot, and the switches that make them misbehave."""

    def __init__(self, state: State, bus: Bus, faults: Faults, heartbeat: float) -> None:
        self._state, self._bus, self._faults = state, bus, faults
        self._heartbeat = heartbeat
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.mischief = Mischief()
        self.shards = 1  # what GET /gateway/bot recommends
        self.identified = 0
        self.resumed = 0
        self._stop_listening = bus.listen(self._hear)

    @property
    def url(self) -> str:
        return self._state.base_url.replace("http", "ws", 1) + "/gateway"

    @property
    def online(self) -> bool:
        """Whether the bot is connected."""
        return any(each.session for each in self.connections)

    def _tell_pages(self) -> None:
        self._bus.publish(Event("ONLINE", {"online": self.online}, for_bot=False))

    # Connections

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Talks with one client until it leaves or is put out."""
        if self.mischief.outage:
            return web.Response(status=503, text="Service Unavailable")
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = Connection(socket, request, self.mischief)
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            connection.send_op(HELLO, {"heartbeat_interval": int(self._heartbeat * 1000)})
            await self._listen(connection)
        except Close as close:
            await socket.close(code=close.code, message=close.reason.encode())
        finally:
            self.connections.discard(connection)
            self._let_go(connection)
            writer.cancel()
            self._tell_pages()
        return socket

    async def _listen(self, connection: Connection) -> None:
        while True:
            try:
                # Twice the interval without a sign of life is a dead client.
                frame = await connection.socket.receive(timeout=self._heartbeat * 2)
            except TimeoutError:
                raise Close(4009, "Session timed out.") from None
            if frame.type is WSMsgType.TEXT:
                self._take(connection, frame.data)
            elif frame.type is WSMsgType.CLOSE:
                # A client that closes with these codes gives its session up.
                connection.said_goodbye = frame.data in (1000, 1001)
                return
            elif frame.type is not WSMsgType.BINARY:
                return

    def _let_go(self, connection: Connection) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if connection.said_goodbye:
            self.sessions.pop(session.id, None)
        idle = [each for each in self.sessions.values() if each.connection is None]
        for each in idle[:-KEPT_SESSIONS]:
            del self.sessions[each.id]

    def _take(self, connection: Connection, text: str) -> None:
        if len(text.encode()) > FRAME_BYTES:
            raise Close(4002, "Error while decoding payload.")
        if connection.frames_in_a_minute(self._state.clock.now()) > FRAMES_PER_MINUTE:
            raise Close(4008, "Rate limited.")
        try:
            frame = json.loads(text)
            operation, data = frame["op"], frame.get("d")
        except (ValueError, TypeError, KeyError):
            raise Close(4002, "Error while decoding payload.") from None
        if operation == HEARTBEAT:
            if not (self.mischief.deaf or self.mischief.silent):
                acknowledge = partial(connection.send_op, HEARTBEAT_ACK, None)
                asyncio.get_running_loop().call_later(ACKNOWLEDGED_SECONDS, acknowledge)
        elif operation == IDENTIFY:
            self._identify(connection, data)
        elif operation == RESUME:
            self._resume(connection, data)
        elif connection.session is None:
            raise Close(4003, "Not authenticated.")
        elif operation == MEMBERS:
            self._members(connection.session, data)
        elif operation not in (PRESENCE, VOICE):
            raise Close(4001, "Unknown opcode.")

    # Sessions

    def _identify(self, connection: Connection, data: Any) -> None:
        if connection.session is not None:
            raise Close(4005, "Already authenticated.")
        self._authenticate(data)
        asked = data.get("intents")
        if isinstance(asked, bool) or not isinstance(asked, int) or asked & ~int(intents.KNOWN):
            raise Close(4013, "Invalid intent(s).")
        if intents.forbidden(Intent(asked), self._state.application.intents):
            raise Close(4014, "Disallowed intent(s).")
        shard = tuple(data.get("shard") or (0, 1))
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise Close(4010, "Invalid shard.")
        session = Session(secrets.token_hex(16), Intent(asked), shard, self.mischief)
        self.sessions[session.id] = session
        session.attach(connection)
        self.identified += 1
        self._ready(session, with_shard=data.get("shard") is not None)
        self._tell_pages()

    def _ready(self, session: Session, *, with_shard: bool) -> None:
        state = self._state
        guilds = [
            each
            for each in state.guilds.values()
            if state.bot.id in each.members and session.serves(each.id)
        ]
        ready: Json = {
            "v": 10,
            "user": render.current_user(state.bot),
            "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {
                "id": state.application.id,
                "flags": intents.application_flags(state.application.intents),
            },
            "private_channels": [],
            "relationships": [],
            "presences": [],
        }
        if with_shard:
            ready["shard"] = list(session.shard)
        session.dispatch("READY", ready)
        if Intent.GUILDS in session.intents:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", self._guild(session, guild.id))

    def _guild(self, session: Session, guild_id: str) -> Json:
        everybody = Intent.GUILD_MEMBERS in session.intents
        guild = self._state.guilds[guild_id]
        return render.guild_create(self._state, guild, all_members=everybody)

    def _resume(self, connection: Connection, data: Any) -> None:
        if connection.session is not None:
            raise Close(4005, "Already authenticated.")
        self._authenticate(data)
        session = self.sessions.get(str(data.get("session_id")))
        seq = data.get("seq")
        if session is None or not isinstance(seq, int) or not session.remembers(seq):
            connection.send_op(INVALID_SESSION, False)
            return
        session.attach(connection)
        session.replay(seq)
        self.resumed += 1
        session.dispatch("RESUMED", {"_trace": []})
        self._tell_pages()

    def _authenticate(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise Close(4002, "Error while decoding payload.")
        token = str(data.get("token")).removeprefix("Bot ")
        if token != self._state.application.token:
            raise Close(4004, "Authentication failed.")

    def _members(self, session: Session, data: Json) -> None:
        """Answers a request for members: everyone, by name, or by id."""
        guild = self._state.guilds.get(str(data.get("guild_id")))
        if guild is None:
            return
        wanted = data.get("user_ids")
        query = str(data.get("query") or "").lower()
        found, missing = [], []
        if wanted is None:
            found = [
                each
                for each in guild.members.values()
                if self._state.users[each.user_id].name.lower().startswith(query)
            ]
        else:
            ids = [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
            found = [guild.members[each] for each in ids if each in guild.members]
            missing = [each for each in ids if each not in guild.members]
        limit = data.get("limit") or len(found)
        chunk: Json = {
            "guild_id": guild.id,
            "members": [render.member(self._state, each) for each in found[:limit]],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": missing,
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    # Events

    def _hear(self, event: Event) -> None:
        if not event.for_bot:
            return
        for session in tuple(self.sessions.values()):
            if self._concerns(session, event):
                fault = self._faults.find(f"EVENT {event.type}")
                session.dispatch(event.type, self._readable(session, event), fault)

    def _concerns(self, session: Session, event: Event) -> bool:
        if not session.serves(event.guild_id):
            return False
        wanted = intents.needed(event.type, event.guild_id is not None)
        about_itself = (event.data.get("user") or {}).get("id") == self._state.bot.id
        if wanted is not None and wanted not in session.intents and not about_itself:
            return False
        if event.type in ("INTERACTION_CREATE", "GUILD_DELETE", "THREAD_DELETE"):
            return True
        guild = self._state.guilds.get(event.guild_id or "")
        if guild is not None and self._state.bot.id not in guild.members:
            return False
        hidden = event.channel and not self._state.sees(self._state.bot.id, event.channel)
        return not (hidden and event.type.startswith(intents.NEED_VIEW))

    def _readable(self, session: Session, event: Event) -> Json:
        if event.type == "GUILD_CREATE" and event.guild_id:
            return self._guild(session, event.guild_id)
        if event.message is None or Intent.MESSAGE_CONTENT in session.intents:
            return event.data
        return intents.blanked(event.data, self._state.bot.id)

    # Making trouble

    async def close_all(self, code: int, reason: str = "") -> None:
        """Ends every connection with a close code."""
        for connection in tuple(self.connections):
            await connection.socket.close(code=code, message=reason.encode())

    def abort_all(self) -> None:
        """Cuts every connection without a word."""
        for connection in tuple(self.connections):
            connection.abort()

    def reconnect_all(self) -> None:
        """Asks every client to come back and resume (op 7)."""
        for connection in tuple(self.connections):
            connection.send_op(RECONNECT, None)

    def invalidate_all(self, *, resumable: bool) -> None:
        """Tells every client its session is invalid (op 9)."""
        for connection in tuple(self.connections):
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
            connection.send_op(INVALID_SESSION, resumable)

    def forget_sessions(self) -> None:
        """After this a RESUME is refused, as when a session has timed out."""
        for session in tuple(self.sessions.values()):
            if session.connection is None:
                del self.sessions[session.id]

    async def shut(self) -> None:
        self._stop_listening()
        await self.close_all(1001, "Going away")
