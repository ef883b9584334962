"""Webhooks: make, find, change, delete, and speak through them."""

import hmac

from bot.playground.people.interactions import webhook_token
from bot.playground.rest import compose, followups
from bot.playground.rest.call import Call, Route
from bot.playground.rest.compose import Sender
from bot.playground.rest.interactions import without_references
from bot.playground.rules import mentions, strict
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.permissions import ALL, Permission
from bot.playground.rules.schema import demand, record, text
from bot.playground.world import render
from bot.playground.world.models import Channel, ChannelType, Message, Webhook

IN_A_CHANNEL = 15
_FIELDS = {"name": text(80, 1), "avatar": text(15_000_000)}


async def create(call: Call) -> Json:
    state, body = call.simulation.state, call.json()
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    if channel.thread or channel.guild_id is None:
        raise refuse(50024)
    demand(record(_FIELDS, ("name",)), body)
    strict.check_webhook_name(body["name"], ("name",))
    here = [each for each in state.webhooks.values() if each.channel_id == channel.id]
    if len(here) >= IN_A_CHANNEL:
        raise refuse(30007)
    webhook = Webhook(
        state.snowflake(),
        webhook_token(),
        channel.id,
        channel.guild_id,
        body["name"].strip(),
        call.bot_id,
        state.application.id,
    )
    if body.get("avatar"):
        webhook.avatar = state.files.keep_avatar(webhook.id, body["avatar"])
    state.webhooks[webhook.id] = webhook
    call.simulation.changes.webhooks_updated(webhook)
    return render.webhook(state, webhook)


async def of_channel(call: Call) -> list[Json]:
    state, channel = call.simulation.state, call.channel(Permission.MANAGE_WEBHOOKS)
    return [
        render.webhook(state, each)
        for each in state.webhooks.values()
        if each.channel_id == channel.id
    ]


async def of_guild(call: Call) -> list[Json]:
    state = call.simulation.state
    call.require_in_guild(call.ids["guild_id"], Permission.MANAGE_WEBHOOKS)
    return [
        render.webhook(state, each)
        for each in state.webhooks.values()
        if each.guild_id == call.ids["guild_id"]
    ]


def _found(call: Call) -> Webhook:
    """The webhook of the path: by its token, or by the bot's rights in its channel."""
    webhook = call.simulation.state.webhook(call.ids["webhook_id"])
    if "token" not in call.ids:
        call.require(call.simulation.state.channel(webhook.channel_id), Permission.MANAGE_WEBHOOKS)
    elif not hmac.compare_digest(webhook.token, call.ids["token"]):
        raise refuse(50027)
    return webhook


async def one(call: Call) -> Json:
    return render.webhook(call.simulation.state, _found(call), by_token="token" in call.ids)


async def edit(call: Call) -> Json:
    state, webhook, body = call.simulation.state, _found(call), call.json()
    demand(record(_FIELDS), body)
    if body.get("name") is not None:
        strict.check_webhook_name(body["name"], ("name",))
        webhook.name = body["name"].strip()
    if "avatar" in body:
        given = body["avatar"]
        webhook.avatar = state.files.keep_avatar(webhook.id, given) if given else None
    if body.get("channel_id") and "token" not in call.ids:
        webhook.channel_id = state.channel(str(body["channel_id"])).id
    call.simulation.changes.webhooks_updated(webhook)
    return render.webhook(state, webhook, by_token="token" in call.ids)


async def delete(call: Call) -> None:
    webhook = _found(call)
    del call.simulation.state.webhooks[webhook.id]
    call.simulation.changes.webhooks_updated(webhook)


async def execute(call: Call) -> Json | None:
    if followups.concerns(call):
        return followups.create(call)
    state, webhook = call.simulation.state, _found(call)
    body = without_references(call.json())
    channel = _place(call, webhook)
    sender = Sender(webhook.id, ALL, mentions.USERS_ONLY)
    if body.get("username") is not None:
        strict.check_webhook_name(str(body["username"]), ("username",))
    message = compose.create(state, channel, body, call.files, sender)
    message.author = _author(call, webhook, body)
    message.webhook_id = webhook.id
    message.application_id = webhook.application_id
    if channel.type is ChannelType.FORUM:
        channel = _post(call, channel, message, body)
    elif channel.thread and channel.thread.locked:
        raise refuse(160005)
    call.simulation.changes.post(channel, message)
    return render.message(state, message, call.bot_id) if call.flag("wait") else None


def _place(call: Call, webhook: Webhook) -> Channel:
    """The channel, or the thread of it, that a webhook speaks in."""
    state = call.simulation.state
    channel = state.channel(webhook.channel_id)
    thread_id, thread_name = call.query.get("thread_id"), call.json().get("thread_name")
    if thread_id:
        thread = state.channels.get(thread_id)
        if thread is None or thread.parent_id != channel.id or thread.thread is None:
            raise refuse(10003)
        return thread
    if channel.type is ChannelType.FORUM and not thread_name:
        raise refuse(220001)
    if thread_name and channel.type is not ChannelType.FORUM:
        raise refuse(220003)
    return channel


def _post(call: Call, forum: Channel, message: Message, body: Json) -> Channel:
    thread = call.simulation.state.add_thread(
        forum, body["thread_name"], message.author_id, snowflake=message.id
    )
    message.channel_id = thread.id
    call.simulation.changes.open_thread(forum, thread, None)
    return thread


def _author(call: Call, webhook: Webhook, body: Json) -> Json:
    """A webhook's message carries its own name and face, or those given with it."""
    avatar = webhook.avatar
    if body.get("avatar_url"):
        avatar = call.simulation.state.files.point_avatar(webhook.id, body["avatar_url"])
    return {
        "id": webhook.id,
        "username": (body.get("username") or webhook.name).strip(),
        "avatar": avatar,
        "discriminator": "0000",
        "public_flags": 0,
        "flags": 0,
        "bot": True,
        "global_name": None,
        "primary_guild": None,
    }


def _spoken(call: Call) -> tuple[Channel, Message]:
    """A message this webhook wrote; in a thread it is found only with `thread_id`."""
    state, webhook = call.simulation.state, _found(call)
    channel = state.channel(call.query.get("thread_id") or webhook.channel_id)
    message = channel.messages.get(call.ids["message_id"])
    if message is None or message.webhook_id != webhook.id:
        raise refuse(10008)
    return channel, message


async def message(call: Call) -> Json:
    if followups.concerns(call):
        return followups.one(call)
    return render.message(call.simulation.state, _spoken(call)[1], call.bot_id)


async def edit_message(call: Call) -> Json:
    if followups.concerns(call):
        return followups.edit(call)
    state = call.simulation.state
    channel, spoken = _spoken(call)
    if channel.thread and channel.thread.archived:
        raise refuse(50083)
    sender = Sender(spoken.author_id, ALL, mentions.USERS_ONLY)
    compose.fill(state, channel, spoken, call.json(), call.files, sender)
    compose.mark_edited(state, spoken)
    call.simulation.changes.updated(channel, spoken)
    return render.message(state, spoken, call.bot_id)


async def delete_message(call: Call) -> None:
    if followups.concerns(call):
        followups.delete(call)
        return
    channel, spoken = _spoken(call)
    if channel.thread and channel.thread.archived:
        raise refuse(50083)
    call.simulation.changes.delete(channel, [spoken.id])


BY_ID, BY_TOKEN = "/webhooks/{webhook_id}", "/webhooks/{webhook_id}/{token}"
ROUTES = [
    Route("POST", "/channels/{channel_id}/webhooks", create),
    Route("GET", "/channels/{channel_id}/webhooks", of_channel),
    Route("GET", "/guilds/{guild_id}/webhooks", of_guild),
    Route("GET", BY_ID, one),
    Route("PATCH", BY_ID, edit),
    Route("DELETE", BY_ID, delete),
    Route("GET", BY_TOKEN, one, open=True),
    Route("PATCH", BY_TOKEN, edit, open=True),
    Route("DELETE", BY_TOKEN, delete, open=True),
    Route("POST", BY_TOKEN, execute, open=True),
    Route("GET", BY_TOKEN + "/messages/{message_id}", message, open=True),
    Route("PATCH", BY_TOKEN + "/messages/{message_id}", edit_message, open=True),
    Route("DELETE", BY_TOKEN + "/messages/{message_id}", delete_message, open=True),
]
