"""Putting a list of messages into the form that a backend insists on."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.backends.spec import Images, Names, Spec, Traits
from core.backends.types import Image, Request, SpeakerNames, WireMessage

PLACEHOLDER = "(The story begins.)"
GO_ON = "(Go on.)"
BEGIN_WITH = (
    "(Your next message begins with the words in the brackets, which are written already: "
    "[{start}] Go on right behind them and do not repeat them.)"
)
CONTINUE = "(Continue your last message right where it breaks off, without repeating any of it.)"
_EXAMPLE_USER, _EXAMPLE_CHARACTER = "example_user", "example_assistant"
_NAME = re.compile(r"[\s<|\\/>]+")


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages as a backend takes them; `system` where instructions go apart from them."""

    messages: tuple[WireMessage, ...]
    system: tuple[str, ...] = ()


def arrange(request: Request, spec: Spec, traits: Traits) -> Conversation:
    """The request's messages as this backend takes them: names, system, neighbours, the end.

    Names and the joining of neighbours follow what SillyTavern 1.19.0 does for the vendor.
    """
    continues = goes_on(request, traits)
    found = list(request.messages)
    if request.prefill and not continues:
        found = _without_start(found, request.unseen_start)
        if len(found) == len(request.messages):
            found = _told_to_go_on(found, request, spec, traits)
    found = [_named(message, spec.request.names, request.speakers) for message in found]
    system, found = _placed(found, traits)
    user_last = spec.request.user_last or request.user_last or traits.system == "apart"
    if user_last and not continues and found and found[-1].role == "assistant":
        found.append(WireMessage("user", GO_ON))
    return Conversation(tuple(found), system)


def goes_on(request: Request, traits: Traits) -> bool:
    """Whether the model really continues the last assistant message of the request."""
    takes = traits.prefill != "none" and request.takes_prefill
    if traits.prefill == "trailing-unless-thinking" and request.effort not in ("", "none"):
        takes = takes and traits.effort == "none"
    return request.prefill and takes and request.messages[-1:] != ()


def _without_start(messages: list[WireMessage], start: str) -> list[WireMessage]:
    """Without the words that were put into the model's mouth, and without what is then empty."""
    if not start:
        return messages
    last = messages[-1]
    words = last.content.removeprefix(start)
    return [*messages[:-1], *([replace(last, content=words)] if words else [])]


def _told_to_go_on(
    messages: list[WireMessage], request: Request, spec: Spec, traits: Traits
) -> list[WireMessage]:
    """For models that always begin a message of their own: told in words what stands already.

    The start of a reply is no message; a message of the story that is continued stays one.
    """
    if not messages or messages[-1].role != "assistant":
        return messages
    text = CONTINUE
    if request.reply_start is not None:
        messages.pop()
        if not request.reply_start.strip():
            return messages
        text = BEGIN_WITH.format(start=request.reply_start.strip())
    anywhere = traits.system == "anywhere" and not spec.request.user_last and not request.user_last
    return [*messages, WireMessage("system" if anywhere else "user", text)]


def _placed(
    messages: list[WireMessage], traits: Traits
) -> tuple[tuple[str, ...], list[WireMessage]]:
    """(instructions that go apart, the messages in the order and with the roles allowed)."""
    mode = traits.messages
    system: tuple[str, ...] = ()
    if traits.system == "none":
        messages = [_as_user(message) for message in messages]
    elif traits.system == "apart":
        system, messages = split_system(messages)
    elif traits.system == "not-after-assistant":
        messages = _none_after_assistant(messages)
    elif traits.system == "first" and mode in ("as-is", "merge"):
        mode = "semi" if mode == "merge" else mode
        messages = system_first(messages)
    if mode == "single":
        return system, single(messages)
    if mode != "as-is":
        messages = merge(messages)
    if mode in ("semi", "strict"):
        messages = merge(system_first(messages))
    if mode == "strict" or (traits.system == "apart" and not messages):
        messages = strict(messages)
    return system, messages


def merge(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Joins neighbours of one role with a blank line."""
    found: list[WireMessage] = []
    for message in messages:
        if found and found[-1].role == message.role:
            last = found[-1]
            text = "\n\n".join(part for part in (last.content, message.content) if part)
            found[-1] = replace(last, content=text, images=last.images + message.images)
        else:
            found.append(message)
    return found


def system_first(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Turns every system message after the first position into one of the user."""
    return [*messages[:1], *(_as_user(message) for message in messages[1:])]


def _none_after_assistant(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Turns a system message into one of the user where it follows an assistant's."""
    found: list[WireMessage] = []
    for message in messages:
        follows = found and found[-1].role == "assistant"
        found.append(_as_user(message) if follows else message)
    return found


def strict(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Sees to it that the first message after the system one is the user's."""
    head = list(messages[:1]) if messages and messages[0].role == "system" else []
    rest = list(messages[len(head) :])
    if not rest or rest[0].role != "user":
        rest.insert(0, WireMessage("user", PLACEHOLDER))
    return head + rest


def single(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Everything as one message of the user, with the speakers' roles in front."""
    labels = {"user": "User: ", "assistant": "Assistant: "}
    text = "\n\n".join(labels.get(message.role, "") + message.content for message in messages)
    images = tuple(image for message in messages for image in message.images)
    return [WireMessage("user", text, images=images)]


def split_system(
    messages: Sequence[WireMessage],
) -> tuple[tuple[str, ...], list[WireMessage]]:
    """(the leading system messages, the others with later system ones as user's)."""
    count = 0
    while count < len(messages) and messages[count].role == "system":
        count += 1
    head = tuple(message.content for message in messages[:count] if message.content)
    return head, [_as_user(message) for message in messages[count:]]


def openai_form(message: WireMessage, images: Images) -> dict[str, Any]:
    """The message as OpenAI's chat route takes it."""
    form: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.name:
        form["name"] = message.name
    if message.images and images != "none" and message.role == "user":
        text = [{"type": "text", "text": message.content}] if message.content else []
        parts = [
            {
                "type": "image_url",
                "image_url": {"url": f"data:{image.content_type};base64,{base64_of(image)}"},
            }
            for image in message.images
        ]
        form["content"] = [*text, *parts]
    return form


def base64_of(image: Image) -> str:
    return base64.b64encode(image.data).decode("ascii")


def _as_user(message: WireMessage) -> WireMessage:
    return replace(message, role="user") if message.role == "system" else message


def _named(message: WireMessage, names: Names, speakers: SpeakerNames) -> WireMessage:
    """The message with its speaker's name where the backend takes it: as a field or in the text.

    A text that begins with the name already is left as it is.
    """
    if not message.name:
        return message
    if names == "field" or (names == "user-field" and message.role == "user"):
        # OpenAI: no spaces or <|\/> in names, at most 64 characters.
        cleaned = _NAME.sub("_", message.name).strip("_")[:64]
        return replace(message, name=cleaned or None)
    name, others = message.name, tuple[str, ...]()
    if message.role == "system":  # only examples have names then
        name = {_EXAMPLE_USER: speakers.user, _EXAMPLE_CHARACTER: speakers.char}.get(name, "")
        others = speakers.members if message.name == _EXAMPLE_CHARACTER else ()
    shown = tuple(f"{one}: " for one in (name, *others) if one)
    text = message.content
    if name and not text.startswith(shown):
        text = f"{name}: {text}"
    return replace(message, content=text, name=None)
