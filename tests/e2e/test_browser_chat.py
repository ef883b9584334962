"""The newcomer's first minutes, through a browser, against the product as it is started."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.conformance.families import OPENAI_CHAT
from tests.conformance.standin import Act, StandIn, serve
from tests.e2e.browser import DESKTOP, browsing, chromium
from tests.e2e.tavern.cards import painted_card
from tests.shared import ROOT

pytestmark = pytest.mark.browser

MODELS = {"/models": {"object": "list", "data": [{"id": "small"}]}}
PICTURE = ROOT / "docs" / "playground.png"


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[str]:
    """`python -m bot` in an empty folder; gives the address it prints."""
    environment = {name: value for name, value in os.environ.items() if "TAVERN_" not in name}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "playground", "--no-open", "--port", "0"),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while line := (await process.stdout.readline()).decode():
                if found := re.search(r"http://\S+", line):
                    break
            else:
                pytest.fail("the playground ended before it was open")
        yield found[0]
    finally:
        process.terminate()
        await process.communicate()


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    chromium()
    async with started(tmp_path) as url, browsing(url, DESKTOP) as opened:
        yield opened


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    """A model's server on this machine."""
    async with serve(OPENAI_CHAT, MODELS) as running:
        yield running


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message #tavern", exact=True)


def spoken(page: Page, name: str) -> Locator:
    return page.get_by_role("log").get_by_role("article", name=name, exact=True)


async def say(page: Page, text: str) -> None:
    await box(page).fill(text)
    await box(page).press("Enter")


async def run(page: Page, line: str) -> None:
    """Types a command. The first Enter takes a suggestion, or runs what is complete; on an
    empty line the second does nothing.
    """
    await box(page).fill(line)
    if ":" not in line:
        await expect(page.get_by_role("listbox", name="Commands")).to_be_visible()
    await box(page).press("Enter")
    await box(page).press("Enter")


async def test_the_first_minutes(page: Page, server: StandIn, tmp_path: Path) -> None:
    greeting = spoken(page, "Hesper").first
    await expect(greeting).to_be_visible()

    # A reply grows, and its buttons come when it is whole.
    await say(page, "Good evening! Is there a bed for a tired cartographer?")
    reply = spoken(page, "Hesper").nth(1)
    await expect(reply.get_by_role("button", name="Stop")).to_be_visible()
    await expect(reply.get_by_role("button", name="Regenerate")).to_be_visible()
    first = await reply.locator(".message-text").inner_text()
    assert "rehearsal" in first.lower()

    # Regenerate tells it anew; the old one is a swipe away.
    await reply.get_by_role("button", name="Regenerate").click()
    await expect(reply.get_by_text("2/2")).to_be_visible()
    second = await reply.locator(".message-text").inner_text()
    assert second != first
    await reply.get_by_role("button", name="◀").click()
    await expect(reply.get_by_text("1/2")).to_be_visible()
    await expect(reply.locator(".message-text")).to_have_text(first, use_inner_text=True)
    if os.environ.get("TAVERN_SCREENSHOT"):
        await page.screenshot(path=PICTURE)

    # A persona through its form.
    await run(page, "/persona new")
    form = page.get_by_role("dialog", name="New persona")
    await form.get_by_role("textbox", name="Name").fill("Ann of the Maps")
    await form.get_by_role("textbox", name="Description").fill("Draws coasts.")
    await form.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("You are Ann of the Maps from now on.")).to_be_visible()

    # A character from a card.
    card = tmp_path / "mira.png"
    card.write_bytes(painted_card("Mira", first_mes="Good evening, {{user}}."))
    await box(page).fill("/character import ")
    await page.locator("input[type=file][data-option=file]").set_input_files(card)
    await box(page).press("Enter")
    await expect(page.get_by_text("/chat start character:Mira")).to_be_visible()
    await run(page, "/character use character:Mira")
    await expect(page.get_by_text("Mira will answer every message here.")).to_be_visible()

    # A real server's words.
    server.acts = [Act(pieces=("The sea", " is", " calm tonight."))]
    await run(page, f"/connect use backend:openai-compatible url:{server.url} model:small")
    await expect(page.get_by_text("answers here from now on.").last).to_be_visible()
    await say(page, "How is the sea?")
    await expect(spoken(page, "Mira").last).to_contain_text("The sea is calm tonight.")
    (heard,) = server.replies
    told = "\n".join(str(message["content"]) for message in heard.body["messages"])
    assert "Draws coasts." in told
    assert "How is the sea?" in told
