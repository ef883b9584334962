"""The tokenizers of this process: found, fetched, loaded, at most four at a time."""

import asyncio
import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache, TTLCache

from core.errors import DownloadFailed, TavernError, TokenizerError, TokenizerMissing
from core.tokenizers.catalog import TokenizerRow, find
from core.tokenizers.counter import Counter
from core.tokenizers.download import Downloads, Watcher, set_aside, sha256, unpack
from core.tokenizers.estimate import Estimate
from core.tokenizers.local import load
from core.tokenizers.tokenizer import Tokenizer

log = logging.getLogger(__name__)

FETCH_AGAIN_SECONDS = 900.0
"""After a failed download the stand-in counts this long before the next attempt."""
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
        self._failed: TTLCache[str, None] = TTLCache(math.inf, FETCH_AGAIN_SECONDS)

    async def choose(self, name: str, watch: Watcher | None = None) -> Choice:
        """The counter of this tokenizer; Llama 3, else the estimate, stands in for it.

        `watch` hears of a download that has to be waited for.
        """
        row = find(name)
        try:
            return Choice(await self.counter(row, watch), row.id)
        except TokenizerError as error:
            self._tell_once(row, error)
            return Choice(await self._stand_in(), row.id, error)

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
        stand_in = find(STAND_IN)
        return Availability(row, stand_in if self._is_here(stand_in) else find("none"))

    def _is_here(self, row: TokenizerRow) -> bool:
        if not row.file or row.id in self._counters:
            return True
        return any((self.folder / file).is_file() for file in row.names)

    @property
    def loaded(self) -> list[str]:
        return list(self._counters)

    async def close(self) -> None:
        await self.downloads.close()

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
                    return self._placed(row, path)
                log.warning("%s is damaged; kept as %s", name, set_aside(path).name)
            except (TokenizerError, OSError) as error:
                log.warning("%s cannot be used: %s", name, error)
        return None

    def _placed(self, row: TokenizerRow, path: Path) -> Path:
        """The file under the name by which its library looks for it."""
        kept = self.folder / row.kept_as
        return kept if path == kept else path.replace(kept)

    async def _stand_in(self) -> Counter:
        row = find(STAND_IN)
        here = row.id in self._counters or await asyncio.to_thread(self.at_hand, row) is not None
        if here:
            try:
                return await self.counter(row)
            except TokenizerError as error:
                self._tell_once(row, error)
        return self._estimate

    def _tell_once(self, row: TokenizerRow, error: TokenizerError) -> None:
        if row.id not in self._told:
            self._told.add(row.id)
            log.warning("%s cannot count (%s); another tokenizer stands in", row.id, error)
