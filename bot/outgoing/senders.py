"""How a character speaks in a channel: through a webhook, or as the bot with its name in bold."""

import abc
from typing import TypeAlias

import discord
from discord.utils import MISSING, escape_markdown

from bot.discord_text.display_names import display
from bot.limits.request_scheduler import Key, edit_key, post_key, webhook_key

Room: TypeAlias = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.Thread
    | discord.DMChannel
    | discord.PartialMessageable
)
"""A channel in which people write."""

NOBODY = discord.AllowedMentions.none()
"""Model text never pings; given with every send and edit, whatever the client's default is."""


class Sender(abc.ABC):
    """Posts and edits one character's messages in one channel."""

    prefix: str = ""
    """Stands before the text in the first message."""
    post_limit: Key
    edit_limit: Key
    is_webhook: bool = False

    def __init__(self, room: Room) -> None:
        self.room = room

    @abc.abstractmethod
    async def post(self, text: str, view: discord.ui.View, nonce: int) -> int:
        """Posts a message and returns its id. A repeat with the same nonce is no second message
        where `is_webhook` is False."""

    @abc.abstractmethod
    async def edit(self, message_id: int, text: str | None, view: discord.ui.View | None) -> None:
        """Changes what is given. An empty view removes the buttons."""

    @abc.abstractmethod
    async def delete(self, message_id: int) -> None: ...

    async def find(self, text: str, after: int) -> list[int]:
        """Messages of this sender with this text after an id; a repeat by nonce needs no search."""
        return []


class BotSender(Sender):
    """The bot's own messages. `name` None: the bot speaks for itself."""

    def __init__(self, room: Room, name: str | None = None) -> None:
        super().__init__(room)
        self.prefix = f"**{escape_markdown(display(name))}**\n" if name else ""
        self.post_limit, self.edit_limit = post_key(room.id), edit_key(room.id)

    async def post(self, text: str, view: discord.ui.View, nonce: int) -> int:
        # Discord returns the first message to a repeat with its nonce.
        sent = await self.room.send(
            text, view=view, nonce=nonce, suppress_embeds=True, allowed_mentions=NOBODY
        )
        return sent.id

    async def edit(self, message_id: int, text: str | None, view: discord.ui.View | None) -> None:
        await self.room.get_partial_message(message_id).edit(
            content=MISSING if text is None else text,
            view=MISSING if view is None else view,
            allowed_mentions=NOBODY,
        )

    async def delete(self, message_id: int) -> None:
        await self.room.get_partial_message(message_id).delete()


class WebhookSender(Sender):
    """A webhook's messages under the character's own name and picture."""

    is_webhook = True

    def __init__(self, room: Room, webhook: discord.Webhook, name: str) -> None:
        super().__init__(room)
        self.webhook = webhook
        self._name = name
        self._thread = discord.Object(room.id) if isinstance(room, discord.Thread) else MISSING
        self.post_limit = self.edit_limit = webhook_key(webhook.id)

    async def post(self, text: str, view: discord.ui.View, nonce: int) -> int:
        sent = await self.webhook.send(
            text,
            username=self._name,
            view=view,
            thread=self._thread,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
            wait=True,
        )
        return sent.id

    async def edit(self, message_id: int, text: str | None, view: discord.ui.View | None) -> None:
        await self.webhook.edit_message(
            message_id,
            content=MISSING if text is None else text,
            view=MISSING if view is None else view,
            thread=self._thread,
            allowed_mentions=NOBODY,
        )

    async def delete(self, message_id: int) -> None:
        await self.webhook.delete_message(message_id, thread=self._thread)

    async def find(self, text: str, after: int) -> list[int]:
        history = self.room.history(limit=50, after=discord.Object(after), oldest_first=True)
        return [
            message.id
            async for message in history
            if message.content == text and message.webhook_id == self.webhook.id
        ]
