"""Macros that tell about the chat, and those of extensions that are not here."""

from core.macros.engine import Macros
from core.macros.environment import Environment, MacroMessage


def test_the_range_counts_the_message_that_is_written_anew() -> None:
    lines = (MacroMessage("Hello.", False, False, 1, 1),)
    text = "{{lastMessageId}}|{{allChatRange}}"
    assert Macros(Environment(chat=lines)).expand(text) == "|0-0"
    assert Macros(Environment()).expand(text) == "|"


def test_macros_of_extensions_give_nothing() -> None:
    assert Macros(Environment()).expand("[{{summary}}{{charPrefix}}{{lastExpression}}]") == "[]"
