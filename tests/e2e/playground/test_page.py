"""The page's JSON interface: what it shows, what it does, whom it refuses."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from bot.playground import Playground
from bot.playground.world import images
from tests.e2e.playground.helpers import Client, eventually


class Browser:
    """What the page does, without a page."""

    def __init__(self, session: aiohttp.ClientSession, playground: Playground) -> None:
        self.session, self.url = session, playground.url
        self.user = playground.person("Ann").id
        self.news: list[dict[str, Any]] = []

    async def state(self, user: str | None = None) -> Any:
        query = {"user": user or self.user}
        async with self.session.get(self.url + "/playground/state", params=query) as answer:
            assert answer.status == 200
            return await answer.json()

    async def act(self, action: str, /, files: dict[str, bytes] | None = None, **what: Any) -> Any:
        body = {"user": self.user, "action": action, **what}
        form: Any = None
        if files:
            form = aiohttp.FormData()
            form.add_field("payload_json", json.dumps(body))
            for place, (name, content) in enumerate(files.items()):
                form.add_field(f"files[{place}]", content, filename=name)
        options: Any = {"data": form} if files else {"json": body}
        async with self.session.post(self.url + "/playground/act", **options) as answer:
            told = await answer.json()
            assert (answer.status == 400) == ("error" in told)
            return told

    async def listen(self) -> None:
        url, query = self.url + "/playground/events", {"user": self.user}
        async with self.session.get(url, params=query) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            async for line in answer.content:
                if line.startswith(b"data: "):
                    self.news.append(json.loads(line[6:]))

    def heard(self, kind: str) -> list[Any]:
        return [each["d"] for each in self.news if each["type"] == kind]


@pytest.fixture
async def browser(playground: Playground) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        one = Browser(session, playground)
        listening = asyncio.create_task(one.listen())
        yield one
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening


async def test_the_first_look(browser: Browser, playground: Playground, client: Client) -> None:
    state = await browser.state()
    assert state["me"]["username"] == "Tavernkeeper"
    assert state["user"] == browser.user
    assert {each["username"] for each in state["users"]} == {"ann", "ben", "tavernkeeper".title()}
    names = {each["name"] for each in state["guilds"][0]["channels"]}
    assert {"welcome", "tavern", "campfire", "cellar", "tales", "Fireside"} <= names
    assert set(state["messages"]) == {each["id"] for each in state["channels"]}
    assert state["online"] is True
    assert state["start_channel"] == playground.channel("tavern").id
    assert int(state["permissions"][playground.channel("tavern").id]) & 1 << 11


async def test_talk_from_the_page(browser: Browser, playground: Playground, client: Client) -> None:
    tavern = playground.channel("tavern")
    told = await browser.act("send", channel=tavern.id, content="Hello")
    message_id = told["message"]["id"]
    await eventually(lambda: client.said() == ["Hello"])
    await client.heard[0].reply("Hello, Ann")
    await eventually(lambda: len(browser.heard("MESSAGE_CREATE")) == 2)
    assert browser.heard("MESSAGE_CREATE")[1]["referenced_message"]["id"] == message_id
    await browser.act("edit", channel=tavern.id, message=message_id, content="Hello!")
    await eventually(lambda: browser.heard("MESSAGE_UPDATE"))
    await browser.act("react", channel=tavern.id, message=message_id, emoji="🍺")
    await eventually(lambda: browser.heard("MESSAGE_REACTION_ADD"))
    state = await browser.state()
    shown = state["messages"][tavern.id]
    assert [each["content"] for each in shown] == ["Hello!", "Hello, Ann"]
    assert shown[0]["reactions"][0]["me"] is True
    others = await browser.state(playground.person("Ben").id)
    assert others["messages"][tavern.id][0]["reactions"][0]["me"] is False
    await browser.act("delete", channel=tavern.id, message=message_id)
    await eventually(lambda: browser.heard("MESSAGE_DELETE"))
    picture = images.plain(5)
    told = await browser.act(
        "send", channel=tavern.id, content="look", reply_to=shown[1]["id"], files={"a.png": picture}
    )
    attachment = told["message"]["attachments"][0]
    assert attachment["width"] == 64
    async with browser.session.get(attachment["url"]) as answer:
        assert await answer.read() == picture
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for number in range(150):
        await browser.act("send", channel=tavern.id, content=str(number))
    newest = (await browser.state())["messages"][tavern.id]
    assert len(newest) == 100
    query = {"user": browser.user, "channel": tavern.id, "before": newest[0]["id"]}
    url = browser.url + "/playground/messages"
    async with browser.session.get(url, params=query) as answer:
        older = (await answer.json())["messages"]
    assert older[-1]["content"] == "49"
    assert len(older) == 52


async def test_commands_from_the_page(
    browser: Browser, playground: Playground, client: Client
) -> None:
    class Form(discord.ui.Modal, title="Form"):
        name: Any = discord.ui.TextInput(label="Name", custom_id="name")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            view = discord.ui.View(timeout=None)
            view.add_item(discord.ui.Button(label="Dead", custom_id="dead"))
            await interaction.response.send_message(
                f"hi {self.name.value}", ephemeral=True, view=view
            )
            view.stop()

    @client.tree.command(description="Fill in")
    async def form(interaction: discord.Interaction, kind: str = "x") -> None:
        await interaction.response.send_modal(Form())

    @form.autocomplete("kind")
    async def kinds(
        interaction: discord.Interaction, current: str
    ) -> list[discord.app_commands.Choice[str]]:
        return [discord.app_commands.Choice(name="One", value="1")]

    await client.tree.sync()
    await eventually(lambda: browser.heard("COMMANDS"))
    tavern = playground.channel("tavern")
    assert (await browser.state())["commands"][0]["name"] == "form"
    offered = await browser.act(
        "autocomplete", channel=tavern.id, name="form", options={"kind": "o"}, focused="kind"
    )
    assert offered == {"choices": [{"name": "One", "value": "1"}]}
    told = await browser.act("command", channel=tavern.id, name="form", options={})
    await eventually(lambda: browser.heard("MODAL"))
    modal = browser.heard("MODAL")[0]
    assert (modal["id"], modal["title"]) == (told["interaction"], "Form")
    assert (await browser.act("submit", modal=modal["id"], values={}))["error"]
    await browser.act("submit", modal=modal["id"], values={"name": "Vera"})
    await eventually(lambda: browser.heard("MESSAGE_CREATE"))
    private = browser.heard("MESSAGE_CREATE")[0]
    assert private["content"] == "hi Vera"
    assert private["flags"] & 64
    assert private in (await browser.state())["messages"][tavern.id]
    others = await browser.state(playground.person("Ben").id)
    assert others["messages"][tavern.id] == []
    told = await browser.act("click", channel=tavern.id, message=private["id"], custom_id="dead")
    playground.advance(3)
    await eventually(lambda: browser.heard("INTERACTION_FAILED"))
    failed = browser.heard("INTERACTION_FAILED")[0]
    assert failed["id"] == told["interaction"]
    assert "did not respond" in failed["reason"]


async def test_everything_else_a_person_can_do(
    browser: Browser, playground: Playground, client: Client
) -> None:
    tavern = playground.channel("tavern")
    told = await browser.act("thread", channel=tavern.id, name="Upstairs")
    assert told["channel"]["parent_id"] == tavern.id
    await browser.act("archive", channel=told["channel"]["id"], locked=True)
    told = await browser.act("channel", name="attic", nsfw=True)
    attic = told["channel"]["id"]
    await eventually(lambda: browser.heard("CHANNEL_CREATE"))
    await browser.act("nsfw", channel=attic, on=False)
    assert not playground.state.is_adult(playground.channel("attic"))
    told = await browser.act("dm")
    assert told["channel"]["type"] == 1
    spoken = await browser.act("send", channel=tavern.id, content="far away")
    source = {"channel": tavern.id, "message": spoken["message"]["id"]}
    told = await browser.act("send", channel=told["channel"]["id"], forward=source)
    snapshot = told["message"]["message_snapshots"][0]["message"]
    assert snapshot["content"] == "far away"
    await eventually(lambda: bool(client.heard) and bool(client.heard[-1].message_snapshots))
    await browser.act("typing", channel=tavern.id)
    await eventually(lambda: browser.heard("TYPING_START"))
    await browser.act("locale", locale="ja")
    assert (await browser.state())["locale"] == "ja"
    told = await browser.act("user", name="Cora")
    await eventually(lambda: client.guilds[0].get_member(int(told["user"]["id"])) is not None)
    await browser.act("permission", channel=tavern.id, deny=["manage_webhooks"])
    allowed = playground.state.permissions(playground.state.bot.id, tavern)
    assert not int(allowed) & 1 << 29
    await browser.act("intent", name="message_content", on=False)
    assert (await browser.state())["intents"]["message_content"] is False
    told = await browser.act("fault", add={"match": "^POST", "action": "limit", "count": 2})
    assert told["faults"][0]["count"] == 2
    told = await browser.act("fault", clear=True, gateway="reconnect")
    assert told["faults"] == []
    await eventually(lambda: client.resumed == 1)
    await browser.act("fault", gateway="close", code=4009)
    await eventually(lambda: client.resumed == 2)
    online = [each["online"] for each in browser.heard("ONLINE")]
    assert online[-1] is True
    assert False in online
    await browser.act("delete_channel", channel=attic)
    await eventually(lambda: browser.heard("CHANNEL_DELETE"))


async def test_what_cannot_be_done_is_said(browser: Browser, playground: Playground) -> None:
    tavern = playground.channel("tavern")
    impossible: list[dict[str, Any]] = [
        {"action": "fly"},
        {"action": "send", "channel": "1", "content": "x"},
        {"action": "send", "channel": tavern.id, "content": ""},
        {"action": "send", "channel": tavern.id, "content": "x" * 2001},
        {"action": "send", "content": "x"},
        {"action": "send", "channel": tavern.id, "content": "x", "user": "1"},
        {"action": "edit", "channel": tavern.id, "message": "1", "content": "x"},
        {"action": "command", "channel": tavern.id, "name": ""},
        {"action": "command", "channel": tavern.id, "name": "x", "options": []},
        {"action": "submit", "modal": "1"},
        {"action": "locale", "locale": "xx"},
        {"action": "permission", "channel": tavern.id, "deny": ["fly"]},
        {"action": "intent", "name": "wishes", "on": True},
        {"action": "fault", "add": {"match": "(", "action": "limit"}},
        {"action": "fault", "add": {"match": "x", "action": "limit", "colour": "red"}},
        {"action": "fault", "gateway": "explode"},
        {"action": "channel", "name": " "},
        {"action": "user", "name": ""},
    ]
    for body in impossible:
        action = body.pop("action")
        told = await browser.act(action, **body)
        assert told["error"].strip(), action
        assert "Traceback" not in told["error"]


async def test_other_sites_are_refused(browser: Browser, playground: Playground) -> None:
    act, state = playground.url + "/playground/act", playground.url + "/playground/state"
    body = {"action": "dm", "user": browser.user}
    foreign = {"Origin": "https://evil.example"}
    async with browser.session.post(act, json=body, headers=foreign) as answer:
        assert answer.status == 403
    async with browser.session.get(state, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403
    async with browser.session.get(state, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403
    async with browser.session.post(act, json=body, headers={"Origin": playground.url}) as answer:
        assert answer.status == 200
    async with browser.session.get(playground.url + "/static/../page.py") as answer:
        assert answer.status == 404
    async with browser.session.get(playground.url + "/static/%2e%2e/page.py") as answer:
        assert answer.status == 404


async def test_uploaded_pages_do_not_run(browser: Browser, playground: Playground) -> None:
    tavern = playground.channel("tavern")
    files = {"evil.html": b"<script>alert(1)</script>", "evil.svg": b"<svg/>"}
    told = await browser.act("send", channel=tavern.id, files=files)
    for attachment in told["message"]["attachments"]:
        async with browser.session.get(attachment["url"]) as answer:
            assert answer.headers["Content-Disposition"] == "attachment"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
        cut = attachment["url"].partition("?")[0]
        async with browser.session.get(cut) as answer:
            assert answer.status == 404


async def test_the_page_is_served(browser: Browser, playground: Playground) -> None:
    async with browser.session.get(playground.url + "/") as answer:
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_a_log_file_on_request(tmp_path: Any) -> None:
    path = tmp_path / "logs" / "requests.jsonl"
    async with Playground.open(log=path) as playground, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bot {playground.token}"}
        async with session.get(playground.api_url + "/users/@me", headers=headers) as answer:
            assert answer.status == 200
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0]["method"] == "GET"
    assert set(lines[0]) == {"ts", "method", "path", "json", "files", "status", "response"}
