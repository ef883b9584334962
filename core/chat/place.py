"""Where something happens and who owns what, told without Discord's types."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where a shared option is set; the narrowest that has a value wins."""

    EVERYWHERE = "everywhere"
    SERVER = "server"
    CATEGORY = "category"
    CHANNEL = "channel"
    THREAD = "thread"
    CHARACTER = "character"
    PERSON = "person"


class OwnerKind(StrEnum):
    """Who a library (characters, lorebooks, presets, connections) belongs to."""

    STOCK = "stock"
    SERVER = "server"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of library rows: a server, a person (in DMs), or the product itself."""

    kind: OwnerKind
    id: int = 0


STOCK = Owner(OwnerKind.STOCK)


@dataclass(frozen=True, slots=True)
class Place:
    """One conversation's place. Snowflakes; `thread_id` also names a forum post.

    In a direct message `guild_id` is None and `channel_id` is the DM channel.
    """

    channel_id: int
    guild_id: int | None = None
    category_id: int | None = None
    thread_id: int | None = None
    person_id: int | None = None
    """The human of a direct message; None in servers."""
    adult: bool = False
    """Whether the channel (or the thread's parent) is age-restricted."""

    @property
    def id(self) -> int:
        """The conversation's own id: thread, else channel."""
        return self.thread_id or self.channel_id

    @property
    def owner(self) -> Owner:
        """Whose library is in reach here."""
        if self.guild_id is not None:
            return Owner(OwnerKind.SERVER, self.guild_id)
        return Owner(OwnerKind.PERSON, self.person_id or 0)

    def scopes(self) -> list[tuple[Scope, int]]:
        """Scopes of shared options, narrowest first (thread > channel > category > server)."""
        ladder = [
            (Scope.THREAD, self.thread_id),
            (Scope.CHANNEL, self.channel_id),
            (Scope.CATEGORY, self.category_id),
            (Scope.SERVER, self.guild_id),
        ]
        return [(scope, id_) for scope, id_ in ladder if id_ is not None] + [(Scope.EVERYWHERE, 0)]

    def nearest(self, scope: str) -> tuple[Scope, int]:
        """Where this scope is here: the channel where there is no such thing (direct messages)."""
        ids = {found.value: (found, id_) for found, id_ in self.scopes()}
        return ids.get(scope, (Scope.CHANNEL, self.channel_id))

    def narrowest(self, scope: str) -> tuple[Scope, int]:
        """As `nearest`, but what is said of the channel in a thread is meant of the thread."""
        return self.nearest(Scope.THREAD if scope == Scope.CHANNEL and self.thread_id else scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who does something. `manager`: may change this server's settings."""

    id: int
    name: str
    manager: bool = False
    owner: bool = False
    """Whether this is the bot's owner or a member of its team."""
