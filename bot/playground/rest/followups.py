"""What an interaction's token allows after the first answer: `@original` and follow-ups."""

from bot.playground.people.interactions import Interaction
from bot.playground.rest import compose
from bot.playground.rest.call import Call
from bot.playground.rest.interactions import dress, sender, without_references
from bot.playground.rules.errors import Json, refuse
from bot.playground.world import render
from bot.playground.world.models import Message, MessageFlag, MessageType


def concerns(call: Call) -> bool:
    """Whether a webhook path is an interaction's: its id is the application's."""
    return call.ids["webhook_id"] == call.simulation.state.application.id


def _interaction(call: Call) -> Interaction:
    return call.simulation.interactions.by_token(call.ids["token"])


def _message(call: Call, interaction: Interaction) -> Message:
    message_id = call.ids["message_id"]
    if message_id == "@original":
        message_id = interaction.response_id or ""
    if message_id not in interaction.message_ids:
        raise refuse(10008)
    state = call.simulation.state
    if interaction.channel.id not in state.channels:
        raise refuse(10003)
    return state.shown(interaction.user_id, interaction.channel, message_id)


def create(call: Call) -> Json:
    """A follow-up; after a deferral the first one becomes the awaited answer."""
    interaction, state = _interaction(call), call.simulation.state
    channel = interaction.channel
    if interaction.is_loading:
        call.ids = {**call.ids, "message_id": "@original"}
        return edit(call)
    body = without_references(call.json())
    message = compose.create(state, channel, body, call.files, sender(call, channel))
    dress(call, interaction, message)
    if interaction.response_id:
        message.type = MessageType.REPLY
        message.reference = {
            "type": 0,
            "channel_id": channel.id,
            "message_id": interaction.response_id,
        }
        if channel.guild_id:
            message.reference["guild_id"] = channel.guild_id
    call.simulation.changes.post(channel, message)
    return render.message(state, message, call.bot_id)


def one(call: Call) -> Json:
    message = _message(call, _interaction(call))
    return render.message(call.simulation.state, message, call.bot_id)


def edit(call: Call) -> Json:
    interaction, state = _interaction(call), call.simulation.state
    message, channel = _message(call, interaction), interaction.channel
    compose.fill(state, channel, message, call.json(), call.files, sender(call, channel))
    if MessageFlag.LOADING in message.flags:
        message.flags &= ~MessageFlag.LOADING
        interaction.is_loading = False
    else:
        compose.mark_edited(state, message)
    call.simulation.changes.updated(channel, message)
    return render.message(state, message, call.bot_id)


def delete(call: Call) -> None:
    interaction = _interaction(call)
    message = _message(call, interaction)
    interaction.is_loading = False
    if message.audience is not None:
        call.simulation.changes.dismiss(interaction.channel, message)
    else:
        call.simulation.changes.delete(interaction.channel, [message.id])
