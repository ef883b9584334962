"""A newcomer's first minutes: the real playground process, driven through a browser."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.conformance.families import OPENAI_CHAT
from tests.conformance.standin import Act, serve
from tests.e2e.browser import browsing, chromium
from tests.e2e.kill.victim import clean_environment
from tests.e2e.tavern.cards import card_with
from tests.shared import ROOT

pytestmark = pytest.mark.browser

PICTURE = ROOT / "docs" / "playground.png"
"""The README's picture; TAVERN_SCREENSHOT=1 takes it anew."""
MODELS = {"/models": {"object": "list", "data": [{"id": "lantern-7b"}]}}
TOLD = (
    "*Rosalind wipes the counter and leans closer, lowering her voice.* ",
    "“The **north road**? Nobody has come down it since the first snow. ",
    "But last night a rider did, Rowan, without a lantern, and he asked for *you*.”",
)


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """`python -m bot playground` in an empty folder; where its page is."""
    chromium()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "playground", "--no-open", "--port", "0"),
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", line)
        assert found is not None, line
        yield found[0]
    finally:
        process.terminate()
        await process.communicate()


@pytest.fixture
async def page(url: str) -> AsyncIterator[Page]:
    async with browsing(url) as opened:
        yield opened


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message #tavern", exact=True)


def articles(page: Page, author: str) -> Locator:
    return page.get_by_role("log").get_by_role("article", name=author, exact=True)


def words(article: Locator) -> Locator:
    return article.locator(".message-text")


def notes(page: Page) -> Locator:
    """Answers to commands, which only the one who gave them sees."""
    return page.locator("[data-ephemeral]")


async def say(page: Page, text: str) -> None:
    await box(page).fill(text)
    await box(page).press("Enter")


async def run(page: Page, line: str) -> None:
    """A command line with all its options, typed at once."""
    await box(page).fill(line)
    await box(page).press("Enter")
    await box(page).press("Enter")


async def until_longer(article: Locator, length: int) -> int:
    """Waits until the article's words are longer than this; how long they are then."""
    longer = re.compile(rf"^[\s\S]{{{length + 1},}}$")
    await expect(words(article)).to_have_text(longer)
    return len(await words(article).inner_text())


async def test_the_first_minutes(page: Page) -> None:
    async with asyncio.timeout(100):
        await expect(box(page)).to_be_visible()
        author = await first_character(page)
        await talk(page, author)
        await become_rowan(page)
        await bring_rosalind(page)
        await connect(page)
        if os.environ.get("TAVERN_SCREENSHOT") == "1":
            await page.mouse.move(0, 0)
            await page.screenshot(path=PICTURE)


async def first_character(page: Page) -> str:
    """Somebody waits and greets."""
    greeting = page.get_by_role("log").get_by_role("article").first
    await expect(greeting.get_by_role("button", name="Regenerate")).to_be_visible()
    name = await greeting.get_attribute("aria-label")
    assert name
    return name


async def talk(page: Page, author: str) -> None:
    """A reply grows; Regenerate tells it anew; the arrow brings the first one back."""
    await say(page, "Good evening! What is the talk of the town?")
    reply = articles(page, author).nth(1)
    await expect(reply.get_by_role("button", name="Stop")).to_be_visible()
    await until_longer(reply, await until_longer(reply, 0))
    again = reply.get_by_role("button", name="Regenerate")
    await expect(again).to_be_visible()
    first = await words(reply).inner_text()
    assert "rehearsal" in first
    await again.click()
    await expect(reply.get_by_role("button", name="2/2")).to_be_visible()
    await expect(words(reply)).not_to_have_text(first)
    await reply.get_by_role("button", name="◀").click()
    await expect(words(reply)).to_have_text(first)
    await expect(reply.get_by_role("button", name="1/2")).to_be_visible()


async def become_rowan(page: Page) -> None:
    await run(page, "/persona new")
    form = page.get_by_role("dialog", name="New persona")
    await form.get_by_label("Name").fill("Rowan")
    await form.get_by_label("Description").fill("A tired knight on the way home.")
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await expect(notes(page).last).to_contain_text("You're now Rowan.")
    await expect(page.get_by_role("note")).to_have_text("Next: /connect use brings a real model.")


async def bring_rosalind(page: Page) -> None:
    await box(page).fill("/character import ")
    greeting = "*Rosalind looks up from the ledger.* “Rowan! Sit, before the rain finds you again.”"
    fields = {"description": "Rosalind keeps the Lantern Inn.", "first_mes": greeting}
    face = ROOT / "core" / "characters" / "stock" / "juno.png"
    card = card_with(face.read_bytes(), "Rosalind", **fields)
    await page.locator("input[type=file][data-option=file]").set_input_files(
        {"name": "rosalind.png", "mimeType": "image/png", "buffer": card}
    )
    await box(page).press("Enter")
    await expect(notes(page).last).to_contain_text("Rosalind is here.")
    await run(page, "/chat clear")
    await expect(notes(page).last).to_contain_text("Started a new story")
    await run(page, "/character use character:Rosalind")
    await expect(words(articles(page, "Rosalind"))).to_contain_text("looks up from the ledger")


async def connect(page: Page) -> None:
    """The model behind the character is another server's from now on."""
    async with serve(OPENAI_CHAT, MODELS) as server:
        await run(page, f"/connect use backend:openai-compatible url:{server.url} model:lantern-7b")
        await expect(notes(page).last).to_contain_text("will answer here from now on")
        await expect(page.get_by_role("note")).to_be_hidden()
        dismiss = notes(page).get_by_role("button", name="Dismiss message")
        for left in reversed(range(await notes(page).count())):
            await dismiss.first.press("Enter")
            await expect(notes(page)).to_have_count(left)
        server.acts = [Act(pieces=TOLD)]
        await say(page, "Is the north road open?")
        reply = articles(page, "Rosalind").last
        await expect(words(reply)).to_contain_text("and he asked for you.”")
        await expect(reply.get_by_role("button", name="Regenerate")).to_be_visible()
        (heard,) = server.replies
        assert heard.body["stream"] is True
        prompt = "\n".join(str(message["content"]) for message in heard.body["messages"])
        assert "Rosalind keeps the Lantern Inn." in prompt
        assert "A tired knight on the way home." in prompt
