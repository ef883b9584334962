"""The way of one message through the product: `python -m tests.bench.message_path [--trail]`.

The playground, the real discord.py client and the rehearsal model run in this process; one message
warms them up, the next one is followed from the event to the last edit of its reply. SQLite, and
PostgreSQL where TAVERN_TEST_POSTGRES names a database (it is emptied!).

What is counted, in `bot` (without the playground) and `core`:

* files, functions: those that were entered.
* moves: a call or a return in another file than the call or return before it, thread by thread. A
  coroutine that waits or goes on does neither.
* options resolved: calls of the function that lays the stored values over each other.
* transactions: begun; those that changed nothing are reads.
* statements: what the database was told, begin, commit, pings and resets included. On SQLite
  the library itself reports them, on PostgreSQL a relay on the wire reads them.
* moves between rooms: the same by folder (`bot/channel`, `core/engine`; what lies beside the
  folders is in the room `bot` or `core`).
* most often come back to: at every call, the chain that led to it (its callers, its awaiters and
  those who started its task) is read from the first one down, as rooms. A room that stands in
  that row twice, with another between, was left and come back to once. The worst row is printed.
"""

import asyncio
import opcode
import os
import struct
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url

from core.options.table import resolve
from core.settings import DatabaseSettings
from tests.e2e.tavern.conftest import greeted
from tests.e2e.tavern.tavern import Tavern, labels, opened
from tests.storage.conftest import POSTGRES, emptied

ROOT = Path(__file__).resolve().parents[2]
WORDS = "The lantern swings above the harbour wall, and nobody speaks of the Marigold. " * 4
_RESUME, _YIELD = opcode.opmap["RESUME"], opcode.opmap["YIELD_VALUE"]
_CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")


Chain = tuple[str, ...]
"""Functions as `file:name`, each with the next one's call under way."""


def product_file(code: CodeType) -> str:
    """The file below the repository's root; empty for what is no code of the product."""
    path = code.co_filename
    if not path.startswith(f"{ROOT}/"):
        return ""
    path = path[len(str(ROOT)) + 1 :]
    is_product = path.startswith(("bot/", "core/")) and not path.startswith("bot/playground/")
    return path if is_product else ""


def room(file: str) -> str:
    """`bot/channel` for bot/channel/output.py, `bot` for bot/client.py."""
    return "/".join(file.split("/")[:-1][:2])


def rooms(chain: Iterable[str]) -> tuple[str, ...]:
    """The rooms it leads through."""
    return tuple(name for name, _ in groupby(map(room, chain)))


def moved(frame: FrameType, what: str) -> bool:
    """Whether it is a function's beginning or end, not a coroutine that waits or goes on."""
    at, code = frame.f_lasti, frame.f_code.co_code
    if what == "call":
        return at < 0 or code[at] != _RESUME or code[at + 1] & 3 == 0
    return what == "return" and code[at] != _YIELD


@dataclass
class Way:
    """Everything a message passed."""

    files: Counter[str] = field(default_factory=Counter)
    functions: Counter[CodeType] = field(default_factory=Counter)
    trail: list[str] = field(default_factory=list)
    """The files of the event loop's thread in the order they were entered."""
    chains: dict[tuple[str, ...], Chain] = field(default_factory=dict)
    """Rows of rooms, each with a chain that gave it."""
    moves: int = 0


class Follower:
    """Watches calls and returns in all threads; notes them while `path` is set."""

    def __init__(self) -> None:
        self.path: Way | None = None
        self._files: dict[CodeType, str] = {}
        self._last = threading.local()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """For the whole run: a thread of the database lives from its first use on."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _file(self, code: CodeType) -> str:
        found = self._files.get(code)
        if found is None:
            found = self._files[code] = product_file(code)
        return found

    def _note(self, frame: FrameType, what: str, _: object) -> None:
        path = self.path
        if path is None or not (file := self._file(frame.f_code)) or not moved(frame, what):
            return
        if getattr(self._last, "file", "") != file:
            self._last.file = file
            path.moves += 1
            if threading.current_thread() is threading.main_thread():
                path.trail.append(file)
        if what == "call":
            path.files[file] += 1
            path.functions[frame.f_code] += 1
            chain = self._chain(frame)
            path.chains.setdefault(rooms(chain), chain)

    def _chain(self, frame: FrameType | None) -> Chain:
        names = []
        while frame is not None:
            if file := self._file(frame.f_code):
                names.append(f"{file}:{frame.f_code.co_qualname}")
            frame = frame.f_back
        return (*self._started_by(), *reversed(names))

    def _started_by(self) -> Chain:
        with suppress(RuntimeError):  # no loop in this thread
            return getattr(asyncio.current_task(), "started_by", ())
        return ()

    def task(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any
    ) -> "asyncio.Task[Any]":
        """A task that knows the chain that led to its making."""
        made = StartedTask(coroutine, loop=loop, **options)
        if self.path is not None:
            made.started_by = self._chain(sys._getframe(1))
        return made


class StartedTask(asyncio.Task[Any]):
    """Remembers who started it."""

    started_by: Chain = ()


@dataclass
class Database:
    """What the database was told while `counting`."""

    name: str
    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    writes: int = 0
    counting: bool = False

    def told(self, statement: str) -> None:
        """One statement. SQLite reports those inside triggers too, as comments."""
        if self.counting and not statement.startswith("--"):
            self.statements.append(" ".join(statement.split()))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Counts transactions of every engine, and statements of SQLite."""
        listeners: list[tuple[str, Any]] = [
            ("begin", self._begun),
            ("before_cursor_execute", self._asked),
            ("connect", self._connected),
        ]
        for name, listener in listeners:
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(Engine, name, listener)

    def _begun(self, connection: Any) -> None:
        self.transactions += self.counting
        connection.info["changes"] = False

    def _asked(self, connection: Any, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(_CHANGES) and not connection.info.get("changes"):
            connection.info["changes"] = True
            self.writes += self.counting

    def _connected(self, connection: Any, _record: object) -> None:
        driver = getattr(connection, "driver_connection", None)
        if hasattr(driver, "set_trace_callback"):
            connection.run_async(lambda raw: raw.set_trace_callback(self.told))

    def kinds(self) -> str:
        """How often which kind of statement, most first."""
        counted = Counter(
            told.split(" ", 1)[0].rstrip(";").upper() or ";" for told in self.statements
        )
        return ", ".join(f"{number} {kind}" for kind, number in counted.most_common())


@asynccontextmanager
async def relay(url: str, database: Database) -> AsyncIterator[str]:
    """An address on this machine that leads to a PostgreSQL server and reads along."""
    target = make_url(url)
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = await asyncio.open_connection(target.host, target.port or 5432)
        back = asyncio.create_task(pump(onward[0], writer))
        tasks.add(back)
        try:
            await _listen(reader, writer, onward[1], database)
        except (asyncio.IncompleteReadError, ConnectionError):
            onward[1].close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield target.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        server.close()
        for task in tasks:
            task.cancel()


_NO_TLS = 80877103


async def _listen(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    onward: asyncio.StreamWriter,
    database: Database,
) -> None:
    """PostgreSQL's messages: a letter, a length, a body; the first has no letter."""
    while True:
        length, code = struct.unpack("!II", head := await reader.readexactly(8))
        if code != _NO_TLS:
            break
        writer.write(b"N")
    onward.write(head + await reader.readexactly(length - 8))
    prepared: dict[bytes, str] = {}
    bound = ""
    while True:
        head = await reader.readexactly(5)
        body = await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
        parts = body.split(b"\0")
        match head[:1]:
            case b"Q":
                for statement in filter(None, parts[0].decode().split(";")) or [";"]:
                    database.told(statement)
            case b"P":
                prepared[parts[0]] = parts[1].decode()
            case b"B":
                bound = prepared.get(parts[1], "?")
            case b"E":
                database.told(bound or ";")
        onward.write(head + body)
        await onward.drain()


async def exchange(tavern: Tavern, text: str) -> None:
    """One message and its whole reply."""
    before = len(tavern.said())
    tavern.will_say(WORDS.strip())
    tavern.ann.send(tavern.room, text)
    await tavern.until(
        lambda: len(tavern.said()) > before and "Regenerate" in labels(tavern.said()[-1]), 60
    )
    await tavern.until(tavern.is_idle)


async def followed(url: str | None, follower: Follower, database: Database) -> Way:
    """The way of the second message, whose words nobody has counted yet."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        changes = {"database": DatabaseSettings(url=url)} if url else {}
        async with opened(monkeypatch, Path(folder), **changes) as tavern:
            asyncio.get_running_loop().set_task_factory(follower.task)
            await greeted(tavern)
            tavern.script.speed = 100.0
            await exchange(tavern, "Good evening!")
            await asyncio.sleep(1)
            path, database.counting = Way(), True
            follower.path = path
            await exchange(tavern, f"What do they say about the {database.name}?")
            await asyncio.sleep(0.2)
            follower.path, database.counting = None, False
            return path


def show(path: Way, database: Database) -> None:
    """Prints the figures."""
    print(f"== {database.name}")
    print(f"files entered            {len(path.files):>6}")
    print(f"functions entered        {len(path.functions):>6}")
    print(f"moves between files      {path.moves:>6}")
    print(f"moves between rooms      {len(rooms(path.trail)) - 1:>6}")
    print(f"options resolved         {path.functions[resolve.__code__]:>6}")
    reads = database.transactions - database.writes
    print(
        f"transactions             {database.transactions:>6}"
        f"   {reads} reads, {database.writes} writes"
    )
    print(f"statements               {len(database.statements):>6}   {database.kinds()}")
    worst = max(path.chains, key=lambda row: (returns(row), len(row)))
    print(f"most often come back to  {returns(worst):>6}   {' > '.join(worst)}")
    if returns(worst):
        print("\n".join(f"    {function}" for function in path.chains[worst]))


def returns(row: tuple[str, ...]) -> int:
    """How often the room that stands in the row most often was come back to."""
    return max(Counter(row).values()) - 1


async def main() -> None:
    """Prints one block of figures for each database."""
    urls = {"SQLite": None, "PostgreSQL": os.environ.get(POSTGRES)}
    for name, url in urls.items():
        if name == "PostgreSQL" and not url:
            continue
        follower, database = Follower(), Database(name)
        with follower.watching(), database.watching():
            if url is None:
                path = await followed(None, follower, database)
            else:
                await emptied(url)
                async with relay(url, database) as relayed:
                    path = await followed(relayed, follower, database)
        show(path, database)
        if "--trail" in sys.argv:
            print("\n".join(path.trail))
        if "--statements" in sys.argv:
            print("\n".join(told[:160] for told in database.statements))


if __name__ == "__main__":
    asyncio.run(main())
