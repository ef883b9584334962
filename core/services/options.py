"""Options as commands use them: who may set what where, and what holds here."""

from collections.abc import Sequence
from typing import Any, TypeVar

from core.chat.place import STOCK, Actor, Owner, OwnerKind, Place, Scope
from core.errors import InvalidOption
from core.options.table import CHAT_MODE, OPTIONS, Option, Resolved, Stored, ladder, resolve
from core.policy.permissions import Action, demand
from core.storage.options import OptionStore

T = TypeVar("T")


class OptionService:
    def __init__(self, store: OptionStore) -> None:
        self._store = store

    async def resolve(
        self, place: Place, character_id: int | None = None, person_id: int | None = None
    ) -> Resolved:
        """What holds here, read once."""
        return resolve(
            OPTIONS,
            await self._store.in_reach(
                place, person_id, [] if character_id is None else [character_id]
            ),
        )

    async def ladder(
        self,
        place: Place,
        option: Option[Any],
        person_id: int | None = None,
        character_ids: Sequence[int] = (),
    ) -> list[Stored]:
        """Every value of an option that could hold here, the one that wins first."""
        rows = await self._store.in_reach(place, person_id, character_ids)
        return ladder(option, rows)

    async def chosen(self, owner: Owner, option: Option[Any]) -> list[Stored]:
        """Every value of one option that was set in an owner's places and for its characters."""
        return await self._store.everywhere(owner, option.key)

    async def replace_everywhere(
        self, owner: Owner, option: Option[str | None], old: str, new: str
    ) -> None:
        """Puts one name in another's place wherever it was chosen; empty takes it back."""
        for row in await self.chosen(owner, option):
            if str(row.value).casefold() != old.casefold():
                continue
            if new:
                await self._store.put(owner, row.scope, row.scope_id, option.key, new)
            else:
                await self._store.drop(owner, row.scope, row.scope_id, option.key)

    async def set(
        self,
        actor: Actor,
        place: Place,
        option: Option[T],
        value: object,
        scope: Scope = Scope.CHANNEL,
        character_id: int = 0,
        *,
        exactly: bool = False,
    ) -> T:
        """Sets a value in a scope. Raises NotAllowed, InvalidOption.

        Unless `exactly` is asked for, what is said of the channel in a thread is meant of it.
        """
        checked = option.check(value)
        target = self._target(actor, place, option, scope, character_id)
        owner, scope, scope_id = _exactly(target, place, scope) if exactly else target
        await self._store.put(owner, scope, scope_id, option.key, checked)
        return checked

    async def reset(
        self,
        actor: Actor,
        place: Place,
        option: Option[Any],
        scope: Scope = Scope.CHANNEL,
        character_id: int = 0,
        *,
        exactly: bool = False,
    ) -> bool:
        """Takes a value back. False where there was none."""
        target = self._target(actor, place, option, scope, character_id)
        owner, scope, scope_id = _exactly(target, place, scope) if exactly else target
        return await self._store.drop(owner, scope, scope_id, option.key)

    async def held(
        self, actor: Actor, place: Place, scope: Scope = Scope.CHANNEL
    ) -> tuple[Owner, Scope, int, dict[str, Any]]:
        """Where a shared option would be set, and what is set right there, by key.

        Raises NotAllowed.
        """
        demand(actor, Action.SET_OPTIONS, place)
        target = (place.owner, *place.narrowest(scope))
        rows = await self._store.in_reach(place)
        here = {row.key: row.value for row in rows if (row.scope, row.scope_id) == target[1:]}
        return (*target, here)

    async def switch_chat(self, actor: Actor, place: Place, mode: str) -> None:
        """When characters answer here. Raises NotAllowed."""
        demand(actor, Action.SWITCH_CHAT, place)
        here, value = place.narrowest(Scope.CHANNEL), CHAT_MODE.check(mode)
        await self._store.put(place.owner, *here, CHAT_MODE.key, value)

    def _target(
        self, actor: Actor, place: Place, option: Option[Any], scope: Scope, character_id: int
    ) -> tuple[Owner, Scope, int]:
        """Whose row is meant, after asking whether the person may write it."""
        if scope not in option.scopes:
            raise InvalidOption(key=option.key, value=scope, expected=tuple(sorted(option.scopes)))
        if option.owner_only or scope is Scope.EVERYWHERE:
            demand(actor, Action.SET_EVERYWHERE, place)
        elif scope is not Scope.PERSON:
            demand(actor, Action.SET_OPTIONS, place)
        if scope is Scope.PERSON:
            return Owner(OwnerKind.PERSON, actor.id), scope, actor.id
        if scope is Scope.CHARACTER:
            return place.owner, scope, character_id
        if scope is Scope.EVERYWHERE:
            return STOCK, scope, 0
        return place.owner, *place.narrowest(scope)


def _exactly(
    target: tuple[Owner, Scope, int], place: Place, scope: Scope
) -> tuple[Owner, Scope, int]:
    """The channel itself where it was named in a thread."""
    own = (target[0], *place.nearest(scope))
    return own if target[1] is Scope.THREAD else target
