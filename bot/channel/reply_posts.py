"""Posts each message of a reply once, though Discord's answers get lost.

A webhook knows no nonce: a repeated post is a second message. So a post whose answer was lost is
looked for in the channel before it is repeated, and once more when the reply is shown.
"""

import secrets
from collections.abc import Collection
from contextlib import suppress
from functools import partial

from bot.channel.buttons import BARE
from bot.channel.message_diff import Step
from bot.channel.reply import Output
from bot.limits import requests
from bot.limits.requests import TROUBLE, Failure, Stalled, failure_of
from bot.outgoing.senders import Sender


class ReplyPosts:
    """The posts of one reply."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._nonce = secrets.randbits(60)
        self._doubtful: list[tuple[Step, Sender]] = []
        """Posts through a webhook whose answer was lost; they may stand in the channel."""
        self._newest = 0
        """The newest message before the first of them."""

    async def post(self, step: Step, sender: Sender, known: Collection[int]) -> tuple[int, Sender]:
        """The new message's id and who wrote it. `known`: the reply's messages that show."""
        for doubtful in [one for one in self._doubtful if one[0].index == step.index]:
            for message_id in await self._find(*doubtful, known):
                self._doubtful.remove(doubtful)
                return message_id, doubtful[1]
        if not self._doubtful:
            self._newest = self._output.newest()
        text, view = step.text or "", (step.row or BARE).view()
        try:
            post = partial(sender.post, text, view, self._nonce + step.index)
            return await requests.run(post), sender
        except Exception as error:
            unsure = not isinstance(error, Stalled) or error.unsure
            if failure_of(error) is Failure.PASSING and sender.is_webhook and unsure:
                self._doubtful.append((step, sender))
            raise

    async def take_back_doubles(self, known: Collection[int]) -> None:
        """Removes posts that appeared after they had been given up and repeated."""
        with suppress(*TROUBLE):
            for step, sender in self._doubtful:
                found = await requests.patiently(partial(self._find, step, sender, known))
                await self._output.sweep(found)

    async def _find(self, step: Step, sender: Sender, known: Collection[int]) -> list[int]:
        # Somebody may have pressed its buttons already: only what is known tells what was lost.
        found = await sender.find(step.text or "", self._newest)
        return [message_id for message_id in found if message_id not in known]
