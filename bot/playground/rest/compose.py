"""Makes messages out of request bodies, under the rules of `strict.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.playground.rules import components as parts
from bot.playground.rules import mentions, strict
from bot.playground.rules.components import FILE, GALLERY, THUMBNAIL
from bot.playground.rules.errors import Json, invalid, refuse
from bot.playground.rules.mentions import Allowed
from bot.playground.rules.permissions import Permission
from bot.playground.world import render
from bot.playground.world.clock import iso
from bot.playground.world.models import (
    Attachment,
    Channel,
    Message,
    MessageFlag,
    MessageType,
    Upload,
)
from bot.playground.world.state import State


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the rights that count, and whom a text pings by default."""

    id: str
    rights: Permission
    pings: frozenset[str] = mentions.EVERYTHING
    may_be_ephemeral: bool = False


def create(
    state: State, channel: Channel, body: Json, files: Sequence[Upload], sender: Sender
) -> Message:
    """A new message, not yet in any channel. Raises `Refused`."""
    strict.check_body(body, files)
    flags = MessageFlag(body.get("flags") or 0) & strict.SETTABLE
    if sender.may_be_ephemeral and (body.get("flags") or 0) & MessageFlag.EPHEMERAL:
        flags |= MessageFlag.EPHEMERAL
    message = Message(
        id=state.snowflake(),
        channel_id=channel.id,
        author_id=sender.id,
        content=str(body.get("content") or "").strip(),
        flags=flags,
        tts=bool(body.get("tts")),
        nonce=body.get("nonce"),
        poll=_poll(state, body.get("poll")),
    )
    _refer(state, channel, message, body.get("message_reference"), sender)
    message.attachments = _attach(state, message, body, files)
    _fill(state, channel, message, body, sender, is_new=True)
    strict.check_not_empty(
        message.content,
        body.get("embeds") or [],
        message.components,
        files,
        message.poll,
        message.snapshots,
    )
    return message


def fill(
    state: State,
    channel: Channel,
    message: Message,
    body: Json,
    files: Sequence[Upload],
    sender: Sender,
) -> None:
    """Changes a message as an edit does: what the body does not name stays. Raises `Refused`."""
    strict.check_body(body, files)
    draft = _copied(message)
    wanted = MessageFlag(body.get("flags") or 0)
    if body.get("flags") is not None:
        kept = draft.flags & ~MessageFlag.SUPPRESS_EMBEDS
        draft.flags = kept | (wanted & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2))
    if "attachments" in body:
        kept_ids = {str(each["id"]) for each in body["attachments"] or []}
        draft.attachments = [each for each in draft.attachments if each.id in kept_ids]
    draft.attachments += _attach(state, message, body, files)
    if "content" in body:
        draft.content = str(body["content"] or "").strip()
    _fill(state, channel, draft, body, sender)
    strict.check_not_empty(
        draft.content, draft.embeds, draft.components, draft.attachments, draft.poll
    )
    for name in _EDITABLE:
        setattr(message, name, getattr(draft, name))


_EDITABLE = (
    "content",
    "flags",
    "embeds",
    "components",
    "attachments",
    "mentions",
    "mention_roles",
    "mention_everyone",
)


def _copied(message: Message) -> Message:
    copy = Message(message.id, message.channel_id, message.author_id)
    for name in (*_EDITABLE, "poll", "reference", "type"):
        setattr(copy, name, getattr(message, name))
    copy.attachments = list(message.attachments)
    return copy


def mark_edited(state: State, message: Message) -> None:
    message.edited_at = iso(state.clock.now())


def _fill(
    state: State,
    channel: Channel,
    message: Message,
    body: Json,
    sender: Sender,
    *,
    is_new: bool = False,
) -> None:
    """Embeds, components and mentions of a message whose content and files are known."""
    if "embeds" in body:
        message.embeds = [_embed(state, message, each) for each in body["embeds"] or []]
    if "components" in body:
        given = body["components"] or []
        message.components = parts.finished(given)
    strict.check_message(
        content=message.content,
        embeds=message.embeds,
        components=message.components,
        flags=message.flags,
        extra={"poll": message.poll, "sticker_ids": body.get("sticker_ids")},
    )
    for component, path in parts.walk(message.components):
        _resolve_media(state, message, component, path)
    if is_new or "content" in body or "components" in body:
        _mention(state, channel, message, body, sender)


def _mention(state: State, channel: Channel, message: Message, body: Json, sender: Sender) -> None:
    allowed = Allowed.read(body.get("allowed_mentions"), sender.pings)
    text = message.content or "\n".join(
        each.get("content", "") for each, _ in parts.walk(message.components)
    )
    found = mentions.find(state, channel, text, allowed, sender.rights)
    message.mentions = found.users
    message.mention_roles = found.roles
    message.mention_everyone = found.everyone
    _ping_replied(state, message, allowed)


def _ping_replied(state: State, message: Message, allowed: Allowed) -> None:
    if message.type is not MessageType.REPLY or not message.reference or not allowed.replied_user:
        return
    place = state.channels[message.reference["channel_id"]]
    target = place.messages.get(message.reference["message_id"])
    if target and target.author is None and target.author_id not in message.mentions:
        message.mentions.append(target.author_id)


def _refer(
    state: State, channel: Channel, message: Message, reference: Json | None, sender: Sender
) -> None:
    if not reference or not reference.get("message_id"):
        return
    if reference.get("type") == 1:
        _forward(state, message, reference, sender)
        return
    target = channel.messages.get(str(reference["message_id"]))
    if target is None:
        if reference.get("fail_if_not_exists") is False:
            return
        raise invalid(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    if Permission.READ_MESSAGE_HISTORY not in sender.rights:
        raise refuse(160002)
    if target.type not in (0, 19, 20, 23):
        sentence = "Cannot reply to a system message"
        raise invalid(("message_reference",), "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", sentence)
    message.type = MessageType.REPLY
    message.reference = {"type": 0, "channel_id": channel.id, "message_id": target.id}
    if channel.guild_id:
        message.reference["guild_id"] = channel.guild_id


def _forward(state: State, message: Message, reference: Json, sender: Sender) -> None:
    source = state.channel(str(reference.get("channel_id")))
    if not state.sees(sender.id, source):
        raise refuse(50001)
    target = state.message(source, str(reference["message_id"]))
    message.flags |= MessageFlag.HAS_SNAPSHOT
    message.reference = {"type": 1, "channel_id": source.id, "message_id": target.id}
    if source.guild_id:
        message.reference["guild_id"] = source.guild_id
    whole = render.message(state, target, sender.id)
    kept = (
        "type content embeds attachments timestamp edited_timestamp flags mentions "
        "mention_roles components"
    )
    message.snapshots = [{"message": {name: whole[name] for name in kept.split()}}]


def _attach(
    state: State, message: Message, body: Json, files: Sequence[Upload]
) -> list[Attachment]:
    """Keeps the uploaded files, named and described by the body's `attachments`."""
    entries = {str(each["id"]): each for each in body.get("attachments") or []}
    attachments = []
    for upload in files:
        number = upload.field.partition("[")[2].rstrip("]")
        entry = entries.get(number, {})
        named = Upload(
            upload.field,
            entry.get("filename") or upload.filename,
            upload.content,
            upload.content_type,
        )
        ephemeral = MessageFlag.EPHEMERAL in message.flags
        attachment = state.files.attach(state.snowflake(), named, ephemeral=ephemeral)
        attachment.description = entry.get("description")
        attachments.append(attachment)
    return attachments


def _embed(state: State, message: Message, given: Json) -> Json:
    """An embed as Discord answers it, `attachment://name` replaced by the file's address."""
    embed = {name: value for name, value in given.items() if value is not None}
    embed["type"] = "rich"
    if embed.get("fields"):
        embed["fields"] = [{"inline": False, **field} for field in embed["fields"]]
    for name, key in (
        ("image", "url"),
        ("thumbnail", "url"),
        ("author", "icon_url"),
        ("footer", "icon_url"),
    ):
        part = embed.get(name)
        if part and str(part.get(key, "")).startswith("attachment://"):
            embed[name] = part | _media(state, message, part[key], key)
    return embed


def _media(state: State, message: Message, address: str, key: str) -> Json:
    filename = address.removeprefix("attachment://")
    for attachment in message.attachments:
        if attachment.filename == filename:
            shown = render.attachment(state, message.channel_id, attachment)
            found: Json = {key: shown["url"], f"proxy_{key}": shown["url"]}
            size = {"width": attachment.width or 0, "height": attachment.height or 0}
            return found | (size if key == "url" else {})
    return {}


def _resolve_media(
    state: State, message: Message, component: Json, path: tuple[str | int, ...]
) -> None:
    """Fills in what `attachment://name` stands for in V2 components."""
    kind = component["type"]
    if kind == GALLERY:
        for item in component["items"]:
            item.setdefault("description", None)
            item.setdefault("spoiler", False)
            item["media"] = _unfurled(state, message, item["media"], (*path, "items"))
    elif kind == THUMBNAIL:
        component["media"] = _unfurled(state, message, component["media"], path)
    elif kind == FILE:
        component["file"] = _unfurled(state, message, component["file"], path)
        for attachment in message.attachments:
            if attachment.id == component["file"].get("attachment_id"):
                component["name"] = attachment.filename
                component["size"] = attachment.size


def _unfurled(state: State, message: Message, media: Json, path: tuple[str | int, ...]) -> Json:
    address = media["url"]
    filename = address.removeprefix("attachment://")
    if filename == address:
        return {"id": state.snowflake(), "proxy_url": address, **media}
    for attachment in message.attachments:
        if attachment.filename == filename:
            shown = render.attachment(state, message.channel_id, attachment)
            names = ("url", "proxy_url", "width", "height", "content_type")
            known = {name: shown[name] for name in names if name in shown}
            return {"id": state.snowflake(), "attachment_id": attachment.id, **known}
    sentence = f"The referenced attachment '{filename}' was not found"
    raise invalid(path, "COMPONENT_INVALID_ATTACHMENT", sentence)


def _poll(state: State, given: Json | None) -> Json | None:
    if given is None:
        return None
    hours = given.get("duration") or 24
    answers = [
        {"answer_id": number, "poll_media": answer["poll_media"]}
        for number, answer in enumerate(given["answers"], 1)
    ]
    return {
        "question": {"text": given["question"]["text"]},
        "answers": answers,
        "expiry": iso(state.clock.now() + hours * 3600),
        "allow_multiselect": bool(given.get("allow_multiselect")),
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }
