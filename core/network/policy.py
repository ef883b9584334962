"""Which addresses may be reached, and by whom; what was vetted is what is connected to."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from core.errors import NotAllowed, TimedOut, Unreachable, Unsafe
from core.network.addresses import AddressClass, classify, is_literal, parse_url, strictest
from core.reasons import Reason

Lookup = Callable[[str, int, socket.AddressFamily], Awaitable[list[ResolveResult]]]


async def system_lookup(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """Asks the system's resolver, in its thread."""
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]).partition("%")[0],
            port=int(address[1]),
            family=int(found),
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for found, _kind, protocol, _name, address in answers
    ]


def class_of_answers(answers: Iterable[ResolveResult]) -> AddressClass:
    """The strictest class among them.

    A home server's name may well have a private IPv4 and a public IPv6 address: that counts as
    private, and only the private one is then connected to.
    """
    return strictest(classify(answer["host"]) for answer in answers)


class AddressRefused(OSError):
    """A name now resolves to another class of address than it was approved for."""


class VettingResolver(AbstractResolver):
    """Resolves for one class of address.

    aiohttp connects to exactly the addresses returned, so what was vetted is what is used;
    with its own cache off, each new connection is vetted again (DNS rebinding).
    """

    def __init__(self, reach: AddressClass, lookup: Lookup = system_lookup) -> None:
        self._reach = reach
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The vetted answers. Raises AddressRefused when the name's class has changed."""
        answers = await self._lookup(host, port, family)
        if class_of_answers(answers) is not self._reach:
            raise AddressRefused(f"{host} is not a {self._reach} address")
        return [answer for answer in answers if classify(answer["host"]) is self._reach]

    async def close(self) -> None:
        """Nothing to release."""


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
