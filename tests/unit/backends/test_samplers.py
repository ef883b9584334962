"""The sampler table and what is sent of it."""

import pytest

from core.backends.catalog import Catalog
from core.backends.sampling import accepted, unused_samplers, wire_samplers
from core.errors import InvalidOption, NotFound
from core.kind import Kind
from core.samplers.checks import check
from core.samplers.preset_files import read_samplers
from core.samplers.sampler import Dialect, SamplerType
from core.samplers.table import ALL_SAMPLERS, defaults

CATALOG = Catalog.load()


def wired(backend: str, values: dict[str, object]) -> dict[str, object]:
    return wire_samplers(CATALOG.get(backend), values)


def test_every_row_is_whole() -> None:
    for row in ALL_SAMPLERS.values():
        assert row.help.endswith("."), row.id
        assert row.names, row.id
        assert check(row.id, row.neutral) == row.neutral
        if row.type in (SamplerType.NUMBER, SamplerType.WHOLE):
            assert row.range is not None, row.id


def test_names_of_imports_are_told_apart() -> None:
    names = [name for row in ALL_SAMPLERS.values() for name in (row.id, *row.imports)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("id_", "text", "value"),
    [
        ("temperature", "0.7", 0.7),
        ("top_k", "40", 40),
        ("top_k", 40.0, 40),
        ("ignore_eos", "on", True),
        ("dry_sequence_breakers", '["\\n", ":"]', ["\n", ":"]),
        ("dry_sequence_breakers", '"\\n", ":"', ["\n", ":"]),
        ("banned_tokens", "1, 2", [1, 2]),
        ("logit_bias", '{"15": -3}', {"15": -3.0}),
    ],
)
def test_values_are_read(id_: str, text: object, value: object) -> None:
    assert check(id_, text) == value


@pytest.mark.parametrize(
    ("id_", "text"),
    [
        ("temperature", "hot"),
        ("temperature", 11),
        ("temperature", True),
        ("temperature", "nan"),
        ("top_k", 1.5),
        ("ignore_eos", "maybe"),
        ("logit_bias", "[1]"),
        ("dry_sequence_breakers", '["a'),
    ],
)
def test_wrong_values_are_refused(id_: str, text: object) -> None:
    with pytest.raises(InvalidOption):
        check(id_, text)


def test_a_name_that_is_no_samplers_is_not_found() -> None:
    with pytest.raises(NotFound) as caught:
        check("no_such_thing", 1)
    assert caught.value.facts == {"what": "sampler", "name": "no_such_thing"}


def test_names_differ_by_server() -> None:
    values: dict[str, object] = {"repetition_penalty": 1.1, "typical_p": 0.9, "top_n_sigma": 1.0}
    kobold = {"rep_pen": 1.1, "typical": 0.9, "nsigma": 1.0}
    assert kobold.items() <= wired("koboldcpp", values).items()
    textgen = {"repetition_penalty": 1.1, "typical_p": 0.9, "top_n_sigma": 1.0}
    assert textgen.items() <= wired("textgenwebui", values).items()
    assert wired("llamacpp", values)["repeat_penalty"] == 1.1
    assert wired("ollama", values)["repeat_penalty"] == 1.1


def test_what_a_backend_lacks_is_said_and_not_sent() -> None:
    # mirostat_mode is neutral: nobody misses it.
    values: dict[str, object] = {"temperature": 1.2, "tfs": 0.9, "mirostat_mode": 0}
    spec = CATALOG.get("openai")
    assert wire_samplers(spec, values, "gpt-4o") == {"temperature": 1.2}
    assert unused_samplers(spec, values, "gpt-4o") == ["tfs"]


def test_models_that_take_no_samplers_get_none() -> None:
    spec, values = CATALOG.get("openai"), {"temperature": 0.5, "top_p": 0.9}
    assert wire_samplers(spec, values, "gpt-5-mini") == {}
    assert unused_samplers(spec, values, "gpt-5-mini") == ["temperature", "top_p"]


def test_neutral_values_are_said_where_the_server_thinks_otherwise() -> None:
    for backend in ("llamacpp", "ollama", "lmstudio"):
        body = wired(backend, defaults(Kind.TEXT))
        assert (body["top_p"], body["top_k"], body["min_p"]) == (1.0, 0, 0.05)


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("llamacpp", {"temperature": 1.0, "dynatemp_range": 0.5, "dynatemp_exponent": 2.0}),
        ("koboldcpp", {"temperature": 1.0, "dynatemp_range": 0.5, "dynatemp_exponent": 2.0}),
        ("tabby", {"min_temp": 0.5, "max_temp": 1.5, "temp_exponent": 2.0}),
        ("aphrodite", {"dynatemp_min": 0.5, "dynatemp_max": 1.5, "dynatemp_exponent": 2.0}),
        (
            "textgenwebui",
            {
                "dynamic_temperature": True,
                "dynatemp_low": 0.5,
                "dynatemp_high": 1.5,
                "dynatemp_exponent": 2.0,
            },
        ),
    ],
)
def test_dynamic_temperature(backend: str, expected: dict[str, object]) -> None:
    values: dict[str, object] = {
        "dynatemp_low": 0.5,
        "dynatemp_high": 1.5,
        "dynatemp_exponent": 2.0,
    }
    assert expected.items() <= wired(backend, values).items()


def test_forms_differ_by_server() -> None:
    values: dict[str, object] = {
        "banned_tokens": [1, 2],
        "logit_bias": {"15": -3.0},
        "dry_sequence_breakers": ["\n"],
    }
    assert wired("llamacpp", values)["logit_bias"] == [[1, False], [2, False], [15, -3.0]]
    koboldcpp = wired("koboldcpp", values)
    assert koboldcpp["custom_token_bans"] == "1,2"
    assert koboldcpp["dry_sequence_breakers"] == ["\n"]
    assert wired("textgenwebui", values)["dry_sequence_breakers"] == '["\\n"]'
    assert wired("vllm", {"top_k": 0})["top_k"] == -1
    assert wired("aphrodite", {"top_k": 0})["top_k"] == -1
    assert wired("llamacpp", {"seed": -1}).get("seed") is None
    assert wired("llamacpp", {"seed": 7})["seed"] == 7


def test_values_outside_a_vendors_range_go_to_its_border() -> None:
    assert wired("tabby", {"presence_penalty": -1.0})["presence_penalty"] == 0.0
    assert wired("openai", {"temperature": 5.0}) == {"temperature": 2.0}


def test_presets_are_read_by_their_own_names() -> None:
    preset = {
        "temp": 1.1, "rep_pen": 1.05, "freq_pen": 0.2, "dynatemp": False, "min_temp": 0.1,
        "max_temp": 2, "nsigma": 1.5, "top_k": "off", "genamt": 300, "ban_eos_token": True,
    }  # fmt: skip
    assert read_samplers(preset).values == {
        "temperature": 1.1, "repetition_penalty": 1.05, "frequency_penalty": 0.2,
        "top_n_sigma": 1.5, "ignore_eos": True,
    }  # fmt: skip


def test_every_dialect_knows_the_temperature() -> None:
    assert set(ALL_SAMPLERS["temperature"].names) == set(Dialect)
    for spec in CATALOG:
        assert "temperature" in [row.id for row in accepted(spec)], spec.id
