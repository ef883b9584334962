"""Who may reach which address."""

import socket
import time
from collections.abc import Sequence

import pytest
from aiohttp.abc import ResolveResult

from core.errors import InvalidUrl, NotAllowed, TimedOut, Unreachable, Unsafe
from core.network import (
    AddressClass,
    AddressPolicy,
    AddressRefused,
    VettingResolver,
    classify,
    parse_url,
    uniform_refusal,
)
from core.reasons import Reason

GLOBAL, PRIVATE, NEVER = AddressClass.GLOBAL, AddressClass.PRIVATE, AddressClass.NEVER

ADDRESSES = [
    ("1.1.1.1", GLOBAL),
    ("8.8.8.8", GLOBAL),
    ("93.184.216.34", GLOBAL),
    ("172.15.255.255", GLOBAL),
    ("172.32.0.1", GLOBAL),
    ("100.63.255.255", GLOBAL),
    ("100.128.0.1", GLOBAL),
    ("192.169.0.1", GLOBAL),
    ("198.17.0.1", GLOBAL),
    ("223.255.255.255", GLOBAL),
    ("2001:4860:4860::8888", GLOBAL),
    ("2606:4700::1111", GLOBAL),
    ("::ffff:8.8.8.8", GLOBAL),
    ("64:ff9b::808:808", GLOBAL),
    ("2002:808:808::1", GLOBAL),
    ("0.0.0.0", PRIVATE),
    ("0.1.2.3", PRIVATE),
    ("10.0.0.1", PRIVATE),
    ("10.255.255.255", PRIVATE),
    ("100.64.0.1", PRIVATE),
    ("100.127.255.255", PRIVATE),
    ("127.0.0.1", PRIVATE),
    ("127.255.0.1", PRIVATE),
    ("172.16.0.1", PRIVATE),
    ("172.31.255.255", PRIVATE),
    ("192.0.0.8", PRIVATE),
    ("192.0.2.1", PRIVATE),
    ("192.88.99.1", PRIVATE),
    ("192.168.1.1", PRIVATE),
    ("198.18.0.1", PRIVATE),
    ("198.19.255.255", PRIVATE),
    ("198.51.100.7", PRIVATE),
    ("203.0.113.7", PRIVATE),
    ("240.0.0.1", PRIVATE),
    ("::", PRIVATE),
    ("::1", PRIVATE),
    ("::127.0.0.1", PRIVATE),
    ("::ffff:127.0.0.1", PRIVATE),
    ("::ffff:10.0.0.1", PRIVATE),
    ("::ffff:0:192.168.0.1", PRIVATE),
    ("64:ff9b::7f00:1", PRIVATE),
    ("64:ff9b::a00:1", PRIVATE),
    ("64:ff9b:1::1", PRIVATE),
    ("100::1", PRIVATE),
    ("2001::1", PRIVATE),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", PRIVATE),  # Teredo, client 127.0.0.1
    ("2001:0:7f00:1:8000:63bf:f7f7:f7f7", PRIVATE),  # Teredo, server 127.0.0.1
    ("2001:10::1", PRIVATE),
    ("2001:20::1", PRIVATE),
    ("2001:db8::1", PRIVATE),
    ("2002:7f00:1::", PRIVATE),
    ("2002:c0a8:101::1", PRIVATE),
    ("3fff::1", PRIVATE),
    ("5f00::1", PRIVATE),
    ("fc00::1", PRIVATE),
    ("fd12:3456::1", PRIVATE),
    ("fec0::1", PRIVATE),
    ("4000::1", PRIVATE),
    ("169.254.0.1", NEVER),
    ("169.254.169.254", NEVER),
    ("169.254.170.2", NEVER),
    ("100.100.100.200", NEVER),
    ("168.63.129.16", NEVER),
    ("192.0.0.192", NEVER),
    ("224.0.0.1", NEVER),
    ("239.255.255.255", NEVER),
    ("255.255.255.255", NEVER),
    ("fe80::1", NEVER),
    ("fe80::1%eth0", NEVER),
    ("ff02::1", NEVER),
    ("fd00:ec2::254", NEVER),
    ("::ffff:169.254.169.254", NEVER),
    ("::a9fe:a9fe", NEVER),
    ("64:ff9b::a9fe:a9fe", NEVER),
    ("2002:a9fe:a9fe::", NEVER),
    ("2001:0:a9fe:a9fe:8000:63bf:f7f7:f7f7", NEVER),
    ("2001:0:808:808:8000:63bf:5601:5601", NEVER),  # Teredo, client 169.254.169.254
]


@pytest.mark.parametrize(("address", "expected"), ADDRESSES)
def test_every_address_has_its_class(address: str, expected: AddressClass) -> None:
    assert classify(address) is expected


REFUSED_SPELLINGS = [
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.1./",
    "http://localhost./",
    "http://127.0.0.01/",
    "http://1.2.3.4.5/",
    "http://256.0.0.1/",
    "http://0/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://127｡0｡0｡1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://user@localhost/",
    "http://user:pass@localhost/",
    "http://@localhost/",
    "http://example.com@127.0.0.1/",
    "http://example.com\\@127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\n/",
    "http://127.0.\n0.1/",
    "http://exa\x00mple.com/",
    "http://a b/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[::1",
    "http://::1/",
    "http://[127.0.0.1]/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:port/",
    "http:///path",
    "http://",
    "",
    "   ",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://ex%61mple.com/",
    "http://a..b/",
    "http://-a.b/",
    "http://xn--0.com/",
    "http://" + "a" * 64 + ".com/",
    "http://" + "a." * 140 + "com/",
    "http://x.com/" + "a" * 3000,
]


@pytest.mark.parametrize("text", REFUSED_SPELLINGS)
def test_odd_spellings_are_refused(text: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(text)


PLAIN_PRIVATE = [
    "http://localhost",
    "HTTP://LOCALHOST/",
    "http://localhost:5001",
    "localhost:5001",
    "127.0.0.1:5000/v1",
    "http://127.0.0.1/",
    "http://[::1]:8080/",
    "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://192.168.0.10:5000/",
    "http://10.1.2.3/",
    "http://100.64.1.1/",
    "http://0.0.0.0:5000/",
    "http://home.example:5001/",
]


async def home(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """Names of this test: everything is at home except `public.example`."""
    return answers(host, "93.184.216.34" if host == "public.example" else "192.168.0.2")


def answers(host: str, *addresses: str) -> list[ResolveResult]:
    return [
        ResolveResult(hostname=host, host=address, port=80, family=0, proto=0, flags=0)
        for address in addresses
    ]


@pytest.mark.parametrize("text", PLAIN_PRIVATE)
async def test_private_addresses_are_for_the_owner(text: str) -> None:
    policy = AddressPolicy()
    with pytest.raises(NotAllowed):
        await policy.approve(text, owner=False, lookup=home)
    approved = await policy.approve(text, owner=True, lookup=home)
    assert approved.reach is PRIVATE


@pytest.mark.parametrize("text", PLAIN_PRIVATE)
async def test_or_for_everyone_where_the_operator_says_so(text: str) -> None:
    policy = AddressPolicy.of("everyone")
    assert (await policy.approve(text, owner=False, lookup=home)).reach is PRIVATE


async def test_or_where_host_and_port_are_listed() -> None:
    policy = AddressPolicy.of(["Home.example:5001", "169.254.169.254:80"])
    assert (await policy.approve("http://home.EXAMPLE:5001/", owner=False, lookup=home)).reach
    metadata = await policy.approve("http://169.254.169.254/", owner=False, lookup=home)
    assert metadata.reach is NEVER
    with pytest.raises(NotAllowed):
        await policy.approve("http://home.example:5002/", owner=False, lookup=home)


@pytest.mark.parametrize("text", ["http://169.254.169.254/", "http://[fe80::1]/"])
async def test_metadata_services_are_for_nobody(text: str) -> None:
    for policy in (AddressPolicy(), AddressPolicy.of("everyone")):
        with pytest.raises(NotAllowed):
            await policy.approve(text, owner=True, lookup=home)


async def test_a_key_does_not_travel_unencrypted() -> None:
    policy = AddressPolicy()
    with pytest.raises(Unsafe):
        await policy.approve("http://public.example", owner=True, with_key=True, lookup=home)
    approved = await policy.approve(
        "https://public.example", owner=False, with_key=True, lookup=home
    )
    assert approved.reach is GLOBAL


@pytest.mark.parametrize("addresses", [("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "2001:db8::1"), ()])
async def test_mixed_answers_count_as_the_strictest(addresses: Sequence[str]) -> None:
    async def mixed(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        return answers(host, *addresses)

    with pytest.raises(NotAllowed):
        await AddressPolicy().approve("http://mixed.example", owner=False, lookup=mixed)
    with pytest.raises(AddressRefused):
        await VettingResolver(GLOBAL, mixed).resolve("mixed.example", 80)


async def test_a_name_that_changes_its_class_is_refused() -> None:
    turns = iter(["8.8.8.8", "127.0.0.1"] * 500)

    async def rebinding(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        return answers(host, next(turns))

    resolver = VettingResolver(GLOBAL, rebinding)
    for _ in range(500):
        assert [one["host"] for one in await resolver.resolve("x.example", 80)] == ["8.8.8.8"]
        with pytest.raises(AddressRefused):
            await resolver.resolve("x.example", 80)


async def test_only_the_private_addresses_of_a_home_server_are_used() -> None:
    async def dual(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        return answers(host, "192.168.0.2", "2606:4700::1111")

    found = await VettingResolver(PRIVATE, dual).resolve("home.example", 80)
    assert [one["host"] for one in found] == ["192.168.0.2"]


@pytest.mark.parametrize(
    "error", [NotAllowed(Reason.ADDRESS_NOT_OPEN), Unreachable(phase="dns"), TimedOut()]
)
async def test_refusals_look_alike_to_strangers(error: Exception) -> None:
    started = time.monotonic()
    with pytest.raises(NotAllowed) as caught:
        async with uniform_refusal(owner=False, floor=0.05):
            raise error
    assert time.monotonic() - started >= 0.05
    assert str(caught.value) == "NotAllowed address_refused"
    with pytest.raises(type(error)):
        async with uniform_refusal(owner=True):
            raise error
