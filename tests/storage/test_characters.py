"""Libraries: what belongs to one owner does not exist for another."""

import pytest

from core.characters.character import Character
from core.characters.persona import Persona
from core.chat.place import STOCK, Owner, OwnerKind, Place, Scope
from core.errors import AlreadyExists, NotFound, TavernError
from core.storage.characters import AVATAR, CARD, Picture
from core.storage.storage import Storage

HERE, THERE = Owner(OwnerKind.SERVER, 1), Owner(OwnerKind.SERVER, 2)
ANN = Owner(OwnerKind.PERSON, 1)
"""A person whose id equals a server's."""


async def test_names_are_found_in_every_script(storage: Storage) -> None:
    for name in ("Ännchen", "Мира", "Straße", "ＦＵＬＬ", "翡翠"):
        added = await storage.characters.add(HERE, Character(name=name))
        for spelled in (name, name.upper(), name.lower(), f" {name} "):
            assert (await storage.characters.find(HERE, spelled)).id == added.id


async def test_a_name_is_taken_once_by_each_owner(storage: Storage) -> None:
    await storage.characters.add(HERE, Character(name="Juno"))
    with pytest.raises(AlreadyExists):
        await storage.characters.add(HERE, Character(name="JUNO"))
    await storage.characters.add(THERE, Character(name="Juno"))
    await storage.characters.add(ANN, Character(name="Juno"))


async def test_a_card_keeps_every_field(storage: Storage) -> None:
    card, _ = Character.read(
        {
            "spec": "chara_card_v3",
            "spec_version": "3.0",
            "data": {
                "name": "Juno",
                "description": "A cook.\n世界",
                "extensions": {"depth_prompt": {"prompt": "x", "depth": 2}, "own": [1, None]},
                "unheard_of": {"deep": True},
            },
        }
    )
    stored = await storage.characters.add(HERE, card)
    assert stored.character.to_document() == card.to_document()
    changed = await storage.characters.change(HERE, stored.id, card.edited(name="Juno II"))
    assert changed.character.name == "Juno II"
    assert changed.character.to_document()["data"]["unheard_of"] == {"deep": True}


async def test_other_owners_cards_do_not_exist(storage: Storage) -> None:
    stored = await storage.characters.add(HERE, Character(name="Juno"))

    async def fault(work: object) -> TavernError:
        with pytest.raises(NotFound) as caught:
            await work  # type: ignore[misc]
        return caught.value

    absent = await fault(storage.characters.get(THERE, 999))
    for other in (THERE, ANN):
        for work in (
            storage.characters.get(other, stored.id),
            storage.characters.find(other, "Juno"),
            storage.characters.change(other, stored.id, Character(name="Stolen")),
            storage.characters.delete(other, stored.id),
        ):
            assert (await fault(work)).detail == absent.detail
        assert await storage.characters.list(other) == []
    assert (await storage.characters.get(HERE, stored.id)).character.name == "Juno"


async def test_the_stock_is_everyones_and_nobodys(storage: Storage) -> None:
    stock = await storage.characters.add(STOCK, Character(name="Hesper"), slug="hesper")
    assert await storage.characters.by_slug("hesper") == stock.id
    for owner in (HERE, THERE, ANN):
        assert (await storage.characters.get(owner, stock.id)).owner == STOCK
        with pytest.raises(NotFound):
            await storage.characters.delete(owner, stock.id)
        with pytest.raises(NotFound):
            await storage.characters.change(owner, stock.id, Character(name="Mine"))
    own = await storage.characters.add(HERE, Character(name="Hesper"))
    assert (await storage.characters.find(HERE, "hesper")).id == own.id
    assert (await storage.characters.find(THERE, "hesper")).id == stock.id


async def test_a_list_tells_what_a_card_is(storage: Storage) -> None:
    await storage.characters.add(HERE, Character(name="b", creator_notes="By the sea.\nMore"))
    await storage.characters.add(HERE, Character(name="A", description="x" * 300))
    entries = await storage.characters.list(HERE)
    assert [(entry.name, entry.summary) for entry in entries] == [
        ("A", "x" * 100),
        ("b", "By the sea."),
    ]


async def test_pictures_go_with_the_last_card_that_shows_them(storage: Storage) -> None:
    small, large = Picture("a" * 64, "image/png", b"small"), Picture("b" * 64, "image/png", b"big")
    first = await storage.characters.add(
        HERE, Character(name="One"), pictures={AVATAR: small, CARD: large}
    )
    second = await storage.characters.add(THERE, Character(name="Two"), pictures={AVATAR: small})
    assert first.avatar == small.hash
    assert await storage.characters.bytes_of(HERE) == 8
    assert await storage.characters.bytes_of(THERE) == 5
    await storage.characters.delete(HERE, first.id)
    assert await storage.characters.picture(second.id) == small
    assert await storage.characters.bytes_of(HERE) == 0


async def test_ids_are_never_used_again(storage: Storage) -> None:
    first = await storage.characters.add(HERE, Character(name="One"))
    await storage.characters.delete(HERE, first.id)
    second = await storage.characters.add(HERE, Character(name="Two"))
    assert second.id != first.id


async def test_personas_are_a_persons_own(storage: Storage) -> None:
    mine = await storage.personas.put(7, Persona(name="Rook", description="A thief."))
    await storage.personas.put(8, Persona(name="Rook", description="A bird."))
    assert [row.persona.description for row in await storage.personas.list(7)] == ["A thief."]
    with pytest.raises(AlreadyExists):
        await storage.personas.put(7, Persona(name="rook"))
    await storage.personas.delete(8, mine.id)
    assert (await storage.personas.find(7, "ROOK")).persona.description == "A thief."


async def test_the_narrowest_persona_holds(storage: Storage) -> None:
    place = Place(channel_id=100, guild_id=1, category_id=50, thread_id=200)
    for number, (scope, scope_id) in enumerate(
        [(Scope.EVERYWHERE, 0), (Scope.SERVER, 1), (Scope.CHANNEL, 100), (Scope.THREAD, 200)]
    ):
        stored = await storage.personas.put(7, Persona(name=f"Face {number}"))
        await storage.personas.bind(7, scope, scope_id, stored.id)
        assert await storage.personas.current(place, 7) == stored
    assert await storage.personas.current(place, 8) is None
    elsewhere = await storage.personas.current(Place(channel_id=300, guild_id=2), 7)
    assert elsewhere is not None
    assert elsewhere.persona.name == "Face 0"
    await storage.personas.bind(7, Scope.THREAD, 200, None)
    back = await storage.personas.current(place, 7)
    assert back is not None
    assert back.persona.name == "Face 2"


async def test_presets_are_their_owners(storage: Storage) -> None:
    await storage.presets.put(HERE, "context", "Größe", {"story_string": "one"})
    await storage.presets.put(HERE, "context", "GRÖSSE", {"story_string": "two"})
    assert await storage.presets.names(HERE, "context") == ["GRÖSSE"]
    assert await storage.presets.get(HERE, "context", "größe") == (
        "GRÖSSE",
        {"story_string": "two"},
    )
    assert await storage.presets.get(THERE, "context", "größe") is None
    assert await storage.presets.get(HERE, "instruct", "größe") is None
    assert not await storage.presets.delete(THERE, "context", "Größe")
    assert await storage.presets.delete(HERE, "context", "Größe")


async def test_notes(storage: Storage) -> None:
    assert await storage.meta.get("commands") is None
    await storage.meta.set("commands", "abc")
    await storage.meta.set("commands", "def")
    assert await storage.meta.get("commands") == "def"
