"""The chat: its messages, their numbers and swipes."""

from collections.abc import Callable

from core.macros.environment import MacroMessage
from core.macros.registry import Macro, MacroCall, macro


def _newest(call: MacroCall, wanted: Callable[[MacroMessage], bool]) -> int | None:
    """The newest such message; a swipe that is only being written is passed over."""
    chat = call.environment.chat
    for index in range(len(chat) - 1, -1, -1):
        if not chat[index].is_being_written and wanted(chat[index]):
            return index
    return None


def _text(wanted: Callable[[MacroMessage], bool]) -> Callable[[MacroCall], str]:
    def text(call: MacroCall) -> str:
        index = _newest(call, wanted)
        return "" if index is None else call.environment.chat[index].text

    return text


MACROS = [
    Macro("lastMessage", "The newest message.", _text(lambda message: True)),
    Macro(
        "lastUserMessage",
        "The newest message of a person.",
        _text(lambda message: message.is_user and not message.hidden),
    ),
    Macro(
        "lastCharMessage",
        "The newest message of a character.",
        _text(lambda message: not message.is_user and not message.hidden),
    ),
    Macro(
        "firstDisplayedMessageId",
        "The number of the first message: always 0, empty in an empty chat.",
        lambda call: "0" if call.environment.chat else "",
    ),
    Macro(
        "lastGenerationType",
        "What this reply is for: normal, continue, swipe …",
        lambda call: call.environment.purpose,
    ),
    Macro("input", "Gives nothing: what somebody is typing is not known here.", lambda call: ""),
]


@macro("lastMessageId", "The number of the newest message, from 0.")
def last_message_id(call: MacroCall) -> str:
    index = _newest(call, lambda message: True)
    return "" if index is None else str(index)


@macro("allChatRange", "The numbers of all messages, as 0-n.")
def all_chat_range(call: MacroCall) -> str:
    # Unlike the number of the newest message it counts the one being written anew.
    return f"0-{len(call.environment.chat) - 1}" if call.environment.chat else ""


@macro("firstIncludedMessageId", "The number of the oldest message in the last prompt.")
def first_included_message_id(call: MacroCall) -> str:
    first = call.environment.first_included
    return "" if first is None else str(first)


@macro("lastSwipeId", "How many swipes the newest message has.")
def last_swipe_id(call: MacroCall) -> str:
    chat = call.environment.chat
    return str(chat[-1].swipes) if chat and chat[-1].swipes is not None else ""


@macro("currentSwipeId", "Which swipe of the newest message is shown, from 1.")
def current_swipe_id(call: MacroCall) -> str:
    chat = call.environment.chat
    return str(chat[-1].swipe + 1) if chat and chat[-1].swipe is not None else ""
