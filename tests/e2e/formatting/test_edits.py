"""`/format template edit` takes keys and values that exist, and says where another stands."""

from typing import Any

import pytest
import yaml

from core.presets import stock
from core.presets.changes import changed
from core.presets.preset import PresetKind, whole_document
from tests.e2e.formatting.conftest import Stand
from tests.e2e.tavern.tavern import Tavern

NAMES = "“names_behavior” takes `none`, `force`, `always`."


async def edited(chat: Tavern, text: str, layer: str = "instruct") -> str:
    return await chat.form("format template edit", {"document": text}, layer=layer)


@pytest.fixture
async def chatml(chat: Tavern) -> Tavern:
    await chat.run("connect use", backend="rehearsal", kind="text")
    await chat.run("format template use", instruct="ChatML")
    return chat


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "wrap: true\ninput_sequense: x",
            "fault in line 2, column 1. There is no key “input_sequense”; perhaps "
            "“input_sequence” is meant.",
        ),
        ("wizard: 1", "fault in line 1, column 1. There is no key “wizard”."),
        (
            "names_behavior: loud",
            "line 1, column 1. “names_behavior” takes `none`, `force`, `always`.",
        ),
        ("macro: true\nwrap: perhaps", "line 2, column 1. “wrap” takes on or off."),
        ("output_sequence: [1]", "“output_sequence” takes text."),
        ("names_behavior: true", NAMES),
        ("wrap: [", "It isn't valid YAML."),
    ],
)
async def test_what_does_not_exist_is_refused_with_its_place(
    chatml: Tavern, text: str, told: str
) -> None:
    answer = await edited(chatml, text)
    assert told in answer
    assert "Nothing was changed." in answer
    answer = await chatml.run("format template reset", layer="instruct")
    assert answer == "“ChatML” has no changes to undo."


async def test_what_exists_is_changed(chatml: Tavern) -> None:
    assert "has been changed" in await edited(chatml, "names_behavior: always\nwrap: 'off'")
    answer = await chatml.answer("format template export", layer="instruct")
    document = yaml.safe_load(chatml.file(answer["attachments"][0]))
    assert (document["names_behavior"], document["wrap"]) == ("always", False)
    assert document["output_suffix"] == "<|im_end|>\n"


async def test_a_prompt_list_is_looked_at_as_deep_as_it_goes(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    text = "prompts:\n  - identifier: main\n    role: wizard\n"
    assert (
        "line 3, column 5. “prompts.0.role” takes `system`, `user`, `assistant`."
        in await edited(chat, text, "chat")
    )
    text = "prompts:\n  - identifier: main\n    contents: x\n"
    assert "line 3, column 5. There is no key “prompts.0.contents”" in await edited(
        chat, text, "chat"
    )


@pytest.mark.parametrize("kind", list(PresetKind))
def test_the_form_of_every_stock_preset_is_taken_as_it_is_shown(kind: PresetKind) -> None:
    for name in stock.names(kind):
        before = stock.preset(kind, name)
        document: dict[str, Any] = whole_document(before)
        document.pop("name", None)
        again = changed(kind, before, yaml.safe_load(yaml.safe_dump(document)))
        assert whole_document(again) == whole_document(before)
