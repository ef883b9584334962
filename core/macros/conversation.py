"""The chat: its messages, their numbers and alternatives."""

from collections.abc import Callable

from core.macros.call import Call
from core.macros.environment import Spoken
from core.macros.registry import macro


@macro("lastMessage", "The newest message.")
def last_message(call: Call) -> str:
    return _text(call, lambda message: True)


@macro("lastUserMessage", "The newest message of a person.")
def last_user_message(call: Call) -> str:
    return _text(call, lambda message: message.is_user and not message.hidden)


@macro("lastCharMessage", "The newest message of a character.")
def last_char_message(call: Call) -> str:
    return _text(call, lambda message: not message.is_user and not message.hidden)


@macro("lastMessageId", "The number of the newest message, from 0.")
def last_message_id(call: Call) -> str:
    index = _last(call, lambda message: True)
    return "" if index is None else str(index)


@macro("allChatRange", "The numbers of all messages, as 0-n.")
def all_chat_range(call: Call) -> str:
    # Unlike the number of the newest message it counts the one being written anew.
    return f"0-{len(call.environment.chat) - 1}" if call.environment.chat else ""


@macro("firstIncludedMessageId", "The number of the oldest message in the prompt.")
def first_included_message_id(call: Call) -> str:
    first = call.environment.first_included
    return "" if first is None else str(first)


@macro("firstDisplayedMessageId", "The number of the oldest message on the screen.")
def first_displayed_message_id(call: Call) -> str:
    return "0" if call.environment.chat else ""


@macro("lastSwipeId", "How many alternatives the newest message has.")
def last_swipe_id(call: Call) -> str:
    chat = call.environment.chat
    return str(chat[-1].swipes) if chat and chat[-1].swipes is not None else ""


@macro("currentSwipeId", "Which alternative of the newest message is shown, from 1.")
def current_swipe_id(call: Call) -> str:
    chat = call.environment.chat
    return str(chat[-1].swipe + 1) if chat and chat[-1].swipe is not None else ""


@macro("lastGenerationType", "What this reply is for: normal, continue, swipe …")
def last_generation_type(call: Call) -> str:
    return call.environment.purpose


@macro("input", "What stands in the input box.")
def typed(call: Call) -> str:
    return call.environment.typed


def _last(call: Call, wanted: Callable[[Spoken], bool]) -> int | None:
    """The newest such message; an alternative that is only being written is passed over."""
    chat = call.environment.chat
    for index in range(len(chat) - 1, -1, -1):
        if not _being_written(chat[index]) and wanted(chat[index]):
            return index
    return None


def _being_written(message: Spoken) -> bool:
    return (
        message.swipe is not None and message.swipes is not None and message.swipe >= message.swipes
    )


def _text(call: Call, wanted: Callable[[Spoken], bool]) -> str:
    index = _last(call, wanted)
    return "" if index is None else call.environment.chat[index].text
