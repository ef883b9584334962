"""Who uses a saved connection: channels, threads, characters, or a whole server by default."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.chat.place import Place, Scope
from core.options.table import Stored


@dataclass(frozen=True, slots=True)
class ConnectionUsers:
    """Ids; each channel and thread once. `by_default`: it is a server's or category's own."""

    channels: tuple[int, ...] = ()
    threads: tuple[int, ...] = ()
    characters: tuple[int, ...] = ()
    by_default: bool = False

    def __bool__(self) -> bool:
        return bool(self.channels or self.threads or self.characters)


def users_of(
    name: str, chosen: Sequence[Stored], playing: Iterable[Place], besides: Place | None = None
) -> ConnectionUsers:
    """Who has chosen the connection, and who follows a choice made for a wider scope.

    `chosen`: every choice of a connection; `playing`: where characters play. `besides`: the place
    that is left out, with the threads that follow it.
    """
    names = {(row.scope, row.scope_id): str(row.value).casefold() for row in chosen}
    wanted = name.casefold()
    using = [key for key, value in names.items() if value == wanted]
    channels = {id_ for scope, id_ in using if scope is Scope.CHANNEL}
    threads = {id_ for scope, id_ in using if scope is Scope.THREAD}
    for place in playing:
        choice = next((scope for scope in place.scopes() if scope in names), None)
        if choice is None or names[choice] != wanted or _goes_with(place, besides, choice):
            continue
        (threads if place.thread_id else channels).add(place.id)
    if besides is not None:
        channels.discard(besides.id)
        threads.discard(besides.id)
    return ConnectionUsers(
        channels=tuple(sorted(channels)),
        threads=tuple(sorted(threads)),
        characters=tuple(sorted(id_ for scope, id_ in using if scope is Scope.CHARACTER)),
        by_default=any(scope in (Scope.SERVER, Scope.CATEGORY) for scope, _ in using),
    )


def _goes_with(place: Place, besides: Place | None, choice: tuple[Scope, int]) -> bool:
    """Whether a thread takes what its channel has, which is the place that is left out."""
    is_thread_of_it = (
        besides is not None
        and besides.thread_id is None
        and place.thread_id is not None
        and place.channel_id == besides.channel_id
    )
    return is_thread_of_it and choice[0] is not Scope.THREAD
