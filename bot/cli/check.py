"""`check`: try configuration, database, backends and token."""

import argparse
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.cli._errors import one_line
from core.errors import SettingsError, TavernError
from core.settings import OfferedConnection, Settings, load_settings

if TYPE_CHECKING:
    from core.engine import Engine

CONTENT_INTENT = (1 << 18) | (1 << 19)
"""Flags of an application that may read messages: verified, or below Discord's threshold."""
TIMEOUT = aiohttp.ClientTimeout(total=15)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the report."""

    subject: str
    text: str
    good: bool = True


async def run(arguments: argparse.Namespace) -> int:
    """Prints the findings; 1 if something is broken."""
    try:
        settings = load_settings(arguments.config)
    except SettingsError as error:
        for one in (error, *error.further):
            print(line(CheckResult("configuration", one_line(one), good=False)))
        return 1
    status = 0
    print(line(CheckResult("configuration", "read")))
    async for finding in findings(settings):
        print(line(finding), flush=True)
        status = status if finding.good else 1
    return status


def line(finding: CheckResult) -> str:
    return f"{'ok    ' if finding.good else 'BROKEN'}  {finding.subject}: {finding.text}"


async def findings(settings: Settings) -> AsyncIterator[CheckResult]:
    """Everything there is to check, in order."""
    from core.engine import Engine

    try:
        async with Engine.open(settings) as engine:
            yield CheckResult("database", engine.database)
            yield tokenizers(settings)
            for offered in settings.connections:
                yield await offer(engine, offered)
    except TavernError as error:
        yield CheckResult("database", one_line(error), good=False)
    async for finding in discord(settings):
        yield finding


def tokenizers(settings: Settings) -> CheckResult:
    """Which tokenizer files are at hand."""
    from core.tokenizers.catalog import rows

    folder = settings.data_dir / "_cache"
    here = [row.id for row in rows().values() if row.file and (folder / row.kept_as).is_file()]
    rest = "fetched when needed" if settings.enable_downloadable_tokenizers else "not fetched"
    return CheckResult("tokenizers", f"{', '.join(here) or 'none yet'}; others are {rest}")


async def offer(engine: "Engine", offered: OfferedConnection) -> CheckResult:
    """One connection of the configuration: its backend, its key, its server."""
    subject = f"connection {offered.name}"
    try:
        engine.models.pool.catalog.get(offered.backend)
        if offered.key_env and not offered.key:
            text = f"the environment variable {offered.key_env}, named by key_env, is not set"
            return CheckResult(subject, text, good=False)
        if (fault := await engine.services.connections.offer_fault(offered)) is not None:
            return CheckResult(subject, one_line(fault), good=False)
        return await backend(engine, offered.name)
    except TavernError as error:
        return CheckResult(subject, one_line(error), good=False)


async def backend(engine: "Engine", name: str) -> CheckResult:
    """Whether a configured connection's server answers."""
    from core.chat.place import Place

    connection = await engine.services.connections.find(Place(0), name)
    kind = engine.models.pool.kind(connection)
    facts = await engine.models.pool.facts(connection, kind)
    if facts.fault is not None:
        said = one_line(facts.fault)
        return CheckResult(f"connection {name}", said, good=False)
    size = f", {facts.context_size} tokens" if facts.context_size else ""
    return CheckResult(f"connection {name}", f"{facts.model or connection.backend}{size}")


async def discord(settings: Settings) -> AsyncIterator[CheckResult]:
    """The token, what the bot may read, and how to invite it."""
    token = settings.discord.token
    if not token:
        yield CheckResult("discord", "no token is set, so `run` starts the playground")
        return
    headers = {"Authorization": f"Bot {token.reveal()}"}
    url = f"{settings.discord.api_url.rstrip('/')}/oauth2/applications/@me"
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(url, headers=headers, allow_redirects=False) as response,
        ):
            if response.status == 401:
                yield CheckResult("discord", "the token is not accepted", good=False)
                return
            response.raise_for_status()
            application = await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        yield CheckResult("discord", f"does not answer ({type(error).__name__})", good=False)
        return
    yield CheckResult("discord", f"the token belongs to {application.get('name')}")
    if int(application.get("flags") or 0) & CONTENT_INTENT:
        yield CheckResult("message content", "the bot may read messages")
    else:
        text = (
            "off: characters answer mentions and slash commands only; the switch is under Bot on "
            "the developer page"
        )
        yield CheckResult("message content", text)
    from bot.client import invite_link

    yield CheckResult("invite", invite_link(int(application["id"])))
