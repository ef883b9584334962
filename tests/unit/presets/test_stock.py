"""The presets that come with the product."""

import pytest

from bot.cli._errors import one_line
from core.errors import InvalidPreset, NotFound
from core.presets import stock
from core.presets.preset import PresetKind, SamplerPreset, read_preset, write_preset
from core.presets.templates import InstructTemplate
from core.samplers.table import ALL_SAMPLERS
from tests.shared import shared_path

HEADINGS = {
    "Context (34)": PresetKind.CONTEXT,
    "Instruct (38)": PresetKind.INSTRUCT,
    "System prompt (13)": PresetKind.SYSTEM,
}
EVERY = [(kind, name) for kind in PresetKind for name in stock.names(kind)]


@pytest.mark.parametrize("heading", HEADINGS)
def test_offers_the_names_people_look_for(heading: str) -> None:
    lines = shared_path("presets.md").read_text("utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"- **{heading}:**"))
    wanted = {name.strip() for name in line.split(":**")[1].split(";")}
    assert set(stock.names(HEADINGS[heading])) == wanted


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_preset_is_valid_and_survives_a_round_trip(kind: PresetKind, name: str) -> None:
    preset = stock.preset(kind, name)
    assert preset.name == name
    document = write_preset(preset)
    assert "base" not in document
    assert "detect" not in document
    assert read_preset(kind, document) == preset


@pytest.mark.parametrize("kind", list(PresetKind))
def test_every_kind_has_a_first_choice(kind: PresetKind) -> None:
    assert stock.names(kind)


def test_a_context_stands_beside_every_family_of_models() -> None:
    marked = {
        name
        for name in stock.names(PresetKind.INSTRUCT)
        if stock.detection(name) and not name.startswith(("Vicuna", "Koala", "OpenOrca"))
    }
    assert marked <= set(stock.names(PresetKind.CONTEXT))


@pytest.mark.parametrize("kind", [PresetKind.SAMPLER_TEXT, PresetKind.SAMPLER_CHAT])
def test_sampler_presets_use_known_samplers_within_their_ranges(kind: PresetKind) -> None:
    for name in stock.names(kind):
        preset = stock.preset(kind, name)
        assert isinstance(preset, SamplerPreset)
        assert preset.values == preset.model_extra
        assert set(preset.values) <= set(ALL_SAMPLERS)


def test_stop_lines_never_hold_a_bare_heading_of_harmony() -> None:
    template = stock.preset(PresetKind.INSTRUCT, "OpenAI Harmony (Thinking)")
    assert isinstance(template, InstructTemplate)
    assert "<|end|>" not in template.stop_sequence.split("\n")


def test_an_unknown_name_is_not_found() -> None:
    with pytest.raises(NotFound):
        stock.document("context", "../Default")


@pytest.mark.parametrize(
    ("kind", "field", "value", "takes"),
    [
        (PresetKind.INSTRUCT, "wrap", "maybe", "on or off"),
        (PresetKind.INSTRUCT, "input_sequence", [], "text"),
        (PresetKind.CONTEXT, "story_string_depth", "deep", "a whole number"),
    ],
)
def test_a_field_of_a_wrong_type_is_told_what_it_takes(
    kind: PresetKind, field: str, value: object, takes: str
) -> None:
    with pytest.raises(InvalidPreset) as caught:
        read_preset(kind, {field: value})
    assert one_line(caught.value).endswith(f"“{field}” takes {takes}.")
