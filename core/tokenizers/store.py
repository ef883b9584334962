"""The tokenizers of this process: found, fetched once, loaded, at most four at a time."""

import asyncio
import gzip
import hashlib
import logging
import math
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from cachetools import LRUCache, TTLCache
from yarl import URL

from core.errors import DownloadFailed, TavernError, TokenizerError, TokenizerMissing
from core.reasons import Reason
from core.tokenizers.catalog import TokenizerRow, find
from core.tokenizers.tokenizer import Counter, Estimate, Tokenizer, load

log = logging.getLogger(__name__)

BLOCK = 65_536
_LOOK_SECONDS = 0.25
STEP = 10
"""Percent between two words about a running download."""
UNPACKED_LIMIT = 64 * 2**20
"""The largest vocabulary in the catalog unpacks to 21 MB."""
REDIRECTS = 3
TIMEOUT = aiohttp.ClientTimeout(total=600, sock_connect=10, sock_read=60)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download has come, in bytes."""

    tokenizer: str
    name: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


Watcher = Callable[[Progress], None]


class Downloads:
    """Files of `folder`; safe to ask for one file many times."""

    def __init__(self, folder: Path, *, allowed: bool = True) -> None:
        self.folder = folder
        self.allowed = allowed
        self._watchers: dict[str, list[Watcher]] = {}
        self._running: dict[str, asyncio.Task[Path]] = {}
        self._heard: dict[str, float] = {}
        """When a running download last brought something, on the monotonic clock."""

    def silence(self, tokenizer: str) -> float:
        """Seconds in which a download has brought nothing; 0 where none is running."""
        heard = self._heard.get(tokenizer)
        return 0.0 if heard is None else time.monotonic() - heard

    async def fetch(self, row: TokenizerRow) -> Path:
        """The checked file, fetched if need be. Raises DownloadFailed."""
        task = self._running.get(row.id)
        if task is None:
            task = asyncio.create_task(self._fetch(row), name=f"download {row.id}")
            self._running[row.id] = task
            self._heard[row.id] = time.monotonic()
            task.add_done_callback(lambda _: self._over(row.id))
        return await asyncio.shield(task)

    def _over(self, tokenizer: str) -> None:
        self._running.pop(tokenizer, None)
        self._heard.pop(tokenizer, None)

    @contextmanager
    def watched(self, tokenizer: str, watch: Watcher | None) -> Iterator[None]:
        """While this lasts, `watch` hears how far the tokenizer's download is."""
        if watch is None:
            yield
            return
        watchers = self._watchers.setdefault(tokenizer, [])
        watchers.append(watch)
        try:
            yield
        finally:
            watchers.remove(watch)

    async def close(self) -> None:
        """Ends running downloads; what has arrived is kept for the next time."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _fetch(self, row: TokenizerRow) -> Path:
        part = self.folder / f"{row.file}.part"
        log.info("fetching the tokenizer %s (%.1f MB)", row.name, row.bytes / 1e6)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            begun = await asyncio.to_thread(_size, part) > 0
            try:
                path = await self._whole(row, part)
            except DownloadFailed:
                if not begun or part.exists():
                    raise
                # What lay there was not the beginning of this file; it has been set aside.
                path = await self._whole(row, part)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise DownloadFailed(tokenizer=row.id) from error
        log.info("the tokenizer %s is here", row.name)
        return path

    async def _whole(self, row: TokenizerRow, part: Path) -> Path:
        await self._receive(row, part)
        return await asyncio.to_thread(accept, row, part, self.folder)

    async def _receive(self, row: TokenizerRow, part: Path) -> None:
        """Fills up `part`. Raises DownloadFailed; a part that cannot be right is set aside."""
        have = await asyncio.to_thread(_size, part)
        if have >= row.bytes:
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, auto_decompress=False) as session,
            session.get(URL(row.url), headers=headers, max_redirects=REDIRECTS) as response,
        ):
            if have and response.status == 416:
                set_aside(part)
                raise DownloadFailed(Reason.DOWNLOAD_MISMATCH, tokenizer=row.id)
            response.raise_for_status()
            if response.status != 206:
                have = 0
            told = -STEP
            with part.open("ab" if have else "wb") as file:
                async for block in response.content.iter_chunked(BLOCK):
                    have += len(block)
                    self._heard[row.id] = time.monotonic()
                    if have > row.bytes:
                        break
                    await asyncio.to_thread(file.write, block)
                    told = self._tell(Progress(row.id, row.name, have, row.bytes), told)
        if have > row.bytes:
            set_aside(part)
            raise DownloadFailed(Reason.DOWNLOAD_MISMATCH, tokenizer=row.id)
        if have < row.bytes:
            raise DownloadFailed(Reason.DOWNLOAD_CUT_OFF, tokenizer=row.id)

    def _tell(self, progress: Progress, told: int) -> int:
        """Tells of every step once; the percentage that was told last."""
        if progress.percent < 100 and progress.percent - told < STEP:
            return told
        log.info("tokenizer %s: %d %%", progress.name, progress.percent)
        for watcher in tuple(self._watchers.get(progress.tokenizer, ())):
            watcher(progress)
        return progress.percent


def accept(row: TokenizerRow, source: Path, folder: Path) -> Path:
    """Checks a file as fetched and puts it in its place, unpacked. Raises DownloadFailed."""
    if sha256(source) != row.sha256:
        set_aside(source)
        raise DownloadFailed(Reason.DOWNLOAD_MISMATCH, tokenizer=row.id)
    if row.file.endswith(".gz"):
        return unpack(row, source, folder)
    target = folder / row.kept_as
    os.replace(source, target)
    return target


def unpack(row: TokenizerRow, source: Path, folder: Path) -> Path:
    """Puts what is in a packed file in its place, whoever packed it. Raises DownloadFailed."""
    unpacked = folder / f"{row.kept_as}.unpacking"
    try:
        with gzip.open(source) as packed:
            unpacked.write_bytes(packed.read(UNPACKED_LIMIT))
        is_right = sha256(unpacked) == row.kept_sha256
    except (EOFError, gzip.BadGzipFile, zlib.error):
        is_right = False
    if not is_right:
        unpacked.unlink(missing_ok=True)
        set_aside(source)
        raise DownloadFailed(Reason.DOWNLOAD_MISMATCH, tokenizer=row.id)
    target = folder / row.kept_as
    os.replace(unpacked, target)
    source.unlink()
    return target


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def set_aside(path: Path) -> Path:
    """Moves a damaged file out of the way, under a name that tells."""
    aside = path.with_name(f"{path.name}.damaged")
    os.replace(path, aside)
    return aside


FETCH_AGAIN_SECONDS = 900.0
"""After a failed download the stand-in counts this long before the next attempt."""
SILENT_SECONDS = 5.0
"""A download that brings nothing for this long goes on, but no reply waits for it."""
KEPT = 4
"""Loaded vocabularies: each takes 17 to 70 MB."""
STAND_IN = "llama3"


@dataclass(frozen=True, slots=True)
class Choice:
    """The counter that was asked for, or the one standing in for it, and why."""

    counter: Counter
    wanted: str
    fault: TavernError | None = None

    @property
    def stands_in(self) -> bool:
        return self.fault is not None


@dataclass(frozen=True, slots=True)
class Availability:
    """Which tokenizer would count now in place of the wanted one, and what has to come first."""

    wanted: TokenizerRow
    by: TokenizerRow
    fetches: bool = False
    """The first count fetches the file."""

    @property
    def stands_in(self) -> bool:
        return self.by.id != self.wanted.id


class TokenizerStore:
    """Gives counters by tokenizer id. Loading happens in threads, once for all who wait."""

    def __init__(self, folder: Path, *, downloads: bool = True) -> None:
        self.folder = folder
        self.downloads = Downloads(folder, allowed=downloads)
        self._estimate = Counter(Estimate())
        self._counters: LRUCache[str, Counter] = LRUCache(KEPT)
        self._loading: dict[str, asyncio.Lock] = {}
        self._told: set[str] = set()
        self._getting: set[asyncio.Future[Counter]] = set()
        self._failed: TTLCache[str, None] = TTLCache(math.inf, FETCH_AGAIN_SECONDS)

    async def choose(self, name: str, watch: Watcher | None = None) -> Choice:
        """The counter of this tokenizer; Llama 3, else the estimate, stands in for it.

        `watch` hears of a download that has to be waited for.
        """
        row = find(name)
        try:
            return Choice(await self._soon(row, watch), row.id)
        except TokenizerError as error:
            self._tell_once(row, error)
            return Choice(await self._stand_in(), row.id, error)

    async def at_hand_counter(self, name: str) -> Counter | None:
        """The counter of a tokenizer whose file is here; nothing is fetched."""
        row = find(name)
        here = row.id in self._counters or await asyncio.to_thread(self.at_hand, row) is not None
        if here:
            try:
                return await self.counter(row)
            except TokenizerError as error:
                self._tell_once(row, error)
        return None

    async def _soon(self, row: TokenizerRow, watch: Watcher | None) -> Counter:
        """As `counter`; raises DownloadFailed where nothing comes of its download any more."""
        getting = asyncio.ensure_future(self.counter(row, watch))
        self._getting.add(getting)
        getting.add_done_callback(self._gotten)
        while not (await asyncio.wait({getting}, timeout=_LOOK_SECONDS))[0]:
            if self.downloads.silence(row.id) > SILENT_SECONDS:
                raise DownloadFailed(Reason.SILENT_DOWNLOAD, tokenizer=row.id)
        return getting.result()

    def _gotten(self, getting: "asyncio.Future[Counter]") -> None:
        self._getting.discard(getting)
        if not getting.cancelled():
            getting.exception()

    async def counter(self, row: TokenizerRow, watch: Watcher | None = None) -> Counter:
        """The counter of this row. Raises TokenizerMissing, DownloadFailed, TokenizerError."""
        if row.kind == "estimate":
            return self._estimate
        with self.downloads.watched(row.id, watch):
            async with self._loading.setdefault(row.id, asyncio.Lock()):
                counter = self._counters.get(row.id)
                if counter is None:
                    counter = self._counters[row.id] = Counter(await self._load(row))
                return counter

    def availability(self, name: str) -> Availability:
        """What a count would meet, without making one. Looks for files, reads none."""
        row = find(name)
        if self._is_here(row):
            return Availability(row, row)
        if self.downloads.allowed and row.id not in self._failed:
            return Availability(row, row, fetches=True)
        return Availability(row, self.standing_in(STAND_IN))

    def standing_in(self, name: str) -> TokenizerRow:
        """This tokenizer where its file is here, else the estimate."""
        row = find(name)
        return row if self._is_here(row) else find("none")

    def _is_here(self, row: TokenizerRow) -> bool:
        if not row.file or row.id in self._counters:
            return True
        return any((self.folder / file).is_file() for file in row.names)

    @property
    def loaded(self) -> list[str]:
        return list(self._counters)

    async def close(self) -> None:
        await self.downloads.close()
        await asyncio.gather(*self._getting, return_exceptions=True)

    async def _load(self, row: TokenizerRow) -> Tokenizer:
        if not row.file:
            raise TokenizerMissing(tokenizer=row.id)
        path = await asyncio.to_thread(self.at_hand, row)
        if path is None:
            path = await self._fetch(row)
        return await asyncio.to_thread(load, row, path)

    async def _fetch(self, row: TokenizerRow) -> Path:
        if row.id in self._failed or not self.downloads.allowed:
            raise TokenizerMissing(tokenizer=row.id)
        try:
            return await self.downloads.fetch(row)
        except DownloadFailed:
            self._failed[row.id] = None
            raise

    def at_hand(self, row: TokenizerRow) -> Path | None:
        """The checked file in the folder, unpacked if it lies there packed; None if absent.

        A damaged file is moved aside, so that it is fetched again.
        """
        for name in row.names:
            path = self.folder / name
            # Also what is no file, such as a folder or a link to nowhere, stands in the way.
            if not os.path.lexists(path):
                continue
            try:
                if name.endswith(".gz") and path.is_file():
                    return unpack(row, path, self.folder)
                if path.is_file() and sha256(path) == row.kept_sha256:
                    # Under the name by which its library looks for it.
                    kept = self.folder / row.kept_as
                    return kept if path == kept else path.replace(kept)
                log.warning("%s is damaged; kept as %s", name, set_aside(path).name)
            except (TokenizerError, OSError) as error:
                log.warning("%s cannot be used: %s", name, error)
        return None

    async def _stand_in(self) -> Counter:
        return await self.at_hand_counter(STAND_IN) or self._estimate

    def _tell_once(self, row: TokenizerRow, error: TokenizerError) -> None:
        if row.id not in self._told:
            self._told.add(row.id)
            log.warning("%s cannot count (%s); another tokenizer stands in", row.id, error)
