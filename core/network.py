"""Which addresses may be reached, and by whom; what was vetted is what is connected to.

One spelling of each address, and how far away the machine behind it is.
"""

import asyncio
import ipaddress
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from core.errors import InvalidUrl, NotAllowed, TimedOut, Unreachable, Unsafe
from core.reasons import Reason

Address = IPv4Address | IPv6Address

MAX_URL = 2048


class AddressClass(StrEnum):
    """How far away an address is, after everything it wraps has been unwrapped; strictest last."""

    GLOBAL = "global"
    PRIVATE = "private"
    NEVER = "never"
    """Link-local, metadata services, multicast: only where the operator lists it literally."""


# The tables are our own because `ipaddress` changes its mind between Python releases
# (3.11.7 calls NAT64 of 127.0.0.1 global and 100.64.0.0/10 not private). Source: IANA's
# special-purpose registries.
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "100.100.100.200/32",  # Alibaba Cloud's metadata service
        "168.63.129.16/32",  # Azure's platform address, globally routable in form
        "192.0.0.192/32",  # Oracle Cloud's older metadata service
        "224.0.0.0/4",
        "255.255.255.255/32",
        "fe80::/10",
        "ff00::/8",
        "fd00:ec2::254/128",  # Amazon's metadata service
    )
]
_PRIVATE = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
]
_GLOBAL_6 = IPv6Network("2000::/3")
_WRAPS_LOW_32 = [
    IPv6Network(text)
    for text in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")  # mapped, translated, NAT64
]
_COMPATIBLE = IPv6Network("::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")


def unwrap(address: Address) -> tuple[Address, ...]:
    """The addresses a packet may really go to: those embedded in `address`, else itself."""
    if isinstance(address, IPv4Address):
        return (address,)
    value = int(address)
    low = IPv4Address(value & 0xFFFF_FFFF)
    wraps = any(address in network for network in _WRAPS_LOW_32)
    if wraps or (address in _COMPATIBLE and value > 1):
        return (low,)
    if address in _SIX_TO_FOUR:
        return (IPv4Address((value >> 80) & 0xFFFF_FFFF),)
    if address in _TEREDO:
        server = IPv4Address((value >> 64) & 0xFFFF_FFFF)
        return (server, IPv4Address(int(low) ^ 0xFFFF_FFFF))
    return (address,)


def _classify_one(address: Address) -> AddressClass:
    if any(address in network for network in _NEVER):
        return AddressClass.NEVER
    outside = isinstance(address, IPv6Address) and address not in _GLOBAL_6
    private = outside or any(address in network for network in _PRIVATE)
    return AddressClass.PRIVATE if private else AddressClass.GLOBAL


def classify(address: str | Address) -> AddressClass:
    """The class of an IP address; the strictest one where it embeds several."""
    if isinstance(address, str):
        address = ipaddress.ip_address(address.partition("%")[0])
    return strictest(map(_classify_one, unwrap(address)))


def strictest(classes: Iterable[AddressClass]) -> AddressClass:
    """The class that allows least; of none it is NEVER."""
    return max(classes, key=list(AddressClass).index, default=AddressClass.NEVER)


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$")
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)$")
_ODD_DOTS = "。．｡"


def parse_url(text: str) -> URL:
    """Reads an http(s) address the one way it will also be used.

    A missing scheme means http. Raises `InvalidUrl` for anything two programs could read
    differently: control characters, backslashes, user:password@, numeric spellings of an
    address other than the plain one, zone ids, trailing or exotic dots.
    """
    shown = text.strip()
    if not shown or len(shown) > MAX_URL:
        raise InvalidUrl(Reason.ADDRESS_MALFORMED, url=_shown(shown))
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in shown):
        raise InvalidUrl(Reason.ADDRESS_WITH_SPACES, url=_shown(shown))
    if not _SCHEME.match(shown):
        shown = f"http://{shown}"
    try:
        url = URL(shown)
        port = url.explicit_port
        readable = url.host is not None  # decodes punycode, which may be broken
    except ValueError as error:  # UnicodeError of the IDNA codec is one too
        raise InvalidUrl(Reason.ADDRESS_MALFORMED, url=_shown(shown)) from error
    if url.scheme not in ("http", "https"):
        raise InvalidUrl(Reason.ADDRESS_SCHEME, url=_shown(shown))
    if url.user is not None or url.password is not None or "@" in shown.split("/")[2]:
        raise InvalidUrl(Reason.ADDRESS_WITH_LOGIN)
    if port == 0 or not readable:
        raise InvalidUrl(Reason.ADDRESS_MALFORMED, url=_shown(shown))
    _check_host(url.raw_host or "", shown)
    return url


def _check_host(host: str, shown: str) -> None:
    authority = _SCHEME.sub("", shown).split("/")[0]
    if any(dot in authority for dot in _ODD_DOTS):
        raise InvalidUrl(Reason.ADDRESS_AMBIGUOUS, url=_shown(shown))
    if ":" in host:
        _check_ipv6(host, shown)
        return
    if not _HOST.match(host):
        raise InvalidUrl(Reason.ADDRESS_MALFORMED, url=_shown(shown))
    if _NUMERIC_LABEL.match(host.rpartition(".")[2]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError as error:
            raise InvalidUrl(Reason.ADDRESS_AMBIGUOUS, url=_shown(shown)) from error
        if host not in authority:
            raise InvalidUrl(Reason.ADDRESS_AMBIGUOUS, url=_shown(shown))


def _check_ipv6(host: str, shown: str) -> None:
    try:
        ipaddress.IPv6Address(host)
    except ValueError as error:
        raise InvalidUrl(Reason.ADDRESS_MALFORMED, url=_shown(shown)) from error
    if "%" in host:
        raise InvalidUrl(Reason.ADDRESS_AMBIGUOUS, url=_shown(shown))


def _shown(text: str) -> str:
    """The address without what may be a secret in it (`?key=…`, `user:password@`)."""
    bare = re.sub(r"//[^/@]*@", "//", text.split("?")[0].split("#")[0])
    return "".join(char for char in bare[:100] if char.isprintable())


def is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


Lookup = Callable[[str, int, socket.AddressFamily], Awaitable[list[ResolveResult]]]


async def system_lookup(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
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
