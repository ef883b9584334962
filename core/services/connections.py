"""Connections as commands use them: addresses approved, keys bound, one chosen per place."""

from collections.abc import Mapping
from dataclasses import replace

from core.backends.api_client import stored_url
from core.backends.catalog import Catalog
from core.chat.place import Actor, Place, Scope
from core.errors import (
    InvalidOption,
    NotAllowed,
    NotConfigured,
    NotFound,
    Unreachable,
    Unsafe,
)
from core.kind import Kind
from core.network import AddressClass, AddressPolicy, uniform_refusal
from core.options.table import CONNECTION, KIND, MODEL, Resolved
from core.policy.permissions import Action, demand
from core.reasons import Reason
from core.secret import Secret
from core.services.options import OptionService
from core.settings import OfferedConnection, Settings
from core.storage.connections import Connection, ConnectionStore


class Connections:
    """The connections in reach of a place: its owner's own and those the operator offers."""

    def __init__(
        self,
        store: ConnectionStore,
        options: OptionService,
        catalog: Catalog,
        settings: Settings,
    ) -> None:
        self._store = store
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
        offered = [await self._offered(row) for row in self._settings.connections]
        return own + [row for row in offered if row.name.casefold() not in names]

    async def find(self, place: Place, name: str) -> Connection:
        """The connection of this name. Raises NotFound."""
        found = await self.named(place, name)
        if found is None:
            raise NotFound(what="connection", name=name)
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
            if row.default:
                return await self._offered(row)
        raise NotConfigured(what="model", command="connect use")

    async def save(
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
    ) -> tuple[Connection, bool]:
        """Saves a connection and uses it in a scope.

        Returns it, and whether a key was dropped because the address changed. Raises NotAllowed,
        InvalidUrl, InvalidOption, NotFound.
        """
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        spec = self._catalog.get(backend)
        if kind is not None and kind not in spec.kinds:
            raise InvalidOption(key="kind", value=kind, expected=tuple(spec.kinds))
        name = name or spec.id
        own = await self._store.list(place.owner)
        known = next((row for row in own if row.name.casefold() == name.casefold()), None)
        same = known is not None and known.backend == spec.id
        address = url or (known.url if known is not None and same else "") or spec.endpoint.url
        new = Connection(
            id=known.id if known else 0,
            name=name,
            backend=spec.id,
            url=stored_url(spec, address) if address else "",
            model=model or (known.model if known is not None and same else ""),
            kind=kind or (known.kind if known is not None and same else None),
            options=known.options if known is not None and same else {},
        )
        async with uniform_refusal(owner=actor.owner):
            if new.url:
                reach = await self._reach(new, owner=actor.owner, with_key=bool(new.key))
                new = replace(new, reach=reach)
        dropped = known is not None and bool(known.key) and known.bound_to != new.bound_to
        if known is not None and not dropped:
            new = replace(new, key=known.key)
        stored = await self._store.put(place.owner, new)
        await self.use(actor, place, stored, scope, character_id)
        return stored, dropped

    async def use(
        self,
        actor: Actor,
        place: Place,
        connection: Connection,
        scope: Scope = Scope.CHANNEL,
        character_id: int = 0,
    ) -> None:
        """Lets a connection answer in a scope (or for a character), with its own model and kind."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        options = self._options
        await options.set(actor, place, CONNECTION, connection.name, scope, character_id)
        for option in (MODEL, KIND):
            await options.reset(actor, place, option, scope, character_id)

    async def off(
        self, actor: Actor, place: Place, scope: Scope = Scope.CHANNEL, character_id: int = 0
    ) -> bool:
        """No own choice here (or for the character) any more. False where there was none."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        return await self._options.reset(actor, place, CONNECTION, scope, character_id)

    async def set_fallback(
        self, actor: Actor, place: Place, connection: Connection, name: str
    ) -> Connection:
        """Names the connection to turn to where this one is down; empty for none.

        Raises NotFound, and InvalidOption for itself or one that the operator offers.
        """
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        target = (await self.find(place, name)).name if name else ""
        if target.casefold() == connection.name.casefold():
            raise InvalidOption(Reason.FALLBACK_TO_ITSELF, key="fallback")
        return await self._with(actor, place, connection, {"fallback": target})

    async def switch(
        self, actor: Actor, place: Place, connection: Connection, switch: str, *, on: bool
    ) -> Connection:
        """Turns one of the row's switches on or off. Raises InvalidOption."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        known = self._catalog.get(connection.backend).request.switches
        if switch not in known:
            raise InvalidOption(key="switch", value=switch, expected=tuple(known))
        left = connection.switches | {switch} if on else connection.switches - {switch}
        return await self._with(actor, place, connection, {"switches": sorted(left)})

    async def _with(
        self, actor: Actor, place: Place, connection: Connection, options: Mapping[str, object]
    ) -> Connection:
        if not connection.id:
            raise NotAllowed(Reason.OFFERED_CONNECTION, what="connection")
        changed = replace(connection, options={**connection.options, **options})
        return await self._store.put(place.owner, changed)

    async def set_key(
        self, actor: Actor, place: Place, connection: Connection, key: Secret
    ) -> Connection:
        """Stores a key for the connection's address. Raises NotAllowed, Unsafe (plain http)."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if connection.reach is AddressClass.GLOBAL and connection.url.startswith("http://"):
            raise Unsafe(Reason.KEY_UNENCRYPTED)
        return await self._store.put(place.owner, replace(connection, key=key))

    async def set_model(
        self, actor: Actor, place: Place, connection: Connection, model: str
    ) -> Connection:
        """Another model: for good where the connection is the place's own, else in this channel.

        An empty name leaves it to the server. What the operator offers is never copied: its key
        stays the operator's.
        """
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if model and not connection.id:
            await self._options.set(actor, place, MODEL, model)
        else:
            await self._options.reset(actor, place, MODEL)
        new = replace(connection, model=model)
        return await self._store.put(place.owner, new) if connection.id else new

    async def delete(self, actor: Actor, place: Place, connection: Connection) -> None:
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        await self._store.delete(place.owner, connection.id)

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
