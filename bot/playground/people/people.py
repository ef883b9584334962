"""What a person does without the bot: writing, editing, deleting, reacting, opening threads."""

from collections.abc import Sequence

from bot.playground.people.options import Impossible
from bot.playground.rest import compose
from bot.playground.rest.compose import Sender
from bot.playground.rules import mentions
from bot.playground.rules.errors import Json
from bot.playground.rules.permissions import Permission
from bot.playground.simulation import Simulation
from bot.playground.world.models import WRITABLE, Channel, ChannelType, Message, Upload, User


def send(
    simulation: Simulation,
    user_id: str,
    channel: Channel,
    body: Json,
    files: Sequence[Upload] = (),
) -> Message:
    """A message of a person; `body` as for Discord's Create Message. Raises Impossible, Refused."""
    state = simulation.state
    rights = state.permissions(user_id, channel)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES
    if channel.type not in WRITABLE or not state.sees(user_id, channel) or needed not in rights:
        raise Impossible("You may not write in this channel.")
    if channel.thread and channel.thread.locked and Permission.MANAGE_THREADS not in rights:
        raise Impossible("This thread is locked.")
    if files and Permission.ATTACH_FILES not in rights:
        raise Impossible("You may not attach files in this channel.")
    sender = Sender(user_id, rights, mentions.EVERYTHING)
    message = compose.create(state, channel, body, files, sender)
    simulation.changes.post(channel, message)
    return message


def edit(
    simulation: Simulation, user_id: str, channel: Channel, message_id: str, content: str
) -> Message:
    state = simulation.state
    message = state.message(channel, message_id)
    if message.author is not None or message.author_id != user_id:
        raise Impossible("You can edit only your own messages.")
    sender = Sender(user_id, state.permissions(user_id, channel))
    compose.fill(state, channel, message, {"content": content}, (), sender)
    compose.mark_edited(state, message)
    simulation.changes.updated(channel, message)
    return message


def delete(simulation: Simulation, user_id: str, channel: Channel, message_id: str) -> None:
    """Deletes a message, or dismisses an ephemeral one."""
    state = simulation.state
    message = state.shown(user_id, channel, message_id)
    if message.audience is not None:
        simulation.changes.dismiss(channel, message)
        return
    own = message.author is None and message.author_id == user_id
    if not own and Permission.MANAGE_MESSAGES not in state.permissions(user_id, channel):
        raise Impossible("You may not delete this message.")
    simulation.changes.delete(channel, [message.id])


def react(
    simulation: Simulation, user_id: str, channel: Channel, message_id: str, emoji: str
) -> None:
    """Adds the person's reaction, or takes it back."""
    state = simulation.state
    message = state.message(channel, message_id)
    if user_id in message.reactions.get(emoji, ()):
        simulation.changes.unreact(channel, message, emoji, user_id)
        return
    if Permission.ADD_REACTIONS not in state.permissions(user_id, channel):
        raise Impossible("You may not react in this channel.")
    simulation.changes.react(channel, message, emoji, user_id)


def open_thread(
    simulation: Simulation,
    user_id: str,
    parent: Channel,
    name: str,
    message_id: str | None = None,
    content: str = "",
) -> Channel:
    """A thread below a message or alone, or a forum post with its first message."""
    state = simulation.state
    if parent.thread or parent.guild_id is None or not name.strip():
        raise Impossible("A thread needs a server channel and a name.")
    starter = state.message(parent, message_id) if message_id else None
    if starter is not None and starter.thread_id:
        raise Impossible("This message has a thread already.")
    is_post = parent.type is ChannelType.FORUM
    if is_post and not content.strip():
        raise Impossible("A post needs a first message.")
    if is_post:
        return _post(simulation, user_id, parent, name.strip(), content)
    thread = state.add_thread(
        parent, name.strip(), user_id, snowflake=starter.id if starter else None
    )
    simulation.changes.open_thread(parent, thread, starter)
    return thread


def _post(simulation: Simulation, user_id: str, forum: Channel, name: str, content: str) -> Channel:
    """A forum post takes the id of its first message."""
    state = simulation.state
    sender = Sender(user_id, state.permissions(user_id, forum))
    first = compose.create(state, forum, {"content": content}, (), sender)
    thread = state.add_thread(forum, name, user_id, snowflake=first.id)
    first.channel_id = thread.id
    simulation.changes.open_thread(forum, thread, None)
    simulation.changes.post(thread, first)
    return thread


def new_user(simulation: Simulation, name: str) -> User:
    """Somebody new, who joins every server."""
    if not name.strip():
        raise Impossible("Somebody new needs a name.")
    user = simulation.state.add_user(name.strip())
    for guild in simulation.state.guilds.values():
        simulation.state.add_member(guild, user)
        simulation.changes.member_joined(guild, user.id)
    return user
