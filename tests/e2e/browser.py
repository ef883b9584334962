"""A headless Chromium for tests of the page."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = (1280, 800)
PHONE = (390, 844)
WITHIN_MS = 10_000


def chromium() -> str:
    """The path of a Chromium; skips the test, saying so, where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    path = os.environ.get("TAVERN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("NOT TESTED: the page, for want of a Chromium (or set TAVERN_CHROMIUM)")
    return path


@contextlib.asynccontextmanager
async def browsing(url: str, size: tuple[int, int] = DESKTOP) -> AsyncIterator[Page]:
    """A page at `url`; an error in its scripts fails the test."""
    path, is_phone, faults = chromium(), size[0] < 500, []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*QUIET])
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=is_phone, is_mobile=is_phone
        )
        context.set_default_timeout(WITHIN_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(url)
        try:
            yield page
        finally:
            await browser.close()
    assert not faults
