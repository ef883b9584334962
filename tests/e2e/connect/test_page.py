"""The page of a channel's model: everything by buttons, selects and forms."""

from typing import Any

from bot.playground.rules.components import SELECT, walk
from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.connect.test_doctor import closed_port
from tests.e2e.tavern.tavern import Tavern, labels, text_of

Json = dict[str, Any]
TWO = {"/models": {"object": "list", "data": [{"id": "small"}, {"id": "large"}]}}


class OnPage:
    """One page, pressed and read by Ann."""

    def __init__(self, tavern: Tavern, message: Json) -> None:
        self.tavern, self.id = tavern, message["id"]

    @property
    def message(self) -> Json:
        seen = self.tavern.ann.sees(self.tavern.room)
        return next(one for one in seen if one["id"] == self.id)

    async def says(self, *words: str) -> str:
        """Waits until the page says all of these words."""
        try:
            await self.tavern.until(lambda: all(one in text_of(self.message) for one in words))
        except TimeoutError:
            raise AssertionError(f"on the page: {text_of(self.message)}") from None
        return text_of(self.message)

    def selects(self) -> dict[str, Json]:
        """By their names for screen readers."""
        parts = [part for part, _ in walk(self.message["components"]) if part["type"] == SELECT]
        return {part["placeholder"]: part for part in parts}

    def options(self, name: str) -> list[str]:
        return [option["label"] for option in self.selects()[name]["options"]]

    def pick(self, name: str, label: str) -> Any:
        """Chooses a line of a select."""
        part = self.selects()[name]
        value = next(one["value"] for one in part["options"] if one["label"] == label)
        return self.tavern.ann.click(self.message, part["custom_id"], value)

    def press(self, label: str) -> Any:
        return self.tavern.ann.press(self.message, label)

    async def fill(self, opened: Any, **values: str) -> None:
        """Sends the form that a press has opened."""
        await opened.modal()
        await self.tavern.ann.submit(opened, values).acknowledged()


async def opened(tavern: Tavern, line: str = "connect show", **options: Any) -> OnPage:
    message = await tavern.answer(line, **options)
    assert message["flags"] & (1 << 15), "no page"
    return OnPage(tavern, message)


async def test_from_nothing_to_an_answer_by_pressing(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", TWO)
    page = await opened(chat, "connect use")
    assert {"At home…", "Services…"} <= set(page.options("Choose a server or service"))
    page.pick("Choose a server or service", "Services…")
    await chat.until(lambda: "Back" in page.options("Choose a server or service"))
    page.pick("Choose a server or service", "OpenAI-compatible server")
    await page.says("⚠ The address is missing.", "⚠ No model chosen yet.")
    await page.fill(page.press("Address"), url=server.url)
    await page.says(f"<{server.url}>", "⚠ No model chosen yet.")
    assert page.options("Choose a model") == ["small", "large", "Type a name…"]
    server.acts.append(Act(pieces=["Hello", " there."]))
    page.pick("Choose a model", "large")
    text = await page.says("✓ Answers", "> Hello there.")
    assert "⚠ No model" not in text
    assert "can't" not in text
    assert server.replies[-1].body["model"] == "large"
    server.acts.append(Act(pieces=["The ale is cold."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("The ale is cold.")


async def test_all_that_is_missing_is_named_at_once(chat: Tavern) -> None:
    cases: tuple[tuple[str, list[str], list[str]], ...] = (
        ("openai", ["key", "No model"], ["Enter the key", "Choose a model"]),
        ("openai-compatible", ["address", "No model"], ["Enter the address", "Choose a model"]),
    )
    for backend, words, buttons in cases:
        told = await chat.answer("connect use", backend=backend)
        assert all(word in told["content"] for word in words)
        shown = [one for one in labels(told) if one != "Only here"]
        assert shown == buttons
        row = told["components"][0]["components"]
        assert [one["style"] for one in row[:2]] == [1, 2]


async def test_an_address_is_tried_before_it_is_stored(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    page = await opened(chat)
    wrong = f"http://127.0.0.1:{closed_port()}"
    await page.fill(page.press("Address"), url=wrong)
    text = await page.says(f"Can't reach KoboldCpp at <{wrong}>")
    assert f"Address: <{server.url}>" in text
    assert "Open the form again" in labels(page.message)
    form = await page.press("Open the form again").modal()
    assert form["components"][0]["component"]["value"] == wrong
    page.press("Save anyway")
    await page.says(f"Address: <{wrong}>")


async def test_another_server_is_named_for_what_it_is_and_used(chat: Tavern, stand: Stand) -> None:
    ollama = {
        "/api/version": {"version": "0.12"},
        "/api/tags": {"models": [{"name": "llama3:8b"}]},
        "/api/show": {"details": {}},
    }
    server = await stand("ollama", ollama)
    await chat.run("connect use", backend="koboldcpp", url=f"http://127.0.0.1:{closed_port()}")
    page = await opened(chat)
    await page.fill(page.press("Address"), url=server.url)
    await page.says("The server at this address is Ollama, not KoboldCpp.")
    page.press("Use as Ollama")
    await page.says("Service: Ollama", f"<{server.url}>")


async def test_a_key_by_form_and_the_page_after_a_restart(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", TWO)
    await chat.run("connect use", backend="openai", url=server.url, model="small")
    page = await opened(chat)
    form = await page.press("Key").modal()
    assert "This is the place for it" in str(form)
    await chat.restart()
    server.acts.append(Act(pieces=["Hm."]))
    await page.fill(page.press("Key"), key="sk-page-secret-9876")
    await page.says("Key: …9876")
    server.acts.append(Act(pieces=["Still here."]))
    page.press("Test")
    await page.says("> Still here.")
    assert server.replies[-1].headers["authorization"] == "Bearer sk-page-secret-9876"


async def test_long_lists_page_and_a_typed_name_is_taken(chat: Tavern, stand: Stand) -> None:
    listed = [{"id": f"model-{number:02}"} for number in range(40)]
    server = await stand("openai-chat", {"/models": {"data": listed}})
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="model-01")
    page = await opened(chat)
    names = page.options("Choose a model")
    assert len(names) == 25
    assert (names[0], names[-1]) == ("Type a name…", "More…")
    page.pick("Choose a model", "More…")
    await chat.until(lambda: "model-39" in page.options("Choose a model"))
    server.acts.append(Act(pieces=["Hm."]))
    await page.fill(page.pick("Choose a model", "Type a name…"), model="model-x")
    await page.says("`model-x`", "> Hm.")


async def test_share_and_disconnect(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", TWO)
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="small")
    page = await opened(chat)
    await page.says("-# Set for the whole server.")
    page.press("Only here")
    await page.says("-# Set for this channel.")
    assert "Only here" not in labels(page.message)
    await page.fill(page.press("Share"), name="Hearth")
    await page.says("**Hearth** can be used in other channels now.")
    other = chat.playground.channel("campfire")
    part = next(
        part for part, _ in walk(page.message["components"])
        if part.get("placeholder") == "Which channels use it?"
    )  # fmt: skip
    chat.ann.click(page.message, part["custom_id"], other.id)
    await page.says(f"**Hearth** now also answers in <#{other.id}>.", "-# Shared as **Hearth**.")
    page.press("Disconnect")
    await page.says("**rehearsal** now answers here.")


async def test_a_guest_reads_and_presses_nothing(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", TWO)
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="small")
    told = await chat.answer("connect show", by=chat.ben)
    text = text_of(told)
    assert "OpenAI-compatible server" in text
    assert "`small`" in text
    assert server.url not in text
    assert labels(told) == []
    assert "People who manage this server can change this." in text


async def test_the_other_pages_show_values_and_change_them(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    page = await opened(chat)
    page.pick("Choose a page", "Page: samplers")
    await page.says("### Samplers", "**temperature**")
    await page.fill(page.pick("Change…", "temperature"), value="0.7")
    await page.says("`temperature` is now **0.7** in this channel.")
    page.pick("Choose a page", "Page: thinking")
    text = await page.says("### Thinking", "**Shown under replies** off")
    assert "-# How much it thinks: default — this model has no such setting" in text
    assert page.options("Change…") == ["Shown under replies", "Tags around thinking"]
    page.pick("Change…", "Shown under replies")
    await page.says("**Shown under replies** on")
    page.pick("Choose a page", "Page: context and counting")
    await page.says("### Context and counting")
    await page.fill(page.pick("Change…", "Context size"), size="2048", reply="200")
    await page.says("2,048 tokens, 200 of them for the reply")
    page.pick("Choose a page", "Page: if it fails")
    await page.says("### If it fails", "**Answers instead** nothing")
    page.pick("Change…", "Answers instead")
    await chat.until(lambda: "Answers instead" in page.selects())
    page.pick("Answers instead", "rehearsal")
    await page.says("If **koboldcpp** isn't available, **rehearsal** will answer instead.")
