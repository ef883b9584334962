"""Names in front of lines, in every form in which models write them."""

from random import Random

import pytest

from core.reply.output_filter import OutputFilter, OutputRules

FORMS = (
    "Ann:", "**Ann:**", "**Ann**:", "*Ann*:", "*Ann:*", "***Ann***:", "__Ann__:", "`Ann`:",
    "### Ann:", "# **Ann:**", "[Ann]:", "[Ann:]", "Ann：", '"Ann":', "“Ann”:", "「Ann」：",
    "> Ann:", "> **Ann:**", "- Ann:", "-# Ann:", "Ann :", "ANN:", "<Ann>", "**<Ann>**",
    "### Ann\n", "**Ann**\n", "[Ann]\n", "## **Ann**\n",
    "Ann (whispering):", "**Ann (softly):**", "*Ann* (smiling):", "Ann [smiling]:",
)  # fmt: skip
RULES = OutputRules(others=("Ann", "Old Tom"), names=("Mira",))


def pieces(text: str, seed: int) -> list[str]:
    chance, found = Random(seed), []
    while text:
        size = chance.randint(1, 5)
        found.append(text[:size])
        text = text[size:]
    return found


def run(text: str, seed: int = 0, rules: OutputRules = RULES) -> tuple[OutputFilter, list[str]]:
    output, seen = OutputFilter(rules), []
    for piece in pieces(text, seed):
        output.feed(piece)
        seen.append(output.text)
    output.finish()
    return output, [*seen, output.text]


@pytest.mark.parametrize("form", FORMS)
def test_another_speakers_line_ends_the_reply_and_nothing_of_it_shows(form: str) -> None:
    for seed in range(10):
        output, seen = run(f"She nods.\n{form} I sit down.\nMira waits.", seed)
        assert output.text == "She nods."
        assert output.cut_speaker
        assert all("She nods.".startswith(text) for text in seen)


@pytest.mark.parametrize("form", FORMS)
def test_at_the_very_beginning_it_leaves_nothing(form: str) -> None:
    output, _ = run(f"\n{form.replace('Ann', 'Old Tom').replace('ANN', 'OLD TOM')} I sit.")
    assert (output.text, output.cut_speaker) == ("", True)


@pytest.mark.parametrize("form", FORMS)
def test_the_own_name_goes_from_the_beginning(form: str) -> None:
    for seed in range(5):
        output, seen = run(f"{form.replace('Ann', 'Mira').replace('ANN', 'MIRA')} Evening.", seed)
        assert output.text == "Evening."
        assert all("Evening.".startswith(text) for text in seen)


@pytest.mark.parametrize(
    "text",
    [
        "Ann takes the cup.",
        "*Ann takes the cup.*",
        "She says: Ann: hello",
        "Hm.\nAnn, come here.",
        'Hm.\n"Ann, come: now!"',
        "Hm.\n**Ann** smiles.",
        "Hm.\n**Ann**",
        "Hm.\nAnn\nsmiles.",
        "Hm.\nAnnabel: hello",
        "Hm.\n(Ann laughs.)",
        "**Mirabel** nods.",
        "Mira nods.",
    ],
)
def test_words_of_the_story_stay(text: str) -> None:
    for seed in range(5):
        assert run(text, seed)[0].text == text


def test_stars_around_name_and_words_stay_around_the_words() -> None:
    assert run("**Mira: Evening.**")[0].text == "**Evening.**"


def test_a_stop_string_that_is_a_name_is_another_speakers_line_too() -> None:
    output, _ = run("Ann: I sit.", rules=OutputRules(stop=("\nAnn:",), others=("Ann",)))
    assert (output.text, output.cut_speaker) == ("", True)


@pytest.mark.parametrize("sign", [">", "> ", "#", "*", "- ", "[", "<", " ", "\t", "(", "Ann "])
def test_long_runs_of_signs_are_read_in_no_time(sign: str) -> None:
    text = "Hm.\n" + sign * 1000 + "x"
    assert run(text)[0].text == text.replace("\r", "").rstrip()


def test_what_is_continued_may_go_on_with_any_name() -> None:
    output, _ = run("Ann: hello", rules=OutputRules(others=("Ann",), keeps="She calls: "))
    assert output.text == "She calls: Ann: hello"
