"""Names to addresses: what was vetted is what is connected to."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable

from aiohttp.abc import AbstractResolver, ResolveResult

from core.network.addresses import AddressClass, classify, strictest

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
