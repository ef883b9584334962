"""Options in the store: each under its owner, read in one go."""

from core.chat.place import STOCK, Owner, OwnerKind, Place, Scope
from core.options.table import CHAT_MODE, NOTE_TEXT, OPTIONS, REPLY_LENGTH, TIME_ZONE, resolve
from core.storage.storage import Storage

PLACE = Place(channel_id=100, guild_id=1, category_id=50, thread_id=200)
SERVER = PLACE.owner
ANN = Owner(OwnerKind.PERSON, 7)


async def test_the_narrowest_value_holds(storage: Storage) -> None:
    options = storage.options
    wide_to_narrow = [
        (STOCK, Scope.EVERYWHERE, 0),
        (SERVER, Scope.SERVER, 1),
        (SERVER, Scope.CHARACTER, 5),
        (SERVER, Scope.CATEGORY, 50),
        (SERVER, Scope.CHANNEL, 100),
        (SERVER, Scope.THREAD, 200),
    ]
    for number, (owner, scope, scope_id) in enumerate(wide_to_narrow, 1):
        await options.put(owner, scope, scope_id, REPLY_LENGTH.key, number)
        found = resolve(OPTIONS, await options.in_reach(PLACE, character_ids=[5]))
        assert found[REPLY_LENGTH] == number
        assert found.why(REPLY_LENGTH) == (scope, scope_id)
    for number, (owner, scope, scope_id) in reversed(list(enumerate(wide_to_narrow))):
        assert await options.drop(owner, scope, scope_id, REPLY_LENGTH.key)
        found = resolve(OPTIONS, await options.in_reach(PLACE, character_ids=[5]))
        assert found[REPLY_LENGTH] == (number or REPLY_LENGTH.default)
    assert not await options.drop(STOCK, Scope.EVERYWHERE, 0, REPLY_LENGTH.key)


async def test_a_persons_own(storage: Storage) -> None:
    await storage.options.put(SERVER, Scope.SERVER, 1, TIME_ZONE.key, "Asia/Tokyo")
    await storage.options.put(ANN, Scope.PERSON, 7, TIME_ZONE.key, "Europe/Berlin")
    for person, zone in ((7, "Europe/Berlin"), (8, "Asia/Tokyo"), (None, "Asia/Tokyo")):
        reach = await storage.options.in_reach(PLACE, person_id=person)
        assert resolve(OPTIONS, reach)[TIME_ZONE] == zone


async def test_servers_do_not_meet_at_a_stock_character(storage: Storage) -> None:
    other = Place(channel_id=900, guild_id=2)
    await storage.options.put(SERVER, Scope.CHARACTER, 5, NOTE_TEXT.key, "secret of server 1")
    await storage.options.put(SERVER, Scope.CHARACTER, 5, REPLY_LENGTH.key, 77)
    there = resolve(OPTIONS, await storage.options.in_reach(other, character_ids=[5]))
    assert there[REPLY_LENGTH] == REPLY_LENGTH.default
    here = resolve(OPTIONS, await storage.options.in_reach(PLACE, character_ids=[5]))
    assert here[REPLY_LENGTH] == 77


async def test_values_that_no_longer_fit_are_passed_over(storage: Storage) -> None:
    await storage.options.put(SERVER, Scope.CHANNEL, 100, CHAT_MODE.key, "sometimes")
    await storage.options.put(SERVER, Scope.SERVER, 1, CHAT_MODE.key, "every")
    await storage.options.put(SERVER, Scope.SERVER, 1, "an.old.key", "x")
    found = resolve(OPTIONS, await storage.options.in_reach(PLACE))
    assert found[CHAT_MODE] == "every"
    assert found.why(CHAT_MODE) == (Scope.SERVER, 1)
