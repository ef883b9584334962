"""Pictures of recent messages for models that see, fetched from Discord's own host alone."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from cachetools import TTLCache
from yarl import URL

from core.backends.http import Http, HttpCall
from core.backends.limits import TimeLimits
from core.backends.spec import Spec
from core.backends.types import Image
from core.chat.message import Attachment, Message
from core.detect import sees_by_name
from core.errors import TavernError
from core.kind import Kind
from core.models_in_use.backend_pool import ModelFacts
from core.network import AddressClass, AddressPolicy
from core.untrusted.pictures import picture_type

log = logging.getLogger(__name__)

MOST = 4
"""Pictures in one request, the newest ones: each costs hundreds of tokens."""
MESSAGES = 20
"""Newest messages whose pictures are looked at."""
LARGEST = 5 << 20
"""Bytes of one picture: Claude's limit, the smallest of all vendors."""
TOGETHER = 16 << 20
KEPT = 32 << 20
"""Bytes kept in memory for the next replies."""
KEPT_SECONDS = 900.0
TIMES = TimeLimits(first=10, silence=5, total=15)
DISCORD = "cdn.discordapp.com"
DISCORD_TOO = "media.discordapp.net"


def sees(spec: Spec, kind: Kind, facts: ModelFacts, wish: str = "auto") -> bool:
    """Whether pictures are sent: where this kind of request takes them and the model sees.

    `wish` on or off goes before what server, row and name tell.
    """
    traits = spec.traits(facts.model)
    if traits.images == "none":
        return False
    if kind is Kind.TEXT and traits.images != "base64":
        return False
    if wish != "auto":
        return wish == "on"
    told = facts.probe.sees if facts.probe.sees is not None else traits.sees
    return sees_by_name(facts.model) if told is None else told


def shows(message: Message) -> bool:
    return any(is_picture(file) for file in message.attachments)


def is_picture(file: Attachment) -> bool:
    return file.content_type.startswith("image/")


class Pictures:
    """Fetches and briefly keeps pictures. `cdn_url` is the operator's name for Discord's host."""

    def __init__(self, http: Http, cdn_url: str) -> None:
        self._http = http
        self._home = URL(cdn_url)
        self._reach: AddressClass | None = None
        self._kept: TTLCache[int, Image] = TTLCache(
            KEPT, KEPT_SECONDS, getsizeof=lambda image: len(image.data)
        )

    async def of(self, messages: Sequence[Message]) -> Mapping[int, Image]:
        """The newest pictures of these messages by the ids of their attachments.

        What cannot be had is left out; nothing is raised.
        """
        wanted = [
            file
            for message in messages[-MESSAGES:]
            for file in message.attachments
            if is_picture(file) and 0 < file.size <= LARGEST and self._is_at_home(file.url)
        ][-MOST:]
        found = await asyncio.gather(*(self._one(file) for file in wanted))
        chosen: dict[int, Image] = {}
        room = TOGETHER
        for file, image in reversed(list(zip(wanted, found, strict=True))):
            if image is not None and len(image.data) <= room:
                room -= len(image.data)
                chosen[file.id] = image
        return dict(reversed(chosen.items()))

    def _is_at_home(self, text: str) -> bool:
        try:
            url = URL(text)
        except ValueError:
            return False
        if url.scheme != self._home.scheme or url.user or url.password:
            return False
        if (url.host, url.port) == (self._home.host, self._home.port):
            return True
        return self._home.host == DISCORD and url.host == DISCORD_TOO and url.port == 443

    async def _one(self, file: Attachment) -> Image | None:
        if (known := self._kept.get(file.id)) is not None:
            return known
        try:
            data = await self._fetched(file.url)
        except TavernError as error:
            log.info("a picture could not be fetched: %s", error.code)
            return None
        kind = picture_type(data)
        if not kind:
            return None
        image = self._kept[file.id] = Image(data, kind)
        return image

    async def _fetched(self, url: str) -> bytes:
        if self._reach is None:
            approved = await AddressPolicy(everyone=True).approve(str(self._home), owner=True)
            self._reach = approved.reach
        pieces = []
        call = HttpCall("GET", url, times=TIMES, where="Discord")
        async with self._http.reaching(self._reach).ok(call) as answer:
            while piece := await answer.chunk(LARGEST):
                pieces.append(piece)
        return b"".join(pieces)
