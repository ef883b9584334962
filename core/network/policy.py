"""Which addresses may be reached, and by whom."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from yarl import URL

from core.errors import NotAllowed, TimedOut, Unreachable, Unsafe
from core.network.addresses import AddressClass, classify, is_literal, parse_url
from core.network.resolver import Lookup, class_of_answers, system_lookup
from core.reasons import Reason

PROBE_FLOOR = 1.0
"""Seconds a refusal takes at least, so that its time tells nothing about the target."""


@dataclass(frozen=True, slots=True)
class Approved:
    """An address somebody may use, and the class it was approved under."""

    url: str
    reach: AddressClass


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """The operator's rules: `network.private_backends` of the configuration."""

    listed: frozenset[str] = frozenset()
    """host:port entries, lower case."""
    everyone: bool = False
    """Whether every server's managers may use private addresses (a home server)."""

    @classmethod
    def of(cls, setting: str | Iterable[str]) -> "AddressPolicy":
        """From the configuration's value: `everyone` or a list of host:port."""
        if isinstance(setting, str):
            return cls(everyone=setting.strip().lower() == "everyone")
        return cls(frozenset(_host_and_port(parse_url(entry)) for entry in setting))

    def permits(self, url: URL, found: AddressClass, *, owner: bool) -> bool:
        """Whether an address of class `found` may be used by this person."""
        if found is AddressClass.GLOBAL or _host_and_port(url) in self.listed:
            return True
        return found is AddressClass.PRIVATE and (owner or self.everyone)

    async def approve(
        self, text: str, *, owner: bool, with_key: bool = False, lookup: Lookup = system_lookup
    ) -> Approved:
        """Parses, resolves and judges an address without connecting to it.

        Raises InvalidUrl, Unreachable (no such name), NotAllowed (private or forbidden) or
        Unsafe (a key over plain http to the open internet).
        """
        url = parse_url(text)
        found = await self._class_of(url, lookup)
        if not self.permits(url, found, owner=owner):
            raise NotAllowed(Reason.ADDRESS_NOT_OPEN)
        if found is AddressClass.GLOBAL and url.scheme == "http" and with_key:
            raise Unsafe(Reason.KEY_UNENCRYPTED)
        return Approved(str(url), found)

    async def _class_of(self, url: URL, lookup: Lookup) -> AddressClass:
        host = url.raw_host or ""
        if is_literal(host):
            return classify(host)
        try:
            answers = await lookup(host, url.port or 0, socket.AF_UNSPEC)
        except OSError as error:
            raise Unreachable(Reason.NO_SUCH_HOST, host=host, phase="dns") from error
        return class_of_answers(answers)


def _host_and_port(url: URL) -> str:
    return f"{(url.raw_host or '').lower()}:{url.port}"


@asynccontextmanager
async def uniform_refusal(*, owner: bool, floor: float = PROBE_FLOOR) -> AsyncIterator[None]:
    """Makes every refused or unreachable target look alike to those who are not the owner.

    Raises one and the same NotAllowed, not before `floor` seconds have passed, so that an
    address typed into a command cannot be used to scan ports.
    """
    started = time.monotonic()
    try:
        yield
    except (NotAllowed, Unreachable, TimedOut):
        if owner:
            raise
        await asyncio.sleep(max(0.0, floor - (time.monotonic() - started)))
        raise NotAllowed(Reason.ADDRESS_REFUSED) from None
