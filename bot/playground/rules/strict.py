"""Discord's rules for the body of a message: limits, exclusions, emptiness."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from bot.playground.rules import components as parts
from bot.playground.rules.errors import Json, Problems, invalid, refuse
from bot.playground.rules.schema import (
    Check,
    anything,
    boolean,
    listing,
    moment,
    number,
    one_of,
    record,
    snowflake,
    text,
    url,
)
from bot.playground.world.models import MessageFlag, Upload

CONTENT = 2000
EMBEDS_TOGETHER = 6000
FILES = 10
REQUEST_BYTES = 25 << 20

# The only flags a sender may set.
SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.VOICE_MESSAGE
    | MessageFlag.COMPONENTS_V2
)


@cache
def embed() -> Check:
    picture = record({"url": url}, ("url",))
    field = record(
        {"name": text(256, 1), "value": text(1024, 1), "inline": boolean}, ("name", "value")
    )
    return record(
        {
            "title": text(256),
            "description": text(4096),
            "url": url,
            "color": number(0, 0xFFFFFF),
            "timestamp": moment,
            "author": record({"name": text(256, 1), "url": url, "icon_url": url}, ("name",)),
            "footer": record({"text": text(2048, 1), "icon_url": url}, ("text",)),
            "image": picture,
            "thumbnail": picture,
            "fields": listing(field, 25),
        }
    )


@cache
def allowed_mentions() -> Check:
    return record(
        {
            "parse": listing(one_of("users", "roles", "everyone"), 3),
            "users": listing(snowflake, 100),
            "roles": listing(snowflake, 100),
            "replied_user": boolean,
        }
    )


@cache
def _poll() -> Check:
    media = record({"text": text(300, 1), "emoji": anything}, ("text",))
    answer = record({"text": text(55), "emoji": anything})
    return record(
        {
            "question": media,
            "answers": listing(record({"poll_media": answer}, ("poll_media",)), 10, 1),
            "duration": number(1, 768),
            "allow_multiselect": boolean,
        },
        ("question", "answers"),
    )


@cache
def message_body() -> Check:
    attachment = record(
        {"id": snowflake, "filename": text(1024, 1), "description": text(1024)}, ("id",)
    )
    return record(
        {
            "content": text(CONTENT),
            "embeds": listing(embed(), 10),
            "allowed_mentions": allowed_mentions(),
            "components": parts.message_components(),
            "flags": number(0, 2**53),
            "attachments": listing(attachment, FILES),
            "poll": _poll(),
            "tts": boolean,
            "nonce": text(25),
            "enforce_nonce": boolean,
            "sticker_ids": listing(snowflake, 3),
            "message_reference": record(
                {"type": one_of(0, 1), "message_id": snowflake, "channel_id": snowflake}
            ),
            "username": text(80, 1),
            "avatar_url": url,
            "thread_name": text(100),
            "applied_tags": listing(snowflake, 5),
        }
    )


def check_body(body: Any, files: Sequence[Upload]) -> None:
    """The shape of a body that creates or edits a message. Raises `Refused`."""
    problems = Problems()
    message_body()(body, (), problems)
    problems.raise_if_any()
    _mention_lists(body.get("allowed_mentions"), problems)
    _embed_sum(body.get("embeds") or [], problems)
    problems.raise_if_any()
    _files(files)


def check_message(
    *, content: str, embeds: list[Json], components: list[Json], flags: MessageFlag, extra: Json
) -> None:
    """The rules that concern all parts of the finished message. Raises `Refused`."""
    problems = Problems()
    is_v2 = MessageFlag.COMPONENTS_V2 in flags
    parts.layout(components, is_v2=is_v2, problems=problems)
    if is_v2:
        legacy = {"content": content, "embeds": embeds, **extra}
        for name in (name for name, value in legacy.items() if value):
            problems.add(
                (name,),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )
    problems.raise_if_any()


def check_not_empty(
    content: str, embeds: list[Json], components: list[Json], *others: object
) -> None:
    """Refuses a message that would show nothing (50006)."""
    visible = any(_is_visible(each) for each in embeds)
    if not (content.strip() or visible or components or any(others)):
        raise refuse(50006)


def _is_visible(one: Json) -> bool:
    named = ("title", "description", "author", "footer", "image", "thumbnail", "fields")
    return any(one.get(name) for name in named)


def _mention_lists(allowed: Json | None, problems: Problems) -> None:
    for name in ("users", "roles"):
        if allowed and allowed.get(name) and name in (allowed.get("parse") or ()):
            problems.add(
                ("allowed_mentions",),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.',
            )


def _embed_sum(embeds: list[Json], problems: Problems) -> None:
    if sum(map(embed_size, embeds)) > EMBEDS_TOGETHER:
        problems.add(
            ("embeds",),
            "MAX_EMBED_SIZE_EXCEEDED",
            f"Embed size exceeds maximum size of {EMBEDS_TOGETHER}",
        )


def embed_size(one: Json) -> int:
    """The characters of an embed that count towards 6000."""
    words = [
        one.get("title"),
        one.get("description"),
        (one.get("footer") or {}).get("text"),
        (one.get("author") or {}).get("name"),
    ]
    for field in one.get("fields") or []:
        words += [field["name"], field["value"]]
    return sum(len(str(each).strip()) for each in words if each)


def _files(files: Sequence[Upload]) -> None:
    if len(files) > FILES:
        raise invalid((), "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")
    if sum(len(each.content) for each in files) > REQUEST_BYTES:
        raise refuse(40005)


def check_webhook_name(name: str, path: tuple[str, ...]) -> None:
    """Refuses names that hold a reserved word or nothing (50035)."""
    for reserved in ("clyde", "discord"):
        if reserved in name.lower():
            sentence = f'Username cannot contain "{reserved}"'
            raise invalid(path, "USERNAME_INVALID_CONTAINS", sentence)
    if not name.strip():
        raise invalid(path, "BASE_TYPE_REQUIRED", "This field is required")
