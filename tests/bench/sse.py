"""How many tokens a CPU second of ours reads: `python -m tests.bench.sse [streams] [tokens]`.

The server runs in a process of its own; beside our reading stand two others: the bytes alone,
which is what the socket and the event loop cost anyway, and a plain loop over lines.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from multiprocessing import get_context
from multiprocessing.connection import Connection

import aiohttp
from aiohttp import web

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.spec import Spec
from core.backends.types import Request, WireMessage
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret

STREAMS, TOKENS, PAUSE, ROUNDS = 100, 200, 0.02, 3
REQUEST = Request(Kind.CHAT, "m", messages=(WireMessage("user", "x"),))


def chunk(text: str, finish: str | None = None) -> bytes:
    """One OpenAI-style chunk."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n".encode()


async def answer(request: web.Request) -> web.StreamResponse:
    """Streams the number of tokens that the model's name says, with pauses."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for number in range(int(request.query.get("tokens", TOKENS))):
        await response.write(chunk(f" word{number}"))
        await asyncio.sleep(PAUSE)
    await response.write(chunk("", "stop") + b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def serve(connection: Connection, tokens: int) -> None:
    """The server's process; tells its port and runs until the pipe closes."""

    async def run() -> None:
        global TOKENS
        TOKENS = tokens
        application = web.Application()
        application.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        connection.send(runner.addresses[0][1])
        await asyncio.to_thread(connection.poll, None)

    asyncio.run(run())


async def ours(spec: Spec, url: str) -> int:
    """Through the backend, as a reply is read."""
    async with Http(reach=AddressClass.PRIVATE) as http:

        async def one() -> int:
            count = 0
            backend = Catalog.load().create(spec, Kind.CHAT, http, url, Secret())
            async with aclosing(backend.stream(REQUEST)) as deltas:
                async for delta in deltas:
                    count += bool(delta.text)
            return count

        return sum(await asyncio.gather(*(one() for _ in range(STREAMS))))


async def with_session(read: Callable[[aiohttp.ClientResponse], Awaitable[int]], url: str) -> int:
    """The same requests without anything of ours."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one() -> int:
            async with session.post(f"{url}/v1/chat/completions", json={}) as response:
                return await read(response)

        return sum(await asyncio.gather(*(one() for _ in range(STREAMS))))


async def bytes_only(response: aiohttp.ClientResponse) -> int:
    """Counts events without looking at them."""
    count = 0
    async for data in response.content.iter_any():
        count += data.count(b"data: ")
    return count


async def by_line(response: aiohttp.ClientResponse) -> int:
    """The usual loop: a line at a time, then JSON."""
    count = 0
    async for line in response.content:
        if line.startswith(b"data: {"):
            count += bool(json.loads(line[6:])["choices"][0]["delta"].get("content"))
    return count


async def measure(url: str) -> dict[str, float]:
    """Tokens per CPU second, best of some rounds."""
    spec = Catalog.load().get("openai-compatible")
    ways: dict[str, Callable[[], Awaitable[int]]] = {
        "ours": lambda: ours(spec, url),
        "bytes only": lambda: with_session(bytes_only, url),
        "line by line": lambda: with_session(by_line, url),
    }
    best: dict[str, float] = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            count = await way()
            best[name] = max(best[name], count / (time.process_time() - started))
    return best


def main() -> None:
    """Prints one line per way and ours in relation to the bytes alone."""
    global STREAMS
    STREAMS = int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS
    tokens = int(sys.argv[2]) if len(sys.argv) > 2 else TOKENS
    here, there = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(there, tokens), daemon=True)
    server.start()
    try:
        best = asyncio.run(measure(f"http://127.0.0.1:{here.recv()}"))
    finally:
        server.terminate()
    for name, rate in best.items():
        print(f"{name:<14} {rate:>10,.0f} tokens / CPU s")
    print(f"ours / bytes   {best['ours'] / best['bytes only']:>10.2f}")


if __name__ == "__main__":
    main()
