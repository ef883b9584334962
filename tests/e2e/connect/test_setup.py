"""Finding servers on this machine, and Vertex AI's form."""

import functools
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from yarl import URL

from bot.cogs.connect import use as command
from core.backends.local_servers import find_local
from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.connect.test_doctor import closed_port, pressed
from tests.e2e.tavern.tavern import Tavern, labels


async def test_servers_on_this_machine_are_offered(
    tavern: Tavern, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    port = URL(server.url).port or 0
    look = functools.partial(find_local, ports=(port, closed_port()))
    monkeypatch.setattr(command, "find_local", look)
    told = await tavern.answer("connect local")
    assert f"KoboldCpp · <{server.url}> · koboldcpp/Tiefighter-13B.Q6_K.gguf" in told["content"]
    assert labels(told) == [f"Use KoboldCpp {port}"]
    text = await pressed(tavern, told, f"Use KoboldCpp {port}", "will answer here from now on")
    assert "Context: 4,096 tokens" in text
    server.acts.append(Act(pieces=["Hi."]))
    assert "> Hi." in await tavern.run("connect test")


async def test_nothing_runs_on_this_machine(
    tavern: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = functools.partial(find_local, ports=(closed_port(),))
    monkeypatch.setattr(command, "find_local", look)
    assert "I couldn't find a model server" in await tavern.run("connect local")


async def test_vertex_takes_project_region_and_account_by_form(tavern: Tavern) -> None:
    account = {
        "type": "service_account",
        "project_id": "old",
        "client_email": "bot@old.iam.gserviceaccount.com",
        "private_key": "-----BEGIN PRIVATE KEY-----",
    }
    values = {"project": "novel", "region": "europe-west4", "account": json.dumps(account)}
    told = await tavern.form("connect use", values, backend="vertex", model="gemini-2.5-flash")
    assert "<https://europe-west4-aiplatform.googleapis.com>" in told
    assert "key is missing" not in told
    assert "address is missing" not in told
    connection = await tavern.engine.models.connection(tavern.place())
    assert connection is not None
    stored = json.loads(connection.key.reveal())
    assert stored["project_id"] == "novel"
    assert stored["client_email"] == account["client_email"]
    told = await tavern.form("connect use", {**values, "account": "{broken"}, backend="vertex")
    assert "JSON" in told
    assert "broken" not in told


async def test_a_reply_by_a_service_account(chat: Tavern, stand: Stand) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    elsewhere = await stand("gemini", {"/token": {"access_token": "token-of-a-thief"}})
    account = {
        "type": "service_account",
        "project_id": "old",
        "client_email": "bot@novel.iam.gserviceaccount.com",
        "private_key": pem,
        "private_key_id": "k1",
        "token_uri": f"{elsewhere.url}/token",
    }
    server = await stand("gemini", {"/token": {"access_token": "token-12345", "expires_in": 3599}})
    rows = chat.engine.models.pool.catalog.rows
    key = rows["vertex"].key.model_copy(update={"token_url": f"{server.url}/token"})
    rows["vertex"] = rows["vertex"].model_copy(update={"key": key})
    values = {"project": "novel", "region": "global", "account": json.dumps(account)}
    told = await chat.form(
        "connect use", values, backend="vertex", url=server.url, model="gemini-2.5-flash"
    )
    assert "will answer here from now on" in told
    for text in ("Servus.", "Servus again."):
        server.acts.append(Act(pieces=[text]))
        chat.ann.send(chat.room, "Hello!")
        await chat.reply(text)
    tokens = [heard for heard in server.heard if heard.path == "/token"]
    assert len(tokens) == 1
    assert "authorization" not in tokens[0].headers
    assert [heard.headers["authorization"] for heard in server.replies] == [
        "Bearer token-12345"
    ] * 2
    assert "/projects/novel/locations/global/" in server.replies[0].path
    assert elsewhere.heard == []


async def test_a_reply_by_an_express_key(chat: Tavern, stand: Stand) -> None:
    server = await stand("gemini")
    values = {"project": "", "region": "", "account": "AQ.express-key"}
    told = await chat.form(
        "connect use", values, backend="vertex", url=server.url, model="gemini-2.5-flash"
    )
    assert "Google Vertex AI" in told
    server.acts.append(Act(pieces=["Servus."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Servus.")
    assert server.replies[-1].headers["x-goog-api-key"] == "AQ.express-key"
