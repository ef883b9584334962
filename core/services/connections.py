"""Connections as commands use them: addresses approved, keys bound, one chosen per place."""

from collections.abc import Mapping
from dataclasses import replace

from core.backends.api_client import stored_url
from core.chat.place import Actor, Place, Scope
from core.errors import (
    InvalidOption,
    NotAllowed,
    Unsafe,
)
from core.kind import Kind
from core.network import AddressClass
from core.options.table import CONNECTION, KIND, MODEL
from core.policy.permissions import Action, demand
from core.reasons import Reason
from core.secret import Secret
from core.services.saved_connections import Saved, SavedConnections, completed, whose_key
from core.storage.connections import Connection


class Connections(SavedConnections):
    """Saving, choosing, sharing and deleting them, each with its permission."""

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
    ) -> Saved:
        """Saves a connection and uses it in a scope.

        With a name it is shared: the connection of that name is changed. Without one it belongs
        to the channel (or character) and changes nobody else's; only the first one of a server
        becomes what answers in all of it. Raises NotAllowed, InvalidUrl, InvalidOption,
        NotFound, AlreadyExists.
        """
        saved = await self.drafted(
            actor,
            place,
            backend=backend,
            url=url,
            model=model,
            kind=kind,
            name=name,
            scope=scope,
            character_id=character_id,
        )
        stored = await self._store.put(place.owner, saved.connection)
        await self.use(actor, place, stored, scope, character_id)
        if saved.is_first:
            await self._options.set(actor, place, CONNECTION, stored.name, Scope.SERVER)
            await self._options.reset(actor, place, CONNECTION, scope)
            now = await self._options.resolve(place)
            if now[CONNECTION] != stored.name:  # a category has its own choice
                await self._options.set(actor, place, CONNECTION, stored.name, scope)
        return saved._replace(connection=stored)

    async def copied(
        self, actor: Actor, place: Place, connection: Connection, scope: Scope = Scope.CHANNEL
    ) -> Connection:
        """The channel's own copy of a shared connection, key included; used here from now on."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if not connection.id:
            raise NotAllowed(Reason.OFFERED_CONNECTION, what="connection")
        name = self.free_name(connection.backend, await self._store.list(place.owner))
        options = {**connection.options, "belongs_to": whose_key(place, scope)}
        copy = replace(connection, id=0, name=name, options=options)
        stored = await self._store.put(place.owner, copy)
        await self._options.set(actor, place, CONNECTION, stored.name, scope)
        return stored

    async def keep_here(self, actor: Actor, place: Place, connection: Connection) -> Connection:
        """Takes back that a server's first connection answers in all of it: it is the channel's."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        for row in await self._options.chosen(place.owner, CONNECTION):
            if row.scope is Scope.SERVER and row.value == connection.name:
                await self._options.reset(actor, place, CONNECTION, Scope.SERVER)
        options = {**connection.options, "belongs_to": whose_key(place, Scope.CHANNEL)}
        stored = await self._store.put(place.owner, replace(connection, options=options))
        await self._options.set(actor, place, CONNECTION, stored.name)
        return stored

    async def use_in_server(self, actor: Actor, place: Place, connection: Connection) -> None:
        """Shares a connection and lets it answer in the whole server."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if connection.belongs_to:
            options = {**connection.options, "belongs_to": ""}
            await self._store.put(place.owner, replace(connection, options=options))
        await self._options.set(actor, place, CONNECTION, connection.name, Scope.SERVER)

    async def is_default(self, place: Place, connection: Connection) -> bool:
        """Whether it answers here because it answers in the whole server."""
        options = await self._options.resolve(place)
        why = options.why(CONNECTION)
        return why is not None and why[0] is Scope.SERVER and options[CONNECTION] == connection.name

    async def end_default(self, actor: Actor, place: Place) -> None:
        """The server has no model of its own any more."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        await self._options.reset(actor, place, CONNECTION, Scope.SERVER)

    async def replace(self, actor: Actor, place: Place, old: Connection, new: Connection) -> None:
        """One connection instead of another, wherever that answers; the other one goes."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if not old.id or old.id == new.id:
            return
        if not old.belongs_to and new.belongs_to:
            options = {**new.options, "belongs_to": ""}
            new = await self._store.put(place.owner, replace(new, options=options))
        await self._options.replace_everywhere(place.owner, CONNECTION, old.name, new.name)
        await self._point_fallbacks(place, old.name, new.name)
        await self._store.delete(place.owner, old.id)

    async def rename(
        self, actor: Actor, place: Place, connection: Connection, name: str
    ) -> Connection:
        """Another name; a channel's own connection is shared by it. Raises AlreadyExists."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if not connection.id:
            raise NotAllowed(Reason.OFFERED_CONNECTION, what="connection")
        options = {**connection.options, "belongs_to": ""}
        new = replace(connection, name=name.strip(), options=options)
        stored = await self._store.put(place.owner, new)
        await self._options.replace_everywhere(
            place.owner, CONNECTION, connection.name, stored.name
        )
        await self._point_fallbacks(place, connection.name, stored.name)
        return stored

    async def _point_fallbacks(self, place: Place, old: str, new: str) -> None:
        for one in await self._store.list(place.owner):
            if one.fallback and one.fallback.casefold() == old.casefold():
                options = {**one.options, "fallback": new}
                await self._store.put(place.owner, replace(one, options=options))

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

    async def set_address(
        self, actor: Actor, place: Place, connection: Connection, url: str, kind: Kind | None = None
    ) -> Saved:
        """Another address, wherever the connection is used; a key for the old one goes.

        Raises NotAllowed, InvalidUrl, InvalidOption, Unsafe.
        """
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if not connection.id:
            raise NotAllowed(Reason.OFFERED_CONNECTION, what="connection")
        spec = self._catalog.get(connection.backend)
        if kind is not None and kind not in spec.kinds:
            raise InvalidOption(key="kind", value=kind, expected=tuple(spec.kinds))
        moved = replace(connection, url=stored_url(spec, url), kind=kind, key=Secret())
        new, dropped = completed(moved, connection)
        stored = await self._store.put(place.owner, await self._approved(actor, new))
        await self._options.reset(actor, place, KIND)
        return Saved(stored, dropped)

    async def set_model(
        self,
        actor: Actor,
        place: Place,
        connection: Connection,
        model: str,
        *,
        for_all: bool = False,
    ) -> Connection:
        """Another model: in this channel alone where others use the connection too.

        `for_all`: for them as well. An empty name leaves it to the server. What the operator
        offers is never copied: its key stays the operator's.
        """
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        new = replace(connection, model=model)
        if not connection.id or (not for_all and await self.others(place, connection)):
            await self._choose_model(actor, place, model)
            return new
        await self._options.reset(actor, place, MODEL)
        return await self._store.put(place.owner, new)

    async def _choose_model(self, actor: Actor, place: Place, model: str) -> None:
        if model:
            await self._options.set(actor, place, MODEL, model)
        else:
            await self._options.reset(actor, place, MODEL)

    async def delete(self, actor: Actor, place: Place, connection: Connection) -> None:
        """Removes a connection with its key; whoever used it follows the next wider choice."""
        demand(actor, Action.MANAGE_CONNECTIONS, place)
        if not connection.id:
            raise NotAllowed(Reason.OFFERED_CONNECTION, what="connection")
        await self._options.replace_everywhere(place.owner, CONNECTION, connection.name, "")
        await self._point_fallbacks(place, connection.name, "")
        await self._store.delete(place.owner, connection.id)
