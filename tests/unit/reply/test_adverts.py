"""A service's own adverts, and words that only look like them."""

import pytest

from core.backends.catalog import Catalog
from core.reply.output_filter import OutputFilter, OutputRules

ADVERTS = Catalog.load().get("pollinations").reply.adverts
SUPPORT = "[Support our mission](https://pollinations.ai/redirect/kofi)"
BLOCK = (
    "\n\n---\n\n**Support Pollinations.AI:**\n\n---\n\n🌸 **Ad** 🌸\nPowered by Pollinations.AI "
    f"free text APIs. {SUPPORT} to keep AI accessible for everyone."
)


def shown(text: str, *, keep: bool = False) -> tuple[str, list[str]]:
    output, seen = OutputFilter(OutputRules(adverts=ADVERTS, keeps_adverts=keep)), []
    for letter in text:
        output.feed(letter)
        seen.append(output.text)
    output.finish()
    return output.text, seen


@pytest.mark.parametrize(
    "advert",
    [
        BLOCK,
        f"\n\n{SUPPORT}",
        "\n\n[🌸 Support our mission](https://example.com/x)",
        "\n---\n**Sponsor**\nBuy lanterns at https://example.com",
        "\n\n🌸 **Ad** 🌸",
        "\n\n**Ad:** Lanterns! https://example.com",
        "\n\nSupport Pollinations.AI today!",
    ],
)
def test_an_advert_goes_and_no_part_of_it_shows(advert: str) -> None:
    text, seen = shown(f"She waits.{advert}")
    assert text == "She waits."
    assert not any("http" in one or "Support" in one or "Ad" in one for one in seen)


@pytest.mark.parametrize(
    "text",
    [
        'He said "**Ad** astra" and left.',
        "**Ad** astra per aspera, she reads.\n\nThen she leaves.",
        "Ad hoc, he thought.\n\nhttps://example.com is a link of the story.",
        "One.\n\n---\n\nTwo.",
        "We support our mission with all we have.",
        "[a map](https://example.com/map)",
        "Sponsors came to the tavern.",
    ],
)
def test_words_of_the_story_stay(text: str) -> None:
    assert shown(text)[0] == text


def test_an_advert_that_stays_leads_nowhere() -> None:
    text, _ = shown(f"She waits.{BLOCK} See https://example.com", keep=True)
    assert "Support our mission" in text
    assert "](" not in text
    assert "hxxps://example.com" in text


def test_a_reply_that_is_an_advert_is_no_reply() -> None:
    assert shown(SUPPORT)[0] == ""


def test_words_after_an_advert_stay() -> None:
    assert shown("One.\n\n🌸 **Ad** 🌸\n\nTwo.")[0].split() == ["One.", "Two."]
