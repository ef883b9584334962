"""What a story string never sends."""

import pytest

from core.prompt.text.unsent import unsent_parameters

REST = "{{system}}{{persona}}{{personality}}{{scenario}}{{wiBefore}}{{wiAfter}}"


@pytest.mark.parametrize(
    "sent",
    [
        "{{description}}",
        "{{#if description}}{{description}}{{/if}}",
        "{{#with description}}{{this}}{{/with}}",
        "{{#description}}{{this}}{{/description}}",
        "{{charDescription}}",
        "{{#if system}}{{description}}{{/if}}",
        "{{#if system}}no{{else}}{{description}}{{/if}}",
        "{{#unless description}}none{{/unless}}{{{description}}}",
    ],
)
def test_F14_no_false_alarm(sent: str) -> None:
    assert unsent_parameters(REST + sent) == []


@pytest.mark.parametrize(
    "lost",
    [
        "",
        "{{!-- {{description}} --}}",
        "{{! description }}",
        "{{#if nothing}}{{description}}{{/if}}",
        "{{#if description}}has one{{/if}}",
        "{{#unless description}}{{description}}{{/unless}}",
    ],
)
def test_F14_what_is_lost_is_named(lost: str) -> None:
    assert unsent_parameters(REST + lost) == ["description"]


def test_F14_a_note_needs_its_place() -> None:
    whole = REST + "{{description}}"
    assert unsent_parameters(whole, ["anchorBefore"]) == ["anchorBefore"]
    assert unsent_parameters(whole + "{{anchorBefore}}", ["anchorBefore"]) == []
    assert unsent_parameters("{{#if") == []
