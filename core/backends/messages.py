"""Putting a list of messages into the form that a backend insists on."""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.backends.spec import Images, Spec, Traits
from core.backends.types import Image, Request, WireMessage

PLACEHOLDER = "(The story begins.)"
GO_ON = "(Go on.)"
_EXAMPLES = ("example_user", "example_assistant")
_NAME = re.compile(r"[\s<|\\/>]+")


def arrange(request: Request, spec: Spec, traits: Traits) -> list[WireMessage]:
    """The request's messages as this backend takes them: names, system, neighbours, the end."""
    found = _placed(request.messages, spec, traits)
    continues = request.prefill and traits.prefill != "none"
    user_last = spec.request.user_last or request.user_last
    if user_last and not continues and found and found[-1].role == "assistant":
        found.append(WireMessage("user", GO_ON))
    return found


def _placed(messages: Sequence[WireMessage], spec: Spec, traits: Traits) -> list[WireMessage]:
    found = list(messages)
    if spec.request.names == "text":
        # OpenAI's marks for example lines are no speakers' names.
        found = [
            replace(message, name=None) if message.name in _EXAMPLES else name_in_text(message)
            for message in found
        ]
    else:
        found = [_clean_name(message) for message in found]
    mode = traits.messages
    if traits.system == "none":
        found = [_as_user(message) for message in found]
    elif traits.system == "first" and mode in ("as-is", "merge"):
        mode = "semi" if mode == "merge" else mode
        found = system_first(found)
    if mode == "as-is":
        return found
    if mode == "single":
        return single(found)
    found = merge(found)
    if mode == "merge":
        return found
    found = merge(system_first(found))
    return strict(found) if mode == "strict" else found


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


def split_system(messages: Sequence[WireMessage]) -> tuple[str, list[WireMessage]]:
    """(the leading system messages joined, the others with later system ones as user's)."""
    count = 0
    while count < len(messages) and messages[count].role == "system":
        count += 1
    head = "\n\n".join(message.content for message in messages[:count] if message.content)
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


def name_in_text(message: WireMessage) -> WireMessage:
    """The message with its speaker's name in front of the text, unless it stands there."""
    start = f"{message.name}: " if message.name else ""
    text = message.content if message.content.startswith(start) else start + message.content
    return replace(message, content=text, name=None)


def _clean_name(message: WireMessage) -> WireMessage:
    # OpenAI: no spaces or <|\/> in names, at most 64 characters.
    if not message.name:
        return message
    return replace(message, name=_NAME.sub("_", message.name).strip("_")[:64] or None)
