"""The first answer to an interaction."""

from bot.playground.people.interactions import Interaction, Kind, Reply
from bot.playground.rest import compose
from bot.playground.rest.call import Answer, Call, Route
from bot.playground.rest.compose import Sender
from bot.playground.rules import modal_rules
from bot.playground.rules.errors import Json, invalid
from bot.playground.rules.mentions import USERS_ONLY
from bot.playground.rules.schema import demand
from bot.playground.world import render
from bot.playground.world.models import Channel, Message, MessageFlag, MessageType

_COMMON = (Reply.MESSAGE, Reply.DEFERRED_MESSAGE)
_CHANGING = (Reply.DEFERRED_UPDATE, Reply.UPDATE)


def _allowed(interaction: Interaction) -> tuple[Reply, ...]:
    if interaction.kind is Kind.AUTOCOMPLETE:
        return (Reply.CHOICES,)
    changing = _CHANGING if interaction.can_update else ()
    modal = (Reply.MODAL,) if interaction.kind is not Kind.MODAL else ()
    return (*_COMMON, *changing, *modal)


async def answer(call: Call) -> Answer:
    """Takes the callback; with `with_response` it tells what came of it."""
    interactions, body = call.simulation.interactions, call.json()
    interaction = interactions.open(call.ids["interaction_id"], call.ids["token"])
    allowed = _allowed(interaction)
    if body.get("type") not in allowed:
        listed = ", ".join(str(int(each)) for each in allowed)
        raise invalid(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
    reply = Reply(body["type"])
    call.body, whole = body.get("data") or {}, call.body
    try:
        message = _carry_out(call, interaction, reply)
    finally:
        call.body = whole
    interactions.acknowledge(interaction, reply)
    if not call.flag("with_response"):
        return Answer(None, 204)
    return Answer(_told(call, interaction, reply, message))


def _carry_out(call: Call, interaction: Interaction, reply: Reply) -> Message | None:
    if reply is Reply.MESSAGE:
        return _respond(call, interaction)
    if reply is Reply.DEFERRED_MESSAGE:
        return _think(call, interaction)
    if reply is Reply.UPDATE:
        return _update(call, interaction)
    if reply is Reply.DEFERRED_UPDATE:
        _adopt(interaction, source(call, interaction))
    elif reply is Reply.CHOICES:
        _choose(call, interaction)
    elif reply is Reply.MODAL:
        demand(modal_rules.modal(), call.json())
        modal_rules.check(call.json()["components"])
        interaction.modal = modal_rules.finished(call.json())
        call.simulation.interactions.tell(interaction, "MODAL", interaction.modal)
    return None


def without_references(body: Json) -> Json:
    """Webhooks know neither replies nor nonces nor stickers; Discord passes over them."""
    unknown = ("message_reference", "nonce", "enforce_nonce", "sticker_ids")
    return {name: value for name, value in body.items() if name not in unknown}


def sender(call: Call, channel: Channel) -> Sender:
    """Interaction answers ping only users unless told otherwise."""
    rights = call.simulation.state.permissions(call.bot_id, channel)
    return Sender(call.bot_id, rights, USERS_ONLY, may_be_ephemeral=True)


def dress(call: Call, interaction: Interaction, message: Message) -> None:
    """Gives a message the marks of an interaction's answer."""
    message.webhook_id = message.application_id = call.simulation.state.application.id
    message.interaction = metadata(call, interaction)
    if MessageFlag.EPHEMERAL in message.flags:
        message.audience = interaction.user_id
    interaction.message_ids.add(message.id)


def metadata(call: Call, interaction: Interaction) -> Json:
    """`interaction_metadata`: who did what."""
    state = call.simulation.state
    kind = Kind.COMMAND if interaction.kind is Kind.AUTOCOMPLETE else interaction.kind
    place = {"0": interaction.channel.guild_id or "0"}
    told: Json = {
        "id": interaction.id,
        "type": int(kind),
        "user": render.user(state.users[interaction.user_id]),
        "authorizing_integration_owners": place,
    }
    if kind is Kind.COMMAND:
        told |= {"name": interaction.label, "command_type": interaction.command_type}
    elif kind is Kind.COMPONENT:
        told["interacted_message_id"] = interaction.message_id
    elif interaction.opener is not None:
        told["triggering_interaction_metadata"] = metadata(call, interaction.opener)
    return told


def _respond(call: Call, interaction: Interaction) -> Message:
    state, channel = call.simulation.state, interaction.channel
    body = without_references(call.json())
    message = compose.create(state, channel, body, call.files, sender(call, channel))
    dress(call, interaction, message)
    _set_type(interaction, message)
    _adopt(interaction, message)
    call.simulation.changes.post(channel, message)
    return message


def _think(call: Call, interaction: Interaction) -> Message:
    """A deferred answer shows as a message that is loading."""
    state, channel = call.simulation.state, interaction.channel
    message = Message(state.snowflake(), channel.id, call.bot_id, flags=MessageFlag.LOADING)
    message.flags |= MessageFlag(call.json().get("flags") or 0) & MessageFlag.EPHEMERAL
    dress(call, interaction, message)
    _set_type(interaction, message)
    _adopt(interaction, message)
    interaction.is_loading = True
    call.simulation.changes.post(channel, message)
    return message


def _set_type(interaction: Interaction, message: Message) -> None:
    if interaction.kind is Kind.COMMAND:
        slash = interaction.command_type == 1
        message.type = MessageType.CHAT_INPUT_COMMAND if slash else MessageType.CONTEXT_MENU_COMMAND
    elif interaction.message_id is not None:
        message.type = MessageType.REPLY
        channel = interaction.channel
        message.reference = {
            "type": 0,
            "channel_id": channel.id,
            "message_id": interaction.message_id,
        }
        if channel.guild_id:
            message.reference["guild_id"] = channel.guild_id


def source(call: Call, interaction: Interaction) -> Message:
    """The message the used component stands in."""
    return call.simulation.state.shown(
        interaction.user_id, interaction.channel, interaction.message_id or ""
    )


def _update(call: Call, interaction: Interaction) -> Message:
    state, channel = call.simulation.state, interaction.channel
    message = source(call, interaction)
    compose.fill(state, channel, message, call.json(), call.files, sender(call, channel))
    compose.mark_edited(state, message)
    _adopt(interaction, message)
    call.simulation.changes.updated(channel, message)
    return message


def _adopt(interaction: Interaction, message: Message) -> None:
    interaction.response_id = message.id
    interaction.is_ephemeral = message.audience is not None
    interaction.message_ids.add(message.id)


def _choose(call: Call, interaction: Interaction) -> None:
    demand(modal_rules.choices(), call.json())
    if interaction.choices is not None and not interaction.choices.done():
        interaction.choices.set_result(call.json().get("choices") or [])


def _told(call: Call, interaction: Interaction, reply: Reply, message: Message | None) -> Json:
    told: Json = {
        "id": interaction.id,
        "type": int(interaction.kind),
        "response_message_loading": reply is Reply.DEFERRED_MESSAGE,
        "response_message_ephemeral": interaction.is_ephemeral,
    }
    if interaction.response_id:
        told["response_message_id"] = interaction.response_id
    answered: Json = {"interaction": told}
    if message is not None and reply in (Reply.MESSAGE, Reply.UPDATE):
        shown = render.message(call.simulation.state, message, call.bot_id)
        answered["resource"] = {"type": int(reply), "message": shown}
    return answered


ROUTES = [
    Route("POST", "/interactions/{interaction_id}/{token}/callback", answer, open=True),
]
