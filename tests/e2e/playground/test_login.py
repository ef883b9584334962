"""Logging in: way A, way B, shards, compression, refusals."""

import asyncio
import datetime
import ipaddress
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.playground import Playground
from bot.playground.world import images
from tests.e2e.playground.helpers import Client, eventually, point, running
from tests.e2e.playground.test_messages import place

DISCORD_HOSTS = ("discord.com", "gateway.discord.gg", "cdn.discordapp.com")


async def test_the_client_finds_the_world(client: Client, playground: Playground) -> None:
    assert client.user is not None
    assert client.user.name == "Tavernkeeper"
    assert sorted(guild.name for guild in client.guilds) == ["The Harbour", "The Tavern"]
    tavern = discord.utils.get(client.guilds, name="The Tavern")
    assert tavern is not None
    assert {member.display_name for member in tavern.members} == {"Ann", "Ben", "Tavernkeeper"}
    kinds = {channel.name: type(channel).__name__ for channel in tavern.channels}
    assert kinds["tavern"] == "TextChannel"
    assert kinds["tales"] == "ForumChannel"
    assert kinds["Fireside"] == "VoiceChannel"
    cellar = discord.utils.get(tavern.text_channels, name="cellar")
    assert cellar is not None
    assert cellar.is_nsfw()
    application = await client.application_info()
    assert application.owner.name == "ann"
    assert application.flags.gateway_message_content_limited


async def test_what_the_invite_gives_the_bot_holds(client: Client, playground: Playground) -> None:
    tavern = discord.utils.get(client.get_all_channels(), name="tavern")
    assert isinstance(tavern, discord.TextChannel)
    allowed = tavern.permissions_for(tavern.guild.me)
    assert allowed.send_messages
    assert allowed.manage_webhooks
    assert not allowed.manage_messages


@pytest.mark.usefixtures("hurry")
async def test_every_shard_gets_its_own_servers(
    playground: Playground,
) -> None:
    playground.gateway.shards = 2
    intents = discord.Intents.all()
    client = discord.AutoShardedClient(intents=intents, guild_ready_timeout=0.05)
    async with running(client, playground.token):
        await eventually(lambda: len(client.guilds) == 2)
        assert client.shard_count == 2
        for guild in client.guilds:
            assert guild.shard_id == (guild.id >> 22) % 2
    shards = {session.shard for session in playground.gateway.sessions.values()}
    assert shards <= {(0, 2), (1, 2)}
    assert playground.gateway.identified == 2
    assert playground.log.find("GET", "/gateway/bot")


async def test_frames_travel_compressed_when_asked_for(playground: Playground) -> None:
    kinds: set[aiohttp.WSMsgType] = set()
    async with aiohttp.ClientSession() as session:
        for compress in ("", "?compress=zlib-stream"):
            async with session.ws_connect(playground.gateway_url + compress) as gateway:
                kinds.add((await gateway.receive()).type)
    assert kinds == {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}


async def test_a_wrong_token_is_refused(rough: Playground) -> None:
    client = Client()
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong." + rough.token)
    await client.close()


async def test_a_plain_websocket_meets_the_close_codes(playground: Playground) -> None:
    properties = {"token": playground.token, "properties": {}, "intents": 1}
    attempts: list[tuple[str, int]] = [
        ("no json", 4002),
        (json.dumps({"op": 99, "d": None}), 4003),
        (json.dumps({"op": 2, "d": {**properties, "token": "no"}}), 4004),
        (json.dumps({"op": 2, "d": {**properties, "intents": 1 << 40}}), 4013),
        (json.dumps({"op": 2, "d": {**properties, "shard": [3, 2]}}), 4010),
        (json.dumps({"op": 2, "d": {**properties, "padding": "x" * 4096}}), 4002),
    ]
    async with aiohttp.ClientSession() as session:
        for frame, code in attempts:
            assert await _close_code(session, playground.gateway_url, frame) == code, frame


async def _close_code(session: aiohttp.ClientSession, url: str, frame: str) -> int | None:
    async with session.ws_connect(url) as gateway:
        await gateway.receive()
        await gateway.send_str(frame)
        async with asyncio.timeout(5):
            while (await gateway.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        return gateway.close_code


class Resolver(AbstractResolver):
    """Leads every name to one local port."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Holds nothing."""


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A throw-away certificate for Discord's names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "playground")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[Any] = [x509.DNSName(host) for host in DISCORD_HOSTS]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, secret


async def test_way_b_needs_no_attribute_set(tmp_path: Path) -> None:
    """Nothing of discord.py is touched: only a resolver and a trusted certificate."""
    chain, secret = _certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    trusting = ssl.create_default_context(cafile=str(chain))
    async with Playground.open(tls=server) as playground:
        assert playground.tls_port is not None
        connector = aiohttp.TCPConnector(resolver=Resolver(playground.tls_port), ssl=trusting)
        client = Client(connector=connector)
        async with running(client, playground.token):
            ann, tavern = playground.person("Ann"), playground.channel("tavern")
            ann.send(tavern, "over TLS")
            await eventually(lambda: client.said() == ["over TLS"])
            answer = await client.heard[0].reply("and back")
            hook = await place(client, "tavern").create_webhook(name="Inn", avatar=_dot())
            picture = await hook.display_avatar.read()
            assert picture == _dot()
            again = discord.Webhook.from_url(
                hook.url.replace(playground.url, "https://discord.com"), client=client
            )
            await again.send("through its address")
            said = [message["content"] for message in playground.messages(tavern)]
            assert said == ["over TLS", answer.content, "through its address"]
    assert "https" in discord.http.Route.BASE


def _dot() -> bytes:
    return images.plain(0x123456, 8)


async def test_way_a_points_assets_here(
    monkeypatch: pytest.MonkeyPatch, playground: Playground
) -> None:
    point(monkeypatch, playground)
    client = Client()
    async with running(client, playground.token):
        assert client.user is not None
        face = await client.user.default_avatar.read()
        assert face.startswith(b"\x89PNG")
