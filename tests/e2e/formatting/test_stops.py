"""Stop strings: set as JSON, sent as far as the server takes them, cut here always."""

from tests.e2e.tavern.tavern import Tavern

SET = '["\\n", "\\nUser:"]'


async def own(chat: Tavern) -> list[str]:
    """What is stored."""
    from core.options.table import CUSTOM_STOP

    return (await chat.engine.services.options.resolve(chat.place()))[CUSTOM_STOP]


async def test_bad_json_is_refused_with_the_place_of_the_fault(chat: Tavern) -> None:
    await chat.run("connect stop set", strings=SET)
    for strings, fault in (
        ('["a', "There is a fault in line 1, column 2. A quotation mark or comma is missing."),
        (
            '["a" "b"]',
            "There is a fault in line 1, column 6. A quotation mark or comma is missing.",
        ),
        ('["a", 7]', "There is a fault in line 1, column 7. Item 2 has to be a text of 1 to "),
        ('{"a": 1}', "There is a fault in line 1, column 1. It has to begin with `[`."),
        ('["a"]]', "There is a fault in line 1, column 6. A quotation mark or comma is missing."),
    ):
        told = await chat.run("connect stop set", strings=strings)
        assert told.startswith(fault), told
        assert "Nothing was changed." in told
        assert await own(chat) == ["\n", "\nUser:"]
