"""Regex scripts: lists of places, and what cards and presets may run."""

from core.characters.character import Character
from core.chat.place import Owner, OwnerKind, Scope
from core.regex_scripts.script import RegexScript, new_script
from core.storage.regex_scripts import Bringer
from core.storage.storage import Storage

HERE, THERE = Owner(OwnerKind.SERVER, 1), Owner(OwnerKind.SERVER, 2)
SERVER, CHANNEL = (Scope.SERVER, 1), (Scope.CHANNEL, 100)


def script(name: str) -> RegexScript:
    return new_script(scriptName=name, findRegex=f"/{name}/g")


async def names(storage: Storage, *scopes: tuple[Scope, int], owner: Owner = HERE) -> list[str]:
    found = await storage.regex_scripts.within(owner, scopes)
    return [stored.script.name for stored in found]


async def test_lists_keep_their_order(storage: Storage) -> None:
    store = storage.regex_scripts
    await store.add(HERE, SERVER, [script("b"), script("a")], allowed=True, created_by=7)
    await store.add(HERE, SERVER, [script("c")], allowed=False)
    await store.add(HERE, CHANNEL, [script("d")], allowed=True)
    assert await names(storage, SERVER) == ["b", "a", "c"]
    assert await names(storage, CHANNEL) == ["d"]
    assert sorted(await names(storage, SERVER, CHANNEL)) == ["a", "b", "c", "d"]
    assert await names(storage, SERVER, owner=THERE) == []


async def test_changing_and_deleting(storage: Storage) -> None:
    store = storage.regex_scripts
    await store.add(HERE, SERVER, [script("a")], allowed=False)
    (stored,) = await store.within(HERE, [SERVER])
    assert stored.script.document == {**script("a").document, "id": stored.script.id}
    await store.change(HERE, stored.id, stored.script.changed(replaceString="x"), allowed=True)
    (stored,) = await store.within(HERE, [SERVER])
    assert (stored.script.replacement, stored.allowed) == ("x", True)
    assert not await store.delete(THERE, stored.id)
    assert await store.delete(HERE, stored.id)
    assert await store.within(HERE, [SERVER]) == []


async def test_consents_go_with_what_they_are_for(storage: Storage) -> None:
    store = storage.regex_scripts
    card = await storage.characters.add(HERE, Character(name="Mira"))
    await storage.presets.put(HERE, "chat", "Prose", {"temperature": 1})
    (preset,) = await store.presets(HERE, [("chat", "PROSE"), ("chat", "other")])
    await store.allow(Bringer.CHARACTER, card.id, ["x", "y", "x"], by=7)
    await store.allow(Bringer.CHARACTER, card.id, ["x"])
    await store.allow(Bringer.PRESET, preset.id, ["x"])
    assert await store.consents([card.id], [preset.id]) == {
        (Bringer.CHARACTER, card.id, "x"),
        (Bringer.CHARACTER, card.id, "y"),
        (Bringer.PRESET, preset.id, "x"),
    }
    await store.forbid(Bringer.CHARACTER, card.id, "x")
    assert await store.consents([card.id], []) == {(Bringer.CHARACTER, card.id, "y")}
    await storage.characters.delete(HERE, card.id)
    await storage.presets.delete(HERE, "chat", "Prose")
    assert await store.consents([card.id], [preset.id]) == frozenset()


async def test_a_forgotten_server_has_none(storage: Storage) -> None:
    store = storage.regex_scripts
    card = await storage.characters.add(HERE, Character(name="Mira"))
    await store.allow(Bringer.CHARACTER, card.id, ["x"])
    await store.add(HERE, SERVER, [script("a")], allowed=True)
    await store.add(HERE, CHANNEL, [script("b")], allowed=True)
    await store.add(THERE, (Scope.SERVER, 2), [script("c")], allowed=True, created_by=7)
    await storage.forget.place(100)
    assert await names(storage, CHANNEL) == []
    await storage.forget.server(1)
    assert await names(storage, SERVER) == []
    assert await store.consents([card.id], []) == frozenset()
    await storage.forget.person(7)
    assert await names(storage, (Scope.SERVER, 2), owner=THERE) == ["c"]
