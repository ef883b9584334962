"""The playground's page, driven through a browser as a person without a mouse would."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from bot.playground import Playground
from bot.playground.world.events import Event
from tests.e2e.browser import PHONE, browsing, chromium
from tests.e2e.page_bot import PageBot
from tests.e2e.playground.helpers import point, running

pytestmark = pytest.mark.browser

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "789c6360f8cf500f0003860180345d0c180000000049454e44ae426082"
)


@pytest.fixture
async def playground(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playground]:
    chromium()
    async with Playground.open() as opened:
        point(monkeypatch, opened)
        yield opened


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[PageBot]:
    async with contextlib.AsyncExitStack() as stack:
        one = PageBot()
        await stack.enter_async_context(running(one, playground.token))
        yield one


@pytest.fixture
async def page(playground: Playground, bot: PageBot) -> AsyncIterator[Page]:
    async with browsing(playground.url) as opened:
        yield opened


def box(page: Page, name: str = "Message #tavern") -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def articles(page: Page, author: str) -> Locator:
    return page.get_by_role("log").get_by_role("article", name=author, exact=True)


async def say(page: Page, text: str) -> None:
    await box(page).fill(text)
    await box(page).press("Enter")


async def run(page: Page, line: str) -> None:
    """Types a command without options by keyboard alone."""
    await box(page).press_sequentially(line)
    await expect(page.get_by_role("listbox", name="Commands")).to_be_visible()
    await box(page).press("Enter")
    await box(page).press("Enter")


async def test_shows_what_was_written_and_a_reply_that_grows(page: Page, bot: PageBot) -> None:
    bot.may_go_on.clear()
    await say(page, "**Hello**\n> there")
    await expect(articles(page, "Ann").locator("strong")).to_have_text("Hello")
    await expect(articles(page, "Ann").locator("blockquote")).to_have_text("there")
    reply = articles(page, "Tavernkeeper")
    await expect(reply.locator(".message-text")).to_have_text("I heard")
    await reply.evaluate("article => { article.isSame = true; }")
    bot.may_go_on.set()
    await expect(reply.locator(".message-text strong")).to_have_text("Hello")
    await expect(reply).to_contain_text("(edited)")
    await expect(reply.locator(".tag")).to_have_text("APP")
    assert await reply.evaluate("article => article.isSame")
    assert await reply.get_attribute("data-message-id")


async def test_text_cannot_become_code(page: Page) -> None:
    attack = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
    link = "[click](javascript:window.hit=1) [real](https://example.org)"
    await say(page, f"{attack} {link}")
    article = articles(page, "Ann")
    await expect(article.locator(".message-text")).to_contain_text("<img src=x")
    assert await article.locator(".message-text img, .message-text script").count() == 0
    assert await article.get_by_role("link").evaluate_all("all => all.map(a => a.href)") == [
        "https://example.org/"
    ]
    assert await page.evaluate("window.hit") is None


async def test_draws_markdown_as_discord_does(page: Page) -> None:
    await say(
        page,
        "# Head\n-# small\n- one\n  - two\n```py\nx = 1\n```\n__u__ ~~s~~ ||secret|| `c` "
        "\\*plain\\* <t:0:R> @Ben #campfire",
    )
    text = articles(page, "Ann").locator(".message-text")
    await expect(text.locator("h3")).to_have_text("Head")
    await expect(text.locator("small")).to_have_text("small")
    await expect(text.locator("ul ul li")).to_have_text("two")
    await expect(text.locator(".fence-language")).to_have_text("py")
    await expect(text.locator("pre")).to_have_text("x = 1")
    await expect(text.locator("u")).to_have_text("u")
    await expect(text.locator("s")).to_have_text("s")
    await expect(text).to_contain_text("*plain*")
    await expect(text.locator("time")).to_contain_text("years ago")
    await expect(text.locator(".mention")).to_have_text(["@Ben", "#campfire"])
    spoiler = text.get_by_role("button", name="Spoiler")
    await spoiler.press("Enter")
    await expect(text.locator(".spoiler.is-revealed")).to_have_text("secret")


async def test_runs_a_command_by_keyboard(page: Page, bot: PageBot) -> None:
    bot.may_go_on.clear()
    await box(page).press_sequentially("/chat sta")
    commands = page.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(commands).to_have_text(["/chat startStart a chatTavernkeeper"])
    await box(page).press("Enter")
    choices = page.get_by_role("listbox", name="Choices").get_by_role("option")
    await expect(choices).to_have_text(["Mira", "Mirabel", "Osric the Grey"])
    await box(page).press_sequentially("mir")
    await expect(choices).to_have_text(["Mira", "Mirabel"])
    await box(page).press("ArrowDown")
    await box(page).press("Enter")
    options = page.get_by_role("listbox", name="Options").get_by_role("option")
    await expect(options).to_have_count(3)
    await box(page).press("Tab")
    await expect(choices).to_have_text(["Every message", "Mentions only"])
    await box(page).press("ArrowDown")
    await box(page).press("Enter")
    await box(page).press_sequentially("turns:12")
    await box(page).press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="At most 9")).to_be_visible()
    await box(page).fill("3")
    await box(page).press("Enter")
    answer = articles(page, "Tavernkeeper")
    await expect(answer).to_contain_text("Tavernkeeper is thinking…")
    bot.may_go_on.set()
    await expect(answer.locator(".message-text")).to_have_text("Started Mirabel, mention, 3, None")
    await expect(answer).to_contain_text("Ann used /chat start")
    assert await answer.get_attribute("data-ephemeral") is not None
    await answer.get_by_role("button", name="Dismiss message").press("Enter")
    await expect(answer).to_have_count(0)
    await page.reload()
    await expect(box(page)).to_be_visible()
    await expect(answer).to_have_count(0)


async def test_takes_a_whole_command_line_at_once(page: Page) -> None:
    await box(page).fill("/chat start character:Someone else loud:true")
    await box(page).press("Enter")
    await box(page).press("Enter")
    text = articles(page, "Tavernkeeper").locator(".message-text")
    await expect(text).to_have_text("Started Someone else, -, None, True")


async def test_leaves_the_command_line_with_escape(page: Page) -> None:
    await box(page).fill("/chat start ")
    await expect(page.locator(".chip-command")).to_have_text("/chat start")
    await box(page).press("Enter")
    await box(page).press("Escape")
    await expect(page.locator(".chip-command")).to_have_count(0)
    await say(page, "plain again")
    await expect(articles(page, "Ann")).to_contain_text("plain again")


async def test_shows_that_nobody_answered(page: Page, playground: Playground) -> None:
    await pass_by(playground, run(page, "/chat silent"))
    note = articles(page, "Tavernkeeper")
    await expect(note).to_contain_text("The application did not respond")


async def pass_by(playground: Playground, press: Awaitable[None]) -> None:
    """Does something the bot leaves without an answer, and lets the three seconds pass."""
    begun: list[Event] = []
    stop = playground.simulation.bus.listen(begun.append)
    await press
    await playground.wait_for(lambda: any(one.type == "INTERACTION_CREATE" for one in begun))
    stop()
    playground.advance(4)


async def test_fills_in_a_form(page: Page) -> None:
    await run(page, "/persona new")
    form = page.get_by_role("dialog", name="New persona")
    await expect(form.get_by_label("Name")).to_be_focused()
    await expect(form.get_by_label("About")).to_have_value("A scholar.")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("alert").first).to_have_text("This field is required.")
    await form.get_by_label("Name").fill("A")
    await form.get_by_label("Kind").select_option("Rogue")
    await form.get_by_label("Picture").set_input_files(
        {"name": "ann.png", "mimeType": "image/png", "buffer": PNG}
    )
    await form.get_by_role("radio", name="Merry").check()
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("alert").first).to_have_text("Must be 2 or more characters.")
    await form.get_by_label("Name").fill("Ann of the Vale")
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    answer = articles(page, "Tavernkeeper").locator(".message-text")
    told = "Saved: Ann of the Vale / A scholar. / Rogue / ann.png / Merry"
    await expect(answer).to_have_text(told)


async def test_escape_closes_a_form(page: Page) -> None:
    await run(page, "/persona new")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(box(page)).to_be_focused()


async def test_presses_what_stands_below_a_message(
    page: Page, bot: PageBot, playground: Playground
) -> None:
    channel = bot.get_channel(int(playground.channel("tavern").id))
    assert channel is not None
    await bot.speak(channel, "*She looks up.*")  # type: ignore[arg-type]
    mira = articles(page, "Mira")
    await expect(mira.locator("em")).to_have_text("She looks up.")
    await expect(mira.get_by_role("button", name="Locked")).to_be_disabled()
    await mira.get_by_role("button", name="Regenerate").press("Enter")
    await expect(mira.locator("em")).to_have_text("Version 2")
    answers = articles(page, "Tavernkeeper").locator(".message-text")
    await mira.get_by_role("combobox", name="Pick one").select_option("Blue")
    await expect(answers.nth(0)).to_have_text("Picked Blue")
    people = mira.get_by_role("combobox", name="Pick people")
    await people.press("Enter")
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await page.keyboard.press("Escape")
    await expect(answers.nth(1)).to_contain_text(" and ")
    await pass_by(playground, mira.get_by_role("button", name="Silent").click())
    await expect(mira).to_contain_text("This interaction failed")


async def test_edits_and_deletes_own_messages(page: Page, playground: Playground) -> None:
    await say(page, "Helo")
    await expect(articles(page, "Tavernkeeper")).to_contain_text("I heard: Helo")
    await box(page).press("ArrowUp")
    editor = page.get_by_role("textbox", name="Edit message")
    await editor.fill("Hello")
    await editor.press("Enter")
    mine = articles(page, "Ann")
    await expect(mine.locator(".message-text")).to_have_text("Hello")
    await expect(mine).to_contain_text("(edited)")
    await page.get_by_role("log").press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(mine).to_be_focused()
    await page.keyboard.press("Delete")
    question = page.get_by_role("dialog", name="Delete Message")
    await question.get_by_role("button", name="Delete").press("Enter")
    await expect(mine).to_have_count(0)
    left = playground.messages(playground.channel("tavern"))
    assert [each["content"] for each in left] == ["I heard: Helo"]


async def test_replies_reacts_and_opens_a_thread(page: Page, playground: Playground) -> None:
    await say(page, "first")
    mine = articles(page, "Ann").first
    await mine.hover()
    await mine.get_by_role("button", name="Add Reaction").click()
    await page.get_by_role("button", name="thumbsup").click()
    await expect(mine.get_by_role("button", name="thumbsup, 1 reaction")).to_be_visible()
    await mine.get_by_role("button", name="Reply").click()
    await say(page, "second")
    await expect(articles(page, "Ann").last).to_contain_text("first")
    await mine.hover()
    await mine.get_by_role("button", name="Create Thread").click()
    await page.get_by_label("Thread name").fill("Aside")
    await page.keyboard.press("Enter")
    await expect(box(page, "Message #Aside")).to_be_visible()
    written = playground.messages(playground.channel("tavern"))
    assert "second" in [each["content"] for each in written if "message_reference" in each]


async def test_uses_a_message_command(page: Page) -> None:
    await say(page, "a secret")
    await articles(page, "Ann").click(button="right")
    await page.get_by_role("menuitem", name="Remember this").click()
    await expect(page.locator("[data-ephemeral]")).to_contain_text("Kept: a secret")


async def test_sends_files(page: Page) -> None:
    face: FilePayload = {"name": "face.png", "mimeType": "image/png", "buffer": PNG}
    notes: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x" * 2000}
    await page.get_by_label("Upload a File").set_input_files([face, notes])
    await expect(page.get_by_role("list", name="Files to send")).to_contain_text("notes.txt")
    await say(page, "two files")
    mine = articles(page, "Ann")
    image = mine.get_by_role("img", name="face.png")
    await expect(image).to_be_visible()
    assert await image.evaluate("async image => { await image.decode(); return true; }")
    await expect(mine.get_by_role("link", name="notes.txt", exact=True)).to_be_visible()
    await expect(mine).to_contain_text("2.00 KB")


async def test_gives_a_command_a_file(page: Page) -> None:
    await box(page).fill("/chat import ")
    await page.locator("input[type=file][data-option=file]").set_input_files(
        {"name": "mira.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(page.get_by_role("button", name="file: mira.png")).to_be_visible()
    await box(page).press("Enter")
    await expect(articles(page, "Tavernkeeper")).to_contain_text("Got mira.png")


async def test_draws_embeds_and_containers(page: Page) -> None:
    await run(page, "/prompt")
    embed = articles(page, "Tavernkeeper").locator(".embed")
    await expect(embed.locator(".embed-title")).to_have_text("Prompt")
    await expect(embed.locator(".embed-field code")).to_have_text("4")
    await run(page, "/layout")
    box_part = articles(page, "Tavernkeeper").locator(".container")
    await expect(box_part.locator("h4")).to_have_text("Mira")
    await expect(box_part.get_by_role("button", name="Use")).to_be_visible()
    await expect(box_part.get_by_role("link", name="card.txt", exact=True)).to_be_visible()


async def test_becomes_somebody_else_in_another_language(page: Page) -> None:
    await box(page).fill("/chat start character:Mira")
    await box(page).press("Enter")
    await box(page).press("Enter")
    await expect(page.locator("[data-ephemeral]")).to_have_count(1)
    await page.get_by_role("button", name="You are Ann").click()
    await page.get_by_role("menuitem", name="Ben").click()
    await expect(page.get_by_role("button", name="You are Ben")).to_be_visible()
    await expect(page.locator("[data-ephemeral]")).to_have_count(0)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Language", exact=True).select_option("日本語")
    await page.keyboard.press("Escape")
    await box(page).fill("/ペル")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(options).to_contain_text(["/ペルソナ 新規"])


async def test_speaks_with_the_bot_alone(page: Page) -> None:
    await page.get_by_role("button", name="Direct Messages").click()
    direct = box(page, "Message @Tavernkeeper")
    await direct.fill("psst")
    await direct.press("Enter")
    await expect(articles(page, "Tavernkeeper")).to_contain_text("I heard: psst")


async def test_loads_a_long_story_in_parts(playground: Playground) -> None:
    ann, channel = playground.person("Ann"), playground.channel("tavern")
    for number in range(400):
        ann.send(channel, f"line {number}")
    async with browsing(playground.url) as page:
        log = page.get_by_role("log")
        await expect(log).to_contain_text("line 399")
        async with asyncio.timeout(10):
            while not await page.get_by_text("Welcome to #tavern!").count():
                await log.evaluate("log => { log.scrollTop = 0; }")
                await asyncio.sleep(0.02)
        await expect(log.get_by_text("line 0", exact=True)).to_be_in_viewport()
        assert await page.get_by_role("article").count() < 300
        before = await log.evaluate("log => log.scrollTop")
        ann.send(channel, "the newest")
        await expect(page.get_by_role("button", name="Jump to present")).to_be_visible()
        assert await log.evaluate("log => log.scrollTop") == before
        await page.get_by_role("button", name="Jump to present").click()
        await expect(log.get_by_text("the newest")).to_be_in_viewport()


async def test_comes_back_after_a_break() -> None:
    chromium()
    async with Playground.open() as first:
        port = first.port
        stack = contextlib.AsyncExitStack()
        page = await stack.enter_async_context(browsing(first.url))
        await expect(box(page)).to_be_visible()
    async with stack:
        lost = page.get_by_text("Connection lost")
        await expect(lost).to_be_visible()
        async with Playground.open(port=port) as second:
            second.person("Ben").send(second.channel("tavern"), "still here?")
            await expect(lost).to_be_hidden()
            await expect(articles(page, "Ben")).to_contain_text("still here?")


async def test_tells_what_the_server_refused(page: Page) -> None:
    await page.get_by_role("button", name="tales, forum").click()
    await page.get_by_role("button", name="New Post").click()
    await page.get_by_label("Title").fill("Empty")
    await page.get_by_label("Message", exact=True).fill("   ")
    await page.get_by_role("dialog").get_by_role("button", name="Post").click()
    notice = page.get_by_role("alert").filter(has_text="A post needs a first message.")
    await expect(notice).to_be_visible()


async def test_fits_a_phone(playground: Playground, bot: PageBot) -> None:
    async with browsing(playground.url, PHONE) as page:
        await say(page, "wide " + "w" * 300 + "\n```\n" + "x" * 300 + "\n```")
        await expect(articles(page, "Tavernkeeper")).to_contain_text("I heard")
        await run(page, "/layout")
        await expect(page.locator(".container")).to_be_visible()
        width = await page.evaluate("document.scrollingElement.scrollWidth")
        assert width == PHONE[0]
        assert await page.evaluate("document.querySelector('.log').scrollWidth") <= PHONE[0]
        await page.get_by_role("button", name="Open channels").tap()
        row = page.get_by_role("button", name="campfire, text channel")
        size = await row.bounding_box()
        assert size is not None
        assert size["height"] >= 44
        await row.tap()
        await expect(row).to_be_hidden()
        await expect(box(page, "Message #campfire")).to_be_visible()


async def test_a_tapped_button_leaves_the_text_uncovered(
    playground: Playground, bot: PageBot
) -> None:
    async with browsing(playground.url, PHONE) as page:
        channel = bot.get_channel(int(playground.channel("tavern").id))
        await bot.speak(channel, "*She looks up.*")  # type: ignore[arg-type]
        mira = articles(page, "Mira")
        await mira.get_by_role("button", name="Regenerate").tap()
        await expect(mira.locator("em")).to_have_text("Version 2")
        await expect(page.get_by_role("toolbar", name="Message actions")).to_have_count(0)


async def test_says_what_to_try_and_what_is_new(page: Page, playground: Playground) -> None:
    hint = page.get_by_role("note")
    await expect(hint).to_contain_text("type / to see commands")
    ben = playground.person("Ben")
    ben.send(playground.channel("campfire"), f"look, {playground.person('Ann').mention}")
    row = page.get_by_role("button", name=re.compile("campfire.*unread.*mention"))
    await row.press("Enter")
    await expect(row).to_have_count(0)
    await expect(page.locator(".divider-new")).to_be_visible()
    await page.get_by_role("button", name="Dismiss hint").press("Enter")
    await expect(hint).to_be_hidden()
    await page.reload()
    await expect(articles(page, "Ben")).to_contain_text("look, @Ann")
    await expect(hint).to_be_hidden()


@pytest.mark.parametrize(
    "part", ["**a", "*a ", "__a_", "[a](", "||", "```a\n", "> ", "- ", "`", "\\"]
)
async def test_endures_any_text(playground: Playground, part: str) -> None:
    """Half-open marks in great number neither stop the page nor lose text."""
    playground.person("Ann").send(playground.channel("tavern"), (part * 2000)[:1990] + "\nthe end")
    async with browsing(playground.url) as page:
        await expect(articles(page, "Ann")).to_contain_text("the end")
