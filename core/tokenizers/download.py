"""Fetching a tokenizer's file once: resumed, checked, one download for all who wait."""

import asyncio
import gzip
import hashlib
import logging
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from core.errors import DownloadFailed
from core.reasons import Reason
from core.tokenizers.catalog import TokenizerRow

log = logging.getLogger(__name__)

BLOCK = 65_536
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

    async def fetch(self, row: TokenizerRow) -> Path:
        """The checked file, fetched if need be. Raises DownloadFailed."""
        task = self._running.get(row.id)
        if task is None:
            task = asyncio.create_task(self._fetch(row), name=f"download {row.id}")
            self._running[row.id] = task
            task.add_done_callback(lambda _: self._running.pop(row.id, None))
        return await asyncio.shield(task)

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
