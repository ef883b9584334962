"""The connections in reach of a place, and what a new or changed one would be."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import count
from typing import NamedTuple

from core.backends.api_client import stored_url
from core.backends.catalog import Catalog
from core.chat.place import Actor, Place, Scope
from core.errors import (
    InvalidOption,
    NotConfigured,
    NotFound,
    TavernError,
    Unreachable,
)
from core.kind import Kind
from core.network import AddressClass, AddressPolicy, uniform_refusal
from core.options.table import CONNECTION, Resolved
from core.policy.permissions import Action, demand
from core.services.connection_users import ConnectionUsers, users_of
from core.services.options import OptionService
from core.settings import OfferedConnection, Settings
from core.storage.connections import Connection, ConnectionStore
from core.storage.stories import StoryStore

REHEARSAL = "rehearsal"
"""The offline stand-in, which counts as no model."""


class Saved(NamedTuple):
    """`dropped`: a key was left out because the address changed; `is_first`: the server's first,
    which answers in all of it."""

    connection: Connection
    dropped: bool = False
    is_first: bool = False


class SavedConnections:
    """The connections in reach of a place: its owner's own and those the operator offers."""

    def __init__(
        self,
        store: ConnectionStore,
        stories: StoryStore,
        options: OptionService,
        catalog: Catalog,
        settings: Settings,
    ) -> None:
        self._store = store
        self._stories = stories
        self._options = options
        self._catalog = catalog
        self._settings = settings
        self._policy = AddressPolicy.of(settings.network.private_backends)
        self._known_offers: dict[str, Connection] = {}

    @property
    def keys_persist(self) -> bool:
        return self._store.keys_persist

    def may_look_around(self, actor: Actor) -> bool:
        """Whether local servers may be looked for on this person's behalf.

        For others it would be a way to scan the ports of the host's network.
        """
        return actor.owner or self._policy.everyone

    async def list(self, place: Place) -> list[Connection]:
        """Everything that can be used here, own ones first."""
        own = await self._store.list(place.owner)
        names = {connection.name.casefold() for connection in own}
        rows = [row for row in self._settings.connections if row.name.casefold() not in names]
        offered = [await self._sound(row) for row in rows]
        return own + [connection for connection in offered if connection is not None]

    async def offer_fault(self, row: OfferedConnection) -> TavernError | None:
        """Why the operator's connection can't be used; None where it can."""
        try:
            await self._offered(row)
        except TavernError as error:
            return error
        return None

    async def offer_faults(self) -> Mapping[str, TavernError]:
        """The operator's connections that can't be used, by name; they are left out of lists."""
        rows = self._settings.connections
        faults = await gather(*map(self.offer_fault, rows))
        return {row.name: fault for row, fault in zip(rows, faults, strict=True) if fault}

    async def _sound(self, row: OfferedConnection) -> Connection | None:
        """The operator's connection; None where it is faulty, which the others must not suffer."""
        try:
            return await self._offered(row)
        except TavernError:
            return None

    async def find(self, place: Place, name: str) -> Connection:
        """The connection of this name. Raises NotFound."""
        found = await self.named(place, name)
        if found is None:
            names = {one.name.casefold(): one.name for one in await self.list(place)}
            near = get_close_matches(name.strip().casefold(), names, n=1)
            raise NotFound(what="connection", name=name, near=names[near[0]] if near else "")
        return found

    async def named(self, place: Place, name: str) -> Connection | None:
        wanted = name.strip().casefold()
        here = await self.list(place)
        return next((one for one in here if one.name.casefold() == wanted), None)

    async def resolve(self, place: Place, options: Resolved) -> Connection:
        """The one that answers here. Raises NotConfigured."""
        wish = options[CONNECTION]
        if wish and (found := await self.named(place, wish)) is not None:
            return found
        for row in self._settings.connections:
            if row.default and (offered := await self._sound(row)) is not None:
                return offered
        raise NotConfigured(what="model", command="connect use")

    async def usable(self, place: Place) -> Sequence[Connection]:
        """What can be chosen here by its name: all but what belongs to another channel."""
        here = whose_key(place, Scope.CHANNEL)
        return [one for one in await self.list(place) if one.belongs_to in ("", here)]

    async def users(
        self, place: Place, connection: Connection, *, besides: Place | None = None
    ) -> ConnectionUsers:
        """Who uses a connection, in the server or direct messages of a place."""
        chosen = await self._options.chosen(place.owner, CONNECTION)
        playing = await self._stories.places(place.owner)
        return users_of(connection.name, chosen, playing, besides)

    async def others(self, place: Place, connection: Connection) -> ConnectionUsers:
        """Who else a change of this connection would meet; nobody where it is the place's own."""
        if not connection.id or connection.belongs_to == whose_key(place, Scope.CHANNEL):
            return ConnectionUsers()
        return await self.users(place, connection, besides=place)

    async def others_on_server(self, place: Place, connection: Connection) -> ConnectionUsers:
        """Who else talks to the same server, through this connection or another one."""
        here = await self.list(place)
        same = [one for one in here if one.url == connection.url or one.name == connection.name]
        found = [await self.users(place, one, besides=place) for one in same]
        return ConnectionUsers(
            channels=tuple(sorted({id_ for one in found for id_ in one.channels})),
            threads=tuple(sorted({id_ for one in found for id_ in one.threads})),
            characters=tuple(sorted({id_ for one in found for id_ in one.characters})),
        )

    async def drafted(
        self,
        actor: Actor,
        place: Place,
        *,
        backend: str,
        url: str = "",
        model: str = "",
        kind: Kind | None = None,
        name: str = "",
        scope: Scope = Scope.CHANNEL,
        character_id: int = 0,
    ) -> Saved:
        """What `save` would store, its address approved; nothing is changed yet."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        spec = self._catalog.get(backend)
        if kind is not None and kind not in spec.kinds:
            raise InvalidOption(key="kind", value=kind, expected=tuple(spec.kinds))
        own = await self._store.list(place.owner)
        whose = whose_key(place, scope, character_id)
        options = await self._options.resolve(place, character_id or None)
        known, model_of = await self._before(place, own, spec.id, name, whose, options)
        is_first = known is None and self._is_first(place, own, spec.id, scope, whose)
        address = url or (known.url if known else "") or (model_of.url if model_of else "")
        address = address or spec.endpoint.url
        new = Connection(
            id=known.id if known else 0,
            name=name or (known.name if known else self.free_name(spec.id, own)),
            backend=spec.id,
            url=stored_url(spec, address) if address else "",
            kind=kind,
            model=model,
            options={
                "belongs_to": _belongs(known, whose, shared=bool(name) or is_first),
                "made_in": whose,
            },
        )
        new, dropped = completed(new, known or model_of)
        return Saved(await self._approved(actor, new), dropped, is_first)

    async def _approved(self, actor: Actor, new: Connection) -> Connection:
        """With the class of its address. Raises NotAllowed, Unsafe."""
        async with uniform_refusal(owner=actor.owner):
            if new.url:
                reach = await self._reach(new, owner=actor.owner, with_key=bool(new.key))
                return replace(new, reach=reach)
        return new

    async def _before(
        self,
        place: Place,
        own: Sequence[Connection],
        backend: str,
        name: str,
        whose: str,
        options: Resolved,
    ) -> tuple[Connection | None, Connection | None]:
        """The connection that is changed, and the one that a new one is made after."""
        if name:
            same = [one for one in own if one.name.casefold() == name.casefold()]
            if same and same[0].belongs_to in ("", whose):
                # Another backend under the same name is another connection.
                return _changed_from(same[0], backend), None
            return None, None
        mine = [one for one in own if one.belongs_to == whose and one.backend == backend]
        in_use = str(options[CONNECTION] or "").casefold()
        current = next((one for one in own if one.name.casefold() == in_use), None)
        if mine:
            return next((one for one in mine if one == current), mine[0]), None
        if current is None or current.backend != backend or current.belongs_to:
            return None, None
        if current.options.get("made_in") != whose:
            return None, current
        if self._can_answer(current) and await self.others(place, current):
            return None, current
        return current, None

    def _can_answer(self, connection: Connection) -> bool:
        """Whether all is there that is needed; what is not yet complete answers nobody."""
        spec = self._catalog.get(connection.backend)
        is_keyed = spec.key.need != "required" or bool(connection.key)
        has_model = not spec.models.required or bool(connection.model)
        return bool(connection.url) and is_keyed and has_model

    def _is_first(
        self, place: Place, own: Sequence[Connection], backend: str, scope: Scope, whose: str
    ) -> bool:
        """Whether a server gets its first model with this.

        The rehearsal is none, nor is what the same place has begun and left without a key or
        model.
        """
        if place.guild_id is None or scope is not Scope.CHANNEL or backend == REHEARSAL:
            return False
        offered = any(
            row.default and row.backend != REHEARSAL for row in self._settings.connections
        )
        return not offered and all(
            one.backend == REHEARSAL
            or (one.options.get("made_in") == whose and not self._can_answer(one))
            for one in own
        )

    def free_name(self, wish: str, own: Sequence[Connection]) -> str:
        taken = {one.name.casefold() for one in own}
        taken |= {row.name.casefold() for row in self._settings.connections}
        numbered = (wish if number == 1 else f"{wish} {number}" for number in count(1))
        return next(name for name in numbered if name.casefold() not in taken)

    async def _reach(self, connection: Connection, *, owner: bool, with_key: bool) -> AddressClass:
        """The class of its address. Raises NotAllowed, Unsafe."""
        spec = self._catalog.get(connection.backend)
        own = stored_url(spec, spec.endpoint.url) if spec.endpoint.url and not spec.local else None
        if connection.url == own:
            return AddressClass.GLOBAL
        try:
            approved = await self._policy.approve(connection.url, owner=owner, with_key=with_key)
        except Unreachable:
            # A name that cannot be resolved now is vetted again at each connection.
            return AddressClass.GLOBAL
        return approved.reach

    async def _offered(self, row: OfferedConnection) -> Connection:
        known = self._known_offers.get(row.name)
        if known is not None:
            return known
        spec = self._catalog.get(row.backend)
        url = stored_url(spec, row.url or spec.endpoint.url) if row.url or spec.endpoint.url else ""
        offered = Connection(
            name=row.name, backend=row.backend, url=url, model=row.model, kind=row.kind, key=row.key
        )
        if url:
            # What the operator writes into the configuration is approved by being there.
            offered = replace(offered, reach=await self._reach(offered, owner=True, with_key=False))
        self._known_offers[row.name] = offered
        return offered


def whose_key(place: Place, scope: Scope, character_id: int = 0) -> str:
    """What a connection belongs to that is made here without a name."""
    found, id_ = (scope, character_id) if scope is Scope.CHARACTER else place.narrowest(scope)
    return f"{found}:{id_}"


def _belongs(known: Connection | None, whose: str, *, shared: bool) -> str:
    """Naming a connection shares it; without a name a new one is the channel's own."""
    if shared:
        return ""
    return known.belongs_to if known is not None else whose


def _changed_from(known: Connection, backend: str) -> Connection:
    """What is left of a connection when another backend takes its name."""
    if known.backend == backend:
        return known
    return Connection(id=known.id, name=known.name, backend=backend)


def completed(new: Connection, base: Connection | None) -> tuple[Connection, bool]:
    """What was not said stays as it was; whether a key had to be left out (another address)."""
    if base is None:
        return new, False
    is_moved = base.bound_to != new.bound_to
    if base.id != new.id and is_moved:
        return new, False  # a server of its own: nothing of the other one is meant
    kept = {**base.options, **new.options, "made_in": base.options.get("made_in", "")}
    if base.id != new.id:
        kept["made_in"] = new.options["made_in"]
    new = replace(new, model=new.model or base.model, kind=new.kind or base.kind, options=kept)
    if is_moved:
        return new, bool(base.key)
    return replace(new, key=base.key), False
