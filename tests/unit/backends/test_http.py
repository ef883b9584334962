"""The one way out."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer

from core.backends.http import Http, HttpCall, encode
from core.backends.http_response import Inflater
from core.errors import BadAnswer, Unreachable
from core.network import AddressClass


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"headers": dict(request.headers), "cookies": dict(request.cookies)},
                             headers={"Set-Cookie": "a=b"})  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", echo)
    running = TestServer(application)
    async with running:
        yield running


async def test_private_addresses_need_the_reach(server: TestServer) -> None:
    async with Http() as http:
        with pytest.raises(Unreachable) as caught:
            await http.json(HttpCall("GET", f"http://127.0.0.1:{server.port}/"))
        assert caught.value.facts["phase"] == "address"
        near = http.reaching(AddressClass.PRIVATE)
        assert await near.json(HttpCall("GET", f"http://127.0.0.1:{server.port}/"))
        with pytest.raises(Unreachable):
            await near.json(HttpCall("GET", "http://169.254.169.254/"))


async def test_names_are_vetted_at_each_connection(server: TestServer) -> None:
    answers = iter(["127.0.0.1", "169.254.169.254"])

    async def lookup(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=next(answers), port=port,
                              family=socket.AF_INET, proto=0, flags=0)]  # fmt: skip

    call = HttpCall("GET", f"http://model.example:{server.port}/", headers={"Connection": "close"})
    async with Http(reach=AddressClass.PRIVATE, lookup=lookup) as http:
        assert await http.json(call)
        with pytest.raises(Unreachable) as caught:
            await http.json(call)
        assert caught.value.facts["phase"] == "address"


async def test_nothing_is_taken_from_the_environment_or_kept(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with Http(reach=AddressClass.PRIVATE) as http:
        call = HttpCall("GET", f"http://127.0.0.1:{server.port}/")
        await http.json(call)
        assert (await http.json(call))["cookies"] == {}


def test_half_emoji_and_nan_are_not_sent() -> None:
    assert encode({"a": "x\ud83d"}) == b'{\n "a": "x?"\n}'
    assert encode({"a": "灯"}) == '{\n "a": "灯"\n}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        encode({"a": float("nan")})


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(b"hello" * 1000, mtime=0)),
        ("deflate", zlib.compress(b"hello" * 1000)),
        ("deflate", zlib.compress(b"hello" * 1000)[2:-4]),
        ("identity", b"hello" * 1000),
        ("", b"hello" * 1000),
    ],
)
def test_bodies_are_unpacked_in_any_pieces(encoding: str, data: bytes) -> None:
    for size in (1, 7, len(data)):
        inflater = Inflater(encoding)
        found = b"".join(
            piece
            for start in range(0, len(data), size)
            for piece in inflater.feed(data[start : start + size])
        )
        assert found == b"hello" * 1000


def test_a_body_may_be_several_compressed_ones_and_end_in_padding() -> None:
    data = gzip.compress(b"hello ") + gzip.compress(b"there") + b"\0" * 1000
    for size in (1, 2, 7, len(data)):
        inflater = Inflater("gzip")
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert b"".join(out for piece in pieces for out in inflater.feed(piece)) == b"hello there"


def test_other_encodings_and_damage_are_refused() -> None:
    with pytest.raises(BadAnswer):
        Inflater("br")
    with pytest.raises(BadAnswer):
        list(Inflater("gzip").feed(b"\x1f\x8b\x08\x00garbage that is none"))


async def test_closing_leaves_no_sessions() -> None:
    http = Http()
    async with http:
        with pytest.raises(Unreachable):
            await http.reaching(AddressClass.PRIVATE).json(HttpCall("GET", "http://127.0.0.1:9/"))
    assert not http._sessions
    await asyncio.sleep(0)


def test_what_servers_said_is_known_whichever_way_they_are_reached() -> None:
    http = Http()
    http.reaching(AddressClass.PRIVATE).memory.put(3, 60, "tier")
    assert http.reaching(AddressClass.GLOBAL).memory.get("tier") == 3
