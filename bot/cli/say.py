"""`say`: one streamed completion; the key comes from TAVERN_KEY."""

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.backends.api_client import stored_url
from core.backends.backend import Backend
from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.sampling import unused_samplers
from core.backends.spec import Spec
from core.backends.types import Delta, Request, Unsupported, WireMessage
from core.errors import InvalidOption, NotConfigured, NotFound
from core.kind import Kind
from core.network import AddressClass, AddressPolicy
from core.reasons import Reason
from core.reply.output_filter import OutputFilter, OutputRules
from core.reply.reply_run import Answer, why_nothing
from core.samplers.checks import check
from core.samplers.table import defaults
from core.secret import Secret

PATIENCE = 1.0
"""Seconds before the first words are printed."""
KEY = "TAVERN_KEY"
"""Environment variable the key comes from: a command line would be seen by others."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", default="", metavar="TEXT")
    parser.add_argument("--backend", required=True, metavar="ID")
    parser.add_argument("--url", default="", help="address, if not the usual one")
    parser.add_argument("--model", default="")
    parser.add_argument("--kind", choices=[kind.value for kind in Kind])
    parser.add_argument("--max-tokens", type=int, default=350, metavar="N")
    parser.add_argument("--context", type=int, default=8192, metavar="N", help="context size")
    parser.add_argument("--stop", action="append", default=[], metavar="S")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="sampler")
    parser.add_argument("--raw-prompt", metavar="FILE", help="send this text as the prompt")
    parser.add_argument("--messages", metavar="FILE", help="send this JSON list of messages")
    parser.add_argument("--no-stream", action="store_true", help="ask for the reply in one piece")
    parser.add_argument("--json", action="store_true", help="one line for each delta")


async def run(arguments: argparse.Namespace) -> int:
    """Streams the reply to standard output. Raises TavernError for anything that fails."""
    catalog = Catalog.load()
    spec = catalog.get(arguments.backend)
    request = await asyncio.to_thread(_request, spec, arguments)
    key = Secret(os.environ.get(KEY, ""))
    async with Http() as http:
        url, reach = await _address(spec, arguments.url, with_key=bool(key))
        backend = catalog.create(spec, request.kind, http.reaching(reach), url, key)
        if not request.model and spec.models.required:
            request = await _with_model(request, backend)
        started = time.monotonic()
        printer = _Printer(request, as_json=arguments.json)
        try:
            async with aclosing(backend.stream(request)) as deltas:
                async for delta in deltas:
                    printer.take(delta)
                    if printer.output.over:
                        break
        finally:
            printer.end()
    if arguments.json:
        summary = _summary(printer.last, request, started, printer.first)
        print(json.dumps(summary, ensure_ascii=False))
    if not printer.output.has_words:
        raise why_nothing(printer.output, printer.last.finish, printer.answer.notes, spec.name)
    return 0


def _summary(last: Delta, request: Request, started: float, first: float | None) -> dict[str, Any]:
    now = time.monotonic()
    return {
        "finish": last.finish,
        "usage": asdict(last.usage) if last.usage else None,
        "model": request.model,
        "timings": {
            "first": round(first - started, 3) if first else None,
            "total": round(now - started, 3),
        },
    }


async def _address(spec: Spec, given: str, *, with_key: bool) -> tuple[str, AddressClass]:
    if not given and not spec.endpoint.url:
        if spec.local:  # the rehearsal model has no address at all
            return "", AddressClass.GLOBAL
        raise NotConfigured(Reason.TERMINAL_NEEDS_URL, where=spec.name, what="url")
    url = stored_url(spec, given)
    # Whoever types at the terminal is the operator.
    approved = await AddressPolicy().approve(url, owner=True, with_key=with_key)
    return approved.url, approved.reach


def _request(spec: Spec, arguments: argparse.Namespace) -> Request:
    kind = _kind(spec, arguments)
    values = defaults(kind) | dict(_setting(one) for one in arguments.set)
    for id_ in unused_samplers(spec, values, arguments.model):
        if any(one.partition("=")[0].strip() == id_ for one in arguments.set):
            print(f"note: {spec.name} has no use for {id_}", file=sys.stderr)
    messages = _messages(arguments) if kind is Kind.CHAT else ()
    return Request(
        kind=kind,
        model=arguments.model,
        prompt=_prompt(arguments) if kind is Kind.TEXT else "",
        messages=messages,
        samplers=values,
        stop=tuple(stop.replace("\\n", "\n") for stop in arguments.stop),
        max_tokens=arguments.max_tokens,
        context_size=arguments.context,
        stream=not arguments.no_stream,
        prefill=bool(messages) and messages[-1].role == "assistant",
    )


def _kind(spec: Spec, arguments: argparse.Namespace) -> Kind:
    if arguments.kind:
        return Kind(arguments.kind)
    if arguments.raw_prompt:
        return Kind.TEXT
    if arguments.messages:
        return Kind.CHAT
    return spec.default_kind


def _setting(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise InvalidOption(Reason.TERMINAL_NAME_VALUE, key="--set", value=text)
    return name.strip(), check(name.strip(), value.strip())


def _prompt(arguments: argparse.Namespace) -> str:
    if not arguments.raw_prompt:
        return str(arguments.text)
    try:
        return _read(arguments.raw_prompt)
    except UnicodeDecodeError as error:
        raise InvalidOption(Reason.NOT_UTF8, key="--raw-prompt") from error


def _messages(arguments: argparse.Namespace) -> tuple[WireMessage, ...]:
    if not arguments.messages:
        return (WireMessage("user", arguments.text),)
    try:
        found = json.loads(_read(arguments.messages))
        return tuple(
            WireMessage(str(one["role"]), str(one["content"]), one.get("name")) for one in found
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidOption(Reason.TERMINAL_MESSAGES, key="--messages") from error


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(Reason.FILE_UNREADABLE, error.strerror or "", path=name) from error


async def _with_model(request: Request, backend: Backend) -> Request:
    """Takes the only model there is. Raises NotConfigured with the choice where there are more."""
    try:
        found = [model.id for model in await backend.models() if model.writes]
    except Unsupported:
        found = []
    if len(found) == 1:
        return replace(request, model=found[0])
    shown = ", ".join(found[:10]) + (", …" if len(found) > 10 else "")
    raise NotConfigured(Reason.TERMINAL_NEEDS_MODEL, what="model", choices=shown)


class _Printer:
    """Prints the words of a reply as they come, thoughts apart.

    It waits a moment before it begins: a thought whose opening mark was lost is known by its end
    only. One that ends later is named as what it was.
    """

    def __init__(self, request: Request, *, as_json: bool) -> None:
        self.output = OutputFilter(OutputRules(stop=request.stop))
        self.answer = Answer()
        self.last = Delta()
        self.first: float | None = None
        self._json = as_json
        self._told = {"text": "", "reasoning": ""}

    def take(self, delta: Delta) -> None:
        self.answer.take(delta)
        self.last = delta if delta.finish else self.last
        self.output.feed(delta.text, delta.reasoning)
        if delta.text.strip() or delta.reasoning.strip():
            self.first = self.first or time.monotonic()
        if self._json:
            for line in _as_lines(delta):
                print(json.dumps(line, ensure_ascii=False), flush=True)
        elif delta.wait is not None:
            print(f"waiting {delta.wait.seconds or 0:.0f} s: {delta.wait.detail}", file=sys.stderr)
        if self.first and time.monotonic() - self.first > PATIENCE:
            self._tell()

    def end(self) -> None:
        """Prints what is left, whatever ended the stream."""
        self.output.finish()
        self._tell()
        if not self._json and self.first:
            print()

    def _tell(self) -> None:
        self._grow("reasoning", self.output.reasoning)
        self._grow("text", self.output.text)

    def _grow(self, what: str, now: str) -> None:
        told = self._told[what]
        if not now.startswith(told.rstrip()):
            self._told[what] = told = ""
            if what == "text":
                self._show("taken_back", True)
        if more := now[len(told) :]:
            self._told[what] = now
            self._show(what, more)

    def _show(self, what: str, value: str | bool) -> None:
        if self._json:
            print(json.dumps({what: value}, ensure_ascii=False), flush=True)
        elif what == "text":
            print(value, end="", flush=True)
        elif what == "taken_back":
            print("\n(What stands above was a thought.)", file=sys.stderr, flush=True)


def _as_lines(delta: Delta) -> list[dict[str, Any]]:
    told = {
        "wait": asdict(delta.wait) if delta.wait is not None else None,
        "note": str(delta.note) if delta.note else "",
        "citations": list(delta.citations),
    }
    return [{key: value} for key, value in told.items() if value]
