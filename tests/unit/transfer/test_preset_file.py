"""Files of presets, whoever made them: what they ask for, what not, and the way back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.characters.kinds import FileKind
from core.errors import InvalidPreset
from core.options.table import (
    CONTEXT_WISH,
    CUSTOM_STOP,
    REASONING_EFFORT,
    REPLY_LENGTH,
    REPLY_START,
    SINGLE_LINE,
)
from core.presets.preset import PresetKind, write_preset
from core.presets.wishes import Missing
from core.samplers.checks import check
from core.samplers.preset_files import read_samplers
from core.samplers.table import ALL_SAMPLERS
from core.services.presets import completed
from core.transfer.preset_export import preset_files, with_values
from core.transfer.preset_file import PresetFile, read_preset_file

Json = dict[str, Any]


def read(document: object, name: str = "mine.json") -> PresetFile:
    return read_preset_file(json.dumps(document).encode(), name)


NOVELAI: Json = {
    "presetVersion": 3,
    "name": "Sea",
    "parameters": {
        "temperature": 1.35,
        "max_length": 60,
        "min_length": 1,
        "top_k": 15,
        "tail_free_sampling": 0.915,
        "repetition_penalty_frequency": 0.02,
        "phrase_rep_pen": "aggressive",
        "order": [
            {"id": "top_k", "enabled": True},
            {"id": "temperature", "enabled": True},
            {"id": "top_p", "enabled": False},
            {"id": "tfs", "enabled": True},
        ],
    },
    "model": "kayra-v1",
}
LITE: Json = {
    "gamestarted": True,
    "actions": ["Hi."],
    "savedsettings": {
        "temperature": 0.9,
        "max_context_length": 6144,
        "max_length": 200,
        "typ_s": 0.95,
        "tfs_s": 0.9,
        "miro_type": 2,
        "miro_tau": 4.5,
        "rep_pen_slope": 0.7,
        "dynatemp_range": 0.4,
        "sampler_seed": 11,
    },
}
OOBA: Json = {
    "temperature": 0.7,
    "typical_p": 0.95,
    "dynamic_temperature": True,
    "dynatemp_low": 0.5,
    "dynatemp_high": 1.5,
    "repetition_penalty": 1.1,
    "custom_token_bans": "1, 2",
    "sampler_priority": "temperature\ntop_k\nmin_p",
    "max_new_tokens": 512,
    "truncation_length": 4096,
}


def test_novelais_own_presets() -> None:
    file = read(NOVELAI, "sea.preset.json")
    assert (file.kind, file.name) == (FileKind.SAMPLER, "Sea")
    wanted = {
        "temperature": 1.35, "top_k": 15, "tfs": 0.915, "frequency_penalty": 0.02,
        "phrase_repetition_penalty": "aggressive", "novelai_order": [1, 0, 3], "min_tokens": 1,
    }  # fmt: skip
    assert file.wishes.samplers == wanted
    assert file.wishes.options == {REPLY_LENGTH: 60}
    assert write_preset(file.found[0][1]) == NOVELAI


def test_the_settings_in_a_save_of_koboldai_lite() -> None:
    values = read_samplers(LITE).values
    assert values == {
        "temperature": 0.9, "typical_p": 0.95, "tfs": 0.9, "mirostat_mode": 2,
        "mirostat_tau": 4.5, "repetition_penalty_slope": 0.7, "seed": 11,
        "dynatemp_low": 0.5, "dynatemp_high": 1.3,
    }  # fmt: skip
    alone = read(LITE["savedsettings"], "lite.json")
    assert alone.wishes.samplers == values
    assert alone.wishes.options == {REPLY_LENGTH: 200, CONTEXT_WISH: 6144}


def test_text_generation_webuis_names() -> None:
    file = read(OOBA)
    assert file.wishes.samplers == {
        "temperature": 0.7, "typical_p": 0.95, "dynatemp_low": 0.5, "dynatemp_high": 1.5,
        "repetition_penalty": 1.1, "banned_tokens": [1, 2],
        "sampler_priority": ["temperature", "top_k", "min_p"],
    }  # fmt: skip
    assert file.wishes.options == {REPLY_LENGTH: 512, CONTEXT_WISH: 4096}
    assert file.wishes.missing == {}


@pytest.mark.parametrize(
    ("document", "reply", "context"),
    [
        ({"genamt": 300, "max_length": 8192}, 300, 8192),
        ({"max_length": 150, "max_context": 7800}, 150, 7800),
        ({"max_length": 512}, 512, None),
        ({"max_length": 16_384}, None, 16_384),
        ({"openai_max_tokens": "900", "openai_max_context": "4095"}, 900, 4095),
        ({"maxTokens": 64, "maxContextLength": 2048}, 64, 2048),
        ({"openai_max_tokens": 0, "openai_max_context": 0}, None, None),
        ({"openai_max_tokens": 10**9, "openai_max_context": 4}, 65_536, 512),
        ({"genamt": "long"}, None, None),
        ({"genamt": None}, None, None),
        ({"genamt": True}, None, None),
    ],
)
def test_lengths_by_any_name(document: Json, reply: int | None, context: int | None) -> None:
    wishes = read({"temperature": 1, "top_p": 1, **document}).wishes
    assert (wishes.options.get(REPLY_LENGTH), wishes.options.get(CONTEXT_WISH)) == (reply, context)


def test_what_cannot_be_is_named() -> None:
    document = {
        "temperature": "hot", "top_p": "0.9", "top_k": -1, "rep_pen": 99, "genamt": "long",
        "sampler_order": {}, "logit_bias": [{"id": 1, "text": "sea", "value": "deep"}],
    }  # fmt: skip
    wishes = read(document).wishes
    assert wishes.samplers == {"top_p": 0.9, "top_k": 0, "repetition_penalty": 5.0}
    assert wishes.limited == {"top_k": (-1, 0), "repetition_penalty": (99, 5.0)}
    named = {"temperature", "sampler_order", "logit_bias", "genamt"}
    assert set(wishes.missing[Missing.VALUE]) == named


def test_bans_and_biases_as_sillytavern_writes_them() -> None:
    wishes = read(
        {
            "temp": 1,
            "top_p": 1,
            "banned_tokens": '"blood moon"\n[5, 6]\nplain words\n',
            "logit_bias": [
                {"id": "a", "text": "[12, 13]", "value": -5},
                {"id": "b", "text": " sea", "value": 2},
                {"id": "c", "text": "", "value": 9},
            ],
        }
    ).wishes
    assert wishes.samplers["banned_strings"] == ["blood moon", "plain words"]
    assert wishes.samplers["banned_tokens"] == [5, 6]
    assert wishes.samplers["logit_bias"] == {"12": -5.0, "13": -5.0, " sea": 2.0}


@pytest.mark.parametrize(
    ("value", "stops"),
    [
        ('["###", ""]', ["###"]),
        (["a", 1, "b"], ["a", "b"]),
        ("END", ["END"]),
        ("[]", None),
        ("", None),
        (7, None),
    ],
)
def test_stop_strings_in_any_form(value: object, stops: list[str] | None) -> None:
    wishes = read({"temperature": 1, "top_p": 1, "stop": value}).wishes
    assert wishes.options.get(CUSTOM_STOP) == stops


def test_a_chat_preset_asks_for_thinking_and_brings_scripts() -> None:
    document = {
        "prompts": [{"identifier": "main", "content": "x"}],
        "reasoning_effort": "min",
        "extensions": {"regex_scripts": [{"scriptName": "A"}, "junk"]},
    }
    wishes = read(document).wishes
    assert wishes.options == {REASONING_EFFORT: "minimal"}
    assert wishes.regex_scripts == ({"scriptName": "A"},)
    assert (
        "reasoning_effort"
        in read({**document, "reasoning_effort": "wild"}).wishes.missing[Missing.VALUE]
    )


def test_other_makers_write_the_order_alone_or_not_at_all() -> None:
    plain = {
        "prompts": [{"identifier": "main", "content": "x"}, {"identifier": "own", "content": "y"}],
        "prompt_order": [
            {"identifier": "own", "enabled": True},
            {"identifier": "chatHistory", "enabled": True},
        ],
        "names_behavior": "2",
    }
    (preset,) = [one for kind, one in read(plain).found if kind is PresetKind.CHAT]
    whole = completed(preset)  # type: ignore[arg-type]
    assert [one.identifier for one in whole.order] == ["own", "chatHistory"]
    assert whole.definition("chatHistory") is not None
    own = whole.definition("own")
    assert own is not None
    assert not own.system_prompt
    assert "system_prompt" in own.model_fields_set
    assert completed(whole) is whole
    assert whole.names_behavior == 2
    (bare,) = [
        one
        for kind, one in read({"prompts": [], "new_chat_prompt": "Begin."}).found
        if kind is PresetKind.CHAT
    ]
    usual = completed(bare)  # type: ignore[arg-type]
    assert "chatHistory" in [one.identifier for one in usual.order]
    assert usual.new_chat_prompt == "Begin."


def test_values_that_cannot_be_are_named_and_refuse_nothing_else() -> None:
    data = b'{"temp": NaN, "rep_pen": Infinity, "top_p": 1e999, "top_k": 40, "genamt": -Infinity'
    data += b', "max_length": -5, "min_p": null}'
    wishes = read_preset_file(data, "mine.json").wishes
    assert set(wishes.missing[Missing.VALUE]) == {
        *("temp", "rep_pen", "top_p", "genamt", "max_length"),
    }
    assert wishes.samplers == {"top_k": 40}
    chat = {"prompts": [], "new_chat_prompt": "Begin.", "openai_max_tokens": 0}
    odd = {"continue_prefill": "maybe", "squash_system_messages": [1], "names_behavior": 7}
    lengths = {"openai_max_context": -1}
    file = read(chat | odd | lengths)
    assert set(file.wishes.missing[Missing.VALUE]) == {*odd, *lengths}
    assert read(chat | {"continue_prefill": True, "names_behavior": "2"}).wishes.missing == {}


def test_everything_of_an_export_of_everything() -> None:
    document: Json = {
        "instruct": {"name": "I", "input_sequence": "u", "output_sequence": "a"},
        "context": {"name": "C", "story_string": "x", "single_line": True},
        "sysprompt": {"name": "S", "content": "s"},
        "preset": {"name": "P", "temp": 0.5, "top_p": 0.5},
        "reasoning": {"name": "R", "prefix": "<", "suffix": ">", "separator": ""},
        "srw": {"value": "Well", "show": False},
    }
    file = read(document)
    assert {kind for kind, _ in file.found} == set(PresetKind) - {PresetKind.CHAT}
    assert file.wishes.options == {REPLY_START: "Well", SINGLE_LINE: True}
    assert file.wishes.samplers == {"temperature": 0.5, "top_p": 0.5}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        *(name for row in ALL_SAMPLERS.values() for name in (row.id, *row.imports)),
        *("openai_max_tokens", "openai_max_context", "genamt", "max_length", "stop", "extensions"),
        *("prompts", "prompt_order", "names_behavior", "reasoning_effort", "parameters", "srw"),
        *("dynatemp", "dynatemp_range", "send_banned_tokens", "story_string", "preset", "name"),
        *("squash_system_messages", "continue_prefill", "use_sysprompt", "n", "wizardry"),
    ]
)


@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_file_is_read_or_refused_and_what_is_taken_fits(document: Json) -> None:
    try:
        file = read_preset_file(json.dumps(document, allow_nan=True).encode(), "any.json")
    except InvalidPreset:
        return
    for option, value in file.wishes.options.items():
        assert option.check(value) == value
    for id_, value in file.wishes.samplers.items():
        assert check(id_, value) == value
    for _name, data in preset_files(file.found):
        again = read_preset_file(data, f"{file.name}.json")
        assert again.wishes.samplers == file.wishes.samplers
        wanted = {key: value for key, value in file.wishes.options.items() if key != REPLY_START}
        assert again.wishes.options == wanted


VALUES = {
    "temperature": st.floats(0, 10),
    "top_p": st.floats(0, 1),
    "top_k": st.integers(0, 500),
    "repetition_penalty": st.floats(0.1, 5),
    "seed": st.integers(-1, 2**53),
    "sampler_order": st.permutations(range(7)),
}
WRITTEN = st.fixed_dictionaries({}, optional=VALUES)


@given(WRITTEN, WRITTEN, st.sampled_from([PresetKind.CHAT, PresetKind.SAMPLER_TEXT]))
def test_an_export_says_what_holds_and_keeps_the_rest(
    before: Json, changes: Json, kind: PresetKind
) -> None:
    document = {**before, "mine": [1], "openai_max_tokens": 300}
    held = {**read_samplers(document).values, **changes}
    written = with_values(kind, document, held, {REPLY_LENGTH: 300})
    assert read_samplers(written).values == held
    assert (written["mine"], written["openai_max_tokens"]) == ([1], 300)
    if not changes:
        assert written == document
