"""The guided connect in a browser, on a desk and on a phone: from nothing to a first answer."""

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.conformance.families import OPENAI_CHAT
from tests.conformance.standin import Act, StandIn, serve
from tests.e2e.browser import DESKTOP, PHONE, browsing
from tests.e2e.test_browser_chat import box, notes, run, say, url, words

__all__ = ["url"]

pytestmark = pytest.mark.browser

MODELS = {"/models": {"object": "list", "data": [{"id": "lantern-7b"}, {"id": "lantern-70b"}]}}
SERVER = "Choose a server or service"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
async def test_from_nothing_to_a_first_answer(url: str, size: tuple[int, int]) -> None:
    name = "phone" if size == PHONE else "desk"
    async with (
        asyncio.timeout(100),
        serve(OPENAI_CHAT, MODELS) as server,
        browsing(url, size) as page,
    ):
        await expect(box(page)).to_be_visible()
        await run(page, "/connect use")
        own = notes(page).last
        await expect(own).to_contain_text("Model in")
        await picture(page, f"{name}-1-nothing")
        await own.get_by_role("combobox", name=SERVER).select_option(label="Services…")
        await own.get_by_role("combobox", name=SERVER).select_option(
            label="OpenAI-compatible server"
        )
        await expect(own).to_contain_text("The address is missing.")
        await expect(own).to_contain_text("No model chosen yet.")
        await picture(page, f"{name}-2-server")
        await address(page, own, server)
        await picture(page, f"{name}-3-address")
        server.acts = [Act(pieces=("Good", " evening", " to you."))]
        await own.get_by_role("combobox", name="Choose a model").select_option(label="lantern-70b")
        await expect(own).to_contain_text("✓ Answers")
        await expect(own).to_contain_text("Good evening to you.")
        await picture(page, f"{name}-4-answers")
        await fits(page)
        server.acts = [Act(pieces=("The north road", " is closed."))]
        await say(page, "Is the north road open?")
        reply = page.get_by_role("log").get_by_role("article").filter(has_text="is closed.")
        await expect(words(reply.last)).to_contain_text("The north road is closed.")
        assert server.replies[-1].body["model"] == "lantern-70b"
        await picture(page, f"{name}-5-reply")


async def address(page: Page, own: Locator, server: StandIn) -> None:
    await own.get_by_role("button", name="Address").click()
    form = page.get_by_role("dialog", name="Address")
    await form.get_by_label("Address").fill(server.url)
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await expect(own).to_contain_text(server.url)
    await expect(own).not_to_contain_text("The address is missing.")


async def fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide


async def picture(page: Page, name: str) -> None:
    """Keeps what is seen, where somebody wants to look."""
    if folder := os.environ.get("TAVERN_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
