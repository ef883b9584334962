"""Bodies that Discord refuses are refused here, with its codes and its tree of errors."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.playground import Playground
from bot.playground.world import images
from tests.e2e.playground.wire import Wire, codes

V2 = 1 << 15


@pytest.fixture
async def wire(rough: Playground) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, rough)


def row(*components: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": 1, "components": list(components)}]


def button(custom_id: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "A", "custom_id": custom_id, **more}


def menu(*values: str, **more: Any) -> dict[str, Any]:
    options = [{"label": value, "value": value} for value in values]
    return {"type": 3, "custom_id": "menu", "options": options, **more}


def words(text: str) -> dict[str, Any]:
    return {"type": 10, "content": text}


WRONG_MESSAGES: list[tuple[dict[str, Any], str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": ["x"]}, "content", "STRING_TYPE_CONVERT"),
    ({"content": "x", "tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT"),
    ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"title": "t"}] * 11}, "embeds", "BASE_TYPE_BAD_LENGTH"),
    ({"embeds": [{"title": "t" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "t" * 4097}]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "t" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"embeds": [{"title": "t", "url": "not one"}]}, "embeds.0.url", "URL_TYPE_INVALID_URL"),
    ({"embeds": [{"title": "t", "color": 1 << 24}]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
    (
        {"embeds": [{"title": "t", "fields": [{"name": "n", "value": "v"}] * 26}]},
        "embeds.0.fields",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"embeds": [{"title": "t", "fields": [{"name": "", "value": "v"}]}]},
        "embeds.0.fields.0.name",
        "BASE_TYPE_REQUIRED",
    ),
    (
        {"embeds": [{"title": "t", "timestamp": "soon"}]},
        "embeds.0.timestamp",
        "DATE_TIME_TYPE_PARSE",
    ),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    (
        {"content": "x", "allowed_mentions": {"parse": ["all"]}},
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
    (
        {"content": "x", "message_reference": {"message_id": "1"}},
        "message_reference",
        "REPLIES_UNKNOWN_MESSAGE",
    ),
    (
        {"content": "x", "components": row(button("a"), button("a"))},
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    (
        {"content": "x", "components": row(button("i" * 101))},
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"content": "x", "components": row(button(label="l" * 81))},
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"content": "x", "components": row({"type": 2, "style": 1, "label": "A"})},
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    (
        {"content": "x", "components": row({"type": 2, "style": 1, "custom_id": "a"})},
        "components.0.components.0",
        "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
    ),
    (
        {"content": "x", "components": row(button(emoji={"name": "beer"}))},
        "components.0.components.0.emoji.name",
        "COMPONENT_INVALID_EMOJI",
    ),
    (
        {"content": "x", "components": row(button("a"), menu("x"))},
        "components.0.components",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    (
        {"content": "x", "components": row(*(button(str(each)) for each in range(6)))},
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"content": "x", "components": [row(button(str(each)))[0] for each in range(6)]},
        "components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"content": "x", "components": row(menu(*(str(each) for each in range(26))))},
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"content": "x", "components": row(menu("a", "a"))},
        "components.0.components.0.options.0.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    (
        {"content": "x", "components": row(menu("a", max_values=2))},
        "components.0.components.0.max_values",
        "NUMBER_TYPE_MAX",
    ),
    (
        {"content": "x", "components": row({"type": 4, "custom_id": "t", "style": 1})},
        "components.0.components.0.type",
        "UNION_TYPE_CHOICES",
    ),
    ({"content": "x", "components": [words("hi")]}, "components.0.type", "UNION_TYPE_CHOICES"),
    (
        {"content": "x", "flags": V2, "components": [words("hi")]},
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    (
        {"flags": V2, "components": [words("x" * 2001), words("y" * 2000)]},
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    (
        {
            "flags": V2,
            "components": [{"type": 17, "components": [words("x")] * 20} for _ in range(2)],
        },
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    (
        {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://none.txt"}}]},
        "components.0",
        "COMPONENT_INVALID_ATTACHMENT",
    ),
    (
        {"content": "x", "attachments": [{"filename": "no id"}]},
        "attachments.0.id",
        "BASE_TYPE_REQUIRED",
    ),
    (
        {"poll": {"question": {"text": "q" * 301}, "answers": [{"poll_media": {"text": "a"}}]}},
        "poll.question.text",
        "BASE_TYPE_BAD_LENGTH",
    ),
]


@pytest.mark.parametrize(("body", "path", "code"), WRONG_MESSAGES)
async def test_a_message_that_breaks_a_rule(
    wire: Wire, rough: Playground, body: dict[str, Any], path: str, code: str
) -> None:
    tavern = rough.channel("tavern")
    status, answer = await wire("POST", f"/channels/{tavern.id}/messages", body)
    assert (status, answer["code"]) == (400, 50035)
    assert (path, code) in codes(answer)
    assert rough.messages(tavern) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"content": ""}, {"content": " \n "}, {"embeds": [{}]}, {"flags": V2}, {"embeds": []}],
)
async def test_an_empty_message(wire: Wire, rough: Playground, body: dict[str, Any]) -> None:
    tavern = rough.channel("tavern")
    status, answer = await wire("POST", f"/channels/{tavern.id}/messages", body)
    assert (status, answer["code"]) == (400, 50006)


async def test_a_full_message_is_taken(wire: Wire, rough: Playground) -> None:
    tavern = rough.channel("tavern")
    body = {
        "content": "x" * 2000,
        "embeds": [{"title": "t" * 256, "description": "d" * 4096}],
        "components": [row(*(button(f"{line}{each}") for each in range(5)))[0] for line in "abcde"],
        "nonce": 12345,
    }
    status, answer = await wire("POST", f"/channels/{tavern.id}/messages", body)
    assert status == 200, answer
    assert answer["nonce"] == 12345
    numbers = [each["id"] for line in answer["components"] for each in line["components"]]
    assert len(set(numbers)) == 25


async def test_edits_keep_to_the_rules(wire: Wire, rough: Playground) -> None:
    tavern, ann = rough.channel("tavern"), rough.person("Ann")
    path = f"/channels/{tavern.id}/messages"
    spoken = ann.send(tavern, "mine")
    status, answer = await wire("PATCH", f"{path}/{spoken['id']}", {"content": "yours"})
    assert (status, answer["code"]) == (403, 50005)
    _, own = await wire("POST", path, {"content": "own"})
    status, answer = await wire("PATCH", f"{path}/{own['id']}", {"content": ""})
    assert (status, answer["code"]) == (400, 50006)
    status, answer = await wire("PATCH", f"{path}/{own['id']}", {"content": "x" * 2001})
    assert (status, answer["code"]) == (400, 50035)
    upgrade = {"flags": V2, "components": [words("new")]}
    status, answer = await wire("PATCH", f"{path}/{own['id']}", upgrade)
    assert ("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2") in codes(answer)
    status, answer = await wire("PATCH", f"{path}/{own['id']}", {"content": None, **upgrade})
    assert status == 200
    # The flag stays: an edit cannot take it away again.
    status, answer = await wire("PATCH", f"{path}/{own['id']}", {"flags": 0, "content": "old"})
    assert (status, answer["code"]) == (400, 50035)
    assert rough.messages(tavern)[1]["content"] == ""


async def test_deleting_has_rules_too(wire: Wire, rough: Playground) -> None:
    tavern, ann = rough.channel("tavern"), rough.person("Ann")
    path = f"/channels/{tavern.id}/messages"
    spoken = ann.send(tavern, "mine")
    assert (await wire("DELETE", f"{path}/{spoken['id']}"))[1]["code"] == 50013
    assert (await wire("POST", f"{path}/bulk-delete", {"messages": []}))[1]["code"] == 50013
    bot = rough.state.bot.id
    rough.simulation.changes.overwrite(tavern, bot, 1, 1 << 13, 0)
    for ids in ([spoken["id"]], [str(each) for each in range(101)]):
        status, answer = await wire("POST", f"{path}/bulk-delete", {"messages": ids})
        assert (status, answer["code"]) == (400, 50035)
    other = ann.send(tavern, "another")
    rough.advance(15 * 24 * 3600)
    old = {"messages": [spoken["id"], other["id"]]}
    assert (await wire("POST", f"{path}/bulk-delete", old))[1]["code"] == 50034
    assert (await wire("DELETE", f"{path}/{spoken['id']}"))[0] == 204
    assert (await wire("DELETE", f"{path}/{spoken['id']}"))[1]["code"] == 10008


async def test_requests_that_are_no_requests(wire: Wire, rough: Playground) -> None:
    tavern = rough.channel("tavern")
    path = f"/channels/{tavern.id}/messages"
    assert await wire("GET", "/users/@me", token="wrong") == (
        401,
        {"message": "401: Unauthorized", "code": 0},
    )
    assert (await wire("GET", "/nothing/here"))[0] == 404
    assert (await wire("PUT", path, {"content": "x"}))[0] == 405
    assert (await wire("GET", "/channels/1"))[1]["code"] == 10003
    assert (await wire("GET", "/guilds/1"))[1]["code"] == 10004
    assert (await wire("GET", "/users/1"))[1]["code"] == 10013
    assert (await wire("GET", f"{path}?limit=101"))[1]["code"] == 50035
    status, answer = await wire("POST", path, ["no object"])
    assert (status, answer["code"]) == (400, 50006)
    async with aiohttp.ClientSession() as session:
        headers = {
            "Authorization": f"Bot {rough.token}",
            "Content-Type": "application/json",
        }
        url = rough.api_url + path
        async with session.post(url, data="{broken", headers=headers) as broken:
            assert (broken.status, (await broken.json())["code"]) == (400, 50109)
        async with session.get(rough.api_url + "/users/@me", headers=headers) as good:
            # Exactly this: with a charset discord.py takes the answer for text.
            assert good.headers["Content-Type"] == "application/json"
            assert good.headers["Via"]


async def test_files_have_limits(wire: Wire, rough: Playground) -> None:
    tavern = rough.channel("tavern")
    path = f"/channels/{tavern.id}/messages"
    status, answer = await wire("POST", path, files=[("big.bin", b"x" * (10 << 20) + b"y")])
    assert (status, answer["code"]) == (413, 40005)
    status, answer = await wire("POST", path, files=[(f"{each}.bin", b"x") for each in range(11)])
    assert (status, answer["code"]) == (400, 50035)
    megabytes = [(f"{each}.bin", b"x" * (9 << 20)) for each in range(3)]
    status, answer = await wire("POST", path, files=megabytes)
    assert (status, answer["code"]) == (413, 40005)
    status, answer = await wire("POST", path, files=[("fine.bin", b"x" * (10 << 20))])
    assert status == 200
    assert answer["attachments"][0]["size"] == 10 << 20


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("my card.png", "my_card.png"),
        ("ünï.png", "n.png"),
        ("../../x.txt", "x.txt"),
        ("猫", "unknown"),
    ],
)
async def test_file_names_are_cleaned(wire: Wire, rough: Playground, given: str, kept: str) -> None:
    tavern = rough.channel("tavern")
    body = {"attachments": [{"id": "0", "filename": given}]}
    _, answer = await wire("POST", f"/channels/{tavern.id}/messages", body, files=[("x", b"x")])
    assert answer["attachments"][0]["filename"] == kept


async def test_twenty_reactions(wire: Wire, rough: Playground) -> None:
    tavern, ann = rough.channel("tavern"), rough.person("Ann")
    spoken = ann.send(tavern, "react")
    base = f"/channels/{tavern.id}/messages/{spoken['id']}/reactions"
    for number in range(20):
        assert (await wire("PUT", f"{base}/{chr(0x1F600 + number)}/@me"))[0] == 204
    assert (await wire("PUT", f"{base}/🍺/@me"))[1]["code"] == 30010
    assert (await wire("PUT", f"{base}/beer/@me"))[1]["code"] == 10014
    assert (await wire("DELETE", f"{base}/🍺/@me"))[1]["code"] == 10014
    assert (await wire("PUT", f"{base}/%F0%9F%98%80/@me"))[0] == 204


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ({"title": "t" * 46}, "title", "BASE_TYPE_BAD_LENGTH"),
        ({"custom_id": "c" * 101}, "custom_id", "BASE_TYPE_BAD_LENGTH"),
        ({"components": []}, "components", "BASE_TYPE_BAD_LENGTH"),
        ({"components": row(button())}, "components.0.components.0.type", "UNION_TYPE_CHOICES"),
        ({"components": [words("x")] * 6}, "components", "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": row({"type": 4, "custom_id": "a", "style": 1})},
            "components.0.components.0.label",
            "BASE_TYPE_REQUIRED",
        ),
        (
            {
                "components": [
                    {
                        "type": 18,
                        "label": "l" * 46,
                        "component": {"type": 4, "custom_id": "a", "style": 1},
                    }
                ]
            },
            "components.0.label",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {
                "components": row(
                    {"type": 4, "custom_id": "a", "style": 1, "label": "A", "value": "v" * 4001}
                )
            },
            "components.0.components.0.value",
            "BASE_TYPE_MAX_LENGTH",
        ),
    ],
)
async def test_a_modal_that_breaks_a_rule(
    wire: Wire, rough: Playground, data: dict[str, Any], path: str, code: str
) -> None:
    field = {"type": 4, "custom_id": "a", "style": 1, "label": "A"}
    whole = {"custom_id": "form", "title": "Form", "components": row(field), **data}
    interaction = await begin(wire, rough)
    url = f"/interactions/{interaction.id}/{interaction.token}/callback"
    status, answer = await wire("POST", url, {"type": 9, "data": whole})
    assert (status, answer["code"]) == (400, 50035)
    assert (path, code) in codes(answer)
    # A refused answer is no answer: there is still time for a good one.
    assert (await wire("POST", url, {"type": 4, "data": {"content": "ok"}}))[0] == 204


async def begin(wire: Wire, playground: Playground) -> Any:
    application = playground.state.application.id
    commands = [{"name": "go", "description": "Go"}]
    await wire("PUT", f"/applications/{application}/commands", commands)
    return playground.person("Ann").command(playground.channel("tavern"), "go").interaction


async def test_answers_fit_the_interaction(wire: Wire, rough: Playground) -> None:
    interaction = await begin(wire, rough)
    url = f"/interactions/{interaction.id}/{interaction.token}/callback"
    for kind in (6, 7, 8, 99):
        status, answer = await wire("POST", url, {"type": kind, "data": {"content": "x"}})
        assert ("type", "BASE_TYPE_CHOICES") in codes(answer), kind
    status, answer = await wire("POST", url, {"type": 4, "data": {}})
    assert (status, answer["code"]) == (400, 50006)
    status, answer = await wire("POST", url, {"type": 4, "data": {"content": "x" * 2001}})
    assert (status, answer["code"]) == (400, 50035)
    assert (await wire("POST", url + "x", {"type": 4}))[0] == 404
    wrong = f"/interactions/{interaction.id}/wrong/callback"
    assert (await wire("POST", wrong, {"type": 5}))[1]["code"] == 10062


async def test_pictures_are_looked_at(wire: Wire, rough: Playground) -> None:
    tavern = rough.channel("tavern")
    for avatar in ("data:image/png;base64,AAAA", "no data uri", "data:text/html;base64,PGI+"):
        body = {"name": "Inn", "avatar": avatar}
        status, answer = await wire("POST", f"/channels/{tavern.id}/webhooks", body)
        assert (status, answer["code"]) == (400, 50035)
    assert images.look(images.plain(0, 5)) == images.Picture("image/png", 5, 5)
