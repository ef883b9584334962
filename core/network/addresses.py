"""Reading addresses: one spelling of each, and how far away the machine behind it is."""

import ipaddress
import re
from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from yarl import URL

from core.errors import InvalidUrl
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
    if any(address in network for network in _WRAPS_LOW_32):
        return (low,)
    if address in _COMPATIBLE and value > 1:
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
