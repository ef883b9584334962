"""Services: permission first, keys only where they were entered for, limits."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from core.backends.catalog import Catalog
from core.characters.card_file import to_json
from core.characters.character import Character
from core.chat.place import Actor, Place, Scope
from core.errors import (
    InvalidOption,
    LimitReached,
    NotAllowed,
    NotConfigured,
    NotFound,
    TavernError,
    Unsafe,
)
from core.options.table import CONNECTION, LANGUAGE, MODEL, REPLY_LENGTH
from core.secret import Secret
from core.services import Services
from core.settings import Settings

HERE, THERE = Place(channel_id=100, guild_id=1), Place(channel_id=900, guild_id=2)
MEMBER, MANAGER = Actor(7, "Ann"), Actor(8, "Bob", manager=True)
OWNER = Actor(9, "Eve", owner=True)
A, B = "https://1.1.1.1", "https://8.8.8.8:8443"


@pytest.fixture
def configured(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A house model with a key of the operator's."""
    offered = {"name": "House", "backend": "openai-compatible", "url": A, "default": True}
    settings = Settings.model_validate({"data_dir": settings.data_dir, "connections": [offered]})
    settings.connections[0]._key = Secret("operator-key")
    return settings


@pytest.fixture
async def services(configured: Settings) -> AsyncIterator[Services]:
    async with Services.open(configured, Catalog.load()) as opened:
        yield opened


async def saved(services: Services, url: str = A, place: Place = HERE, name: str = "Own") -> bool:
    made = await services.connections.save(
        MANAGER, place, backend="openai-compatible", url=url, name=name, model="m"
    )
    return made.dropped


async def test_members_change_no_connections(services: Services) -> None:
    await saved(services)
    own = await services.connections.find(HERE, "Own")
    doors: list[Awaitable[Any]] = [
        services.connections.save(MEMBER, HERE, backend="rehearsal"),
        services.connections.use(MEMBER, HERE, own),
        services.connections.off(MEMBER, HERE),
        services.connections.set_key(MEMBER, HERE, own, Secret("x")),
        services.connections.set_model(MEMBER, HERE, own, "x"),
        services.connections.delete(MEMBER, HERE, own),
        services.options.set(MEMBER, HERE, CONNECTION, "House"),
        services.options.set(MEMBER, HERE, REPLY_LENGTH, 10),
        services.options.reset(MEMBER, HERE, REPLY_LENGTH),
        services.options.switch_chat(MEMBER, HERE, "every"),
        services.options.set(MANAGER, HERE, REPLY_LENGTH, 10, Scope.EVERYWHERE),
    ]
    for door in doors:
        with pytest.raises(NotAllowed):
            await door
    await services.options.set(MEMBER, HERE, LANGUAGE, "ja", Scope.PERSON)
    assert (await services.options.resolve(HERE, person_id=MEMBER.id))[LANGUAGE] == "ja"
    assert (await services.options.resolve(HERE, person_id=MANAGER.id))[LANGUAGE] == ""


async def test_a_key_stays_with_its_address(services: Services) -> None:
    await saved(services)
    own = await services.connections.find(HERE, "Own")
    await services.connections.set_key(MANAGER, HERE, own, Secret("key-for-a"))
    assert not await saved(services, A)
    assert (await services.connections.find(HERE, "Own")).key.reveal() == "key-for-a"
    assert await saved(services, B)
    assert not (await services.connections.find(HERE, "Own")).key


async def test_a_key_goes_over_plain_http_at_home_only(services: Services) -> None:
    await saved(services, "http://1.1.1.1")
    own = await services.connections.find(HERE, "Own")
    with pytest.raises(Unsafe):
        await services.connections.set_key(MANAGER, HERE, own, Secret("x"))


async def test_private_addresses_are_the_owners(services: Services) -> None:
    with pytest.raises(NotAllowed):
        await saved(services, "http://127.0.0.1:5001")
    await services.connections.save(
        OWNER, HERE, backend="koboldcpp", url="http://127.0.0.1:5001", name="Lab"
    )
    assert (await services.connections.find(HERE, "Lab")).url == "http://127.0.0.1:5001"


async def test_connections_are_a_servers_own(services: Services) -> None:
    await saved(services)
    assert [row.name for row in await services.connections.list(THERE)] == ["House"]
    with pytest.raises(NotFound):
        await services.connections.find(THERE, "Own")
    await services.options.set(MANAGER, THERE, CONNECTION, "Own")
    options = await services.options.resolve(THERE)
    assert (await services.connections.resolve(THERE, options)).name == "House"


async def test_what_is_offered_is_used_until_something_is_chosen(services: Services) -> None:
    async def name() -> str:
        options = await services.options.resolve(HERE)
        return (await services.connections.resolve(HERE, options)).name

    assert await name() == "House"
    await saved(services)
    assert await name() == "Own"
    await services.connections.off(MANAGER, HERE)
    assert await name() == "House"


async def test_without_any_connection_one_is_asked_for(settings: Settings) -> None:
    async with Services.open(settings, Catalog.load()) as services:
        with pytest.raises(NotConfigured):
            await services.connections.resolve(HERE, await services.options.resolve(HERE))


async def test_the_operators_key_is_never_copied(services: Services) -> None:
    house = await services.connections.find(HERE, "House")
    assert house.key.reveal() == "operator-key"
    other = await services.connections.set_model(MANAGER, HERE, house, "bigger")
    assert other.model == "bigger"
    assert (await services.options.resolve(HERE))[MODEL] == "bigger"
    assert await services.storage.connections.list(HERE.owner) == []
    await saved(services, name="House")
    assert not (await services.connections.find(HERE, "House")).key
    assert (await services.options.resolve(HERE))[MODEL] is None


async def test_no_host_gets_a_key_that_was_not_entered_for_it(services: Services) -> None:
    """Random commands of two servers: a key is only ever found beside its own address."""
    dice = random.Random(17)
    entered = {("https://1.1.1.1", "operator-key")}
    urls = [A, B, "https://9.9.9.9", "http://1.1.1.1:443", "https://1.1.1.1:444"]
    for step in range(300):
        place = dice.choice([HERE, THERE])
        rows = await services.connections.list(place)
        row = dice.choice(rows)
        try:
            match dice.randrange(8):
                case 0 | 1:
                    await saved(services, dice.choice(urls), place, dice.choice(["Own", "House"]))
                case 2:
                    key = f"key-{step}"
                    await services.connections.set_key(MANAGER, place, row, Secret(key))
                    entered.add((row.url, key))
                case 3:
                    await services.connections.set_model(MANAGER, place, row, f"model-{step}")
                case 4:
                    backend = dice.choice(["openai-compatible", "koboldcpp"])
                    await services.connections.save(
                        MANAGER,
                        place,
                        backend=backend,
                        url=dice.choice(urls),
                        name=dice.choice([row.name, ""]),
                    )
                case 5:
                    await services.connections.copied(MANAGER, place, row)
                case 6:
                    await services.connections.rename(MANAGER, place, row, row.name)
                case _:
                    await services.connections.delete(MANAGER, place, row)
        except (Unsafe, InvalidOption, NotAllowed):
            pass
        for found in [
            *await services.connections.list(HERE),
            *await services.connections.list(THERE),
        ]:
            if found.key:
                assert (found.url, found.key.reveal()) in entered


async def test_characters_belong_to_those_who_brought_them(services: Services) -> None:
    stored = await services.characters.create(MEMBER, HERE, Character(name="Juno"))
    with pytest.raises(NotAllowed):
        await services.characters.delete(Actor(70, "Mallory"), HERE, stored.id)
    for place in (THERE, Place(channel_id=5, person_id=MEMBER.id)):
        with pytest.raises(NotFound):
            await services.characters.delete(MANAGER, place, stored.id)
        with pytest.raises(NotFound):
            await services.characters.export(place, stored.id, "json")
    await services.characters.edit(MANAGER, HERE, stored.id, {"description": "Taller."})
    await services.characters.delete(MEMBER, HERE, stored.id)


async def test_a_library_fills_up(settings: Settings) -> None:
    small = Settings.model_validate(
        {"data_dir": settings.data_dir, "limits": {"characters": 2, "imports_per_person": 3}}
    )
    async with Services.open(small, Catalog.load()) as services:
        card = to_json(Character(name="Juno"))
        for handle in ("Juno", "Juno (2)"):
            stored, _ = await services.characters.import_file(MEMBER, HERE, card, "juno.json")
            assert (stored.character.name, stored.handle) == ("Juno", handle)
        await refused(
            lambda: services.characters.import_file(MEMBER, HERE, card, "x"), "characters"
        )
        await refused(lambda: services.characters.import_file(MEMBER, HERE, card, "x"), "imports")
        await refused(lambda: services.characters.import_file(OWNER, HERE, card, "x"), "characters")
        await services.characters.import_file(MANAGER, THERE, card, "x")


async def refused(work: Callable[[], Awaitable[object]], what: str) -> None:
    with pytest.raises(LimitReached) as caught:
        await work()
    error: TavernError = caught.value
    assert error.facts["what"] == what


async def test_personas_are_changed_by_their_person_only(services: Services) -> None:
    stored = await services.personas.new(MEMBER, {"name": "Rook"})
    assert await services.personas.current(HERE, MEMBER.id) == stored
    for work in (
        services.personas.edit(MANAGER, stored.id, {"name": "Crow"}),
        services.personas.use(OWNER, HERE, stored.id, Scope.CHANNEL),
    ):
        with pytest.raises(NotFound):
            await work
    await services.personas.use(MEMBER, HERE, None, Scope.EVERYWHERE)
    await services.personas.use(MEMBER, HERE, stored.id, Scope.THREAD)
    assert await services.personas.current(HERE, MEMBER.id) == stored
    assert await services.personas.current(THERE, MEMBER.id) is None


@pytest.fixture
async def bare(settings: Settings) -> AsyncIterator[Services]:
    """Nothing is offered."""
    async with Services.open(settings, Catalog.load()) as opened:
        yield opened


ELSEWHERE = Place(channel_id=101, guild_id=1)


async def answering(services: Services, place: Place) -> tuple[str, str]:
    """Name and address of what answers somewhere."""
    found = await services.connections.resolve(place, await services.options.resolve(place))
    return found.name, found.url


async def made(services: Services, place: Place, url: str = "", **more: str) -> Any:
    given = {"backend": "openai-compatible", "model": "m", **more}
    return await services.connections.save(MANAGER, place, url=url, **given)  # type: ignore[arg-type]


async def test_what_was_begun_and_left_does_not_stay_the_servers_first(bare: Services) -> None:
    await made(bare, HERE, backend="openai", model="")
    saved = await made(bare, HERE, A)
    assert saved.is_first
    assert await answering(bare, ELSEWHERE) == ("openai-compatible", A)


async def test_no_channel_changes_another_ones_model(bare: Services) -> None:
    await made(bare, HERE, backend="openai", model="")
    await made(bare, ELSEWHERE, A)
    assert (await answering(bare, HERE))[0] == "openai"
    assert await answering(bare, ELSEWHERE) == ("openai-compatible", A)
    await made(bare, HERE, B)
    await made(bare, ELSEWHERE, A, model="other")
    assert await answering(bare, HERE) == ("openai-compatible 2", B)


async def test_a_server_named_wrongly_is_replaced_for_everybody(bare: Services) -> None:
    wrong = (await made(bare, HERE, A, backend="openai-compatible")).connection
    right = (await made(bare, HERE, A, backend="mistral", model="m")).connection
    await bare.connections.replace(MANAGER, HERE, wrong, right)
    assert (await answering(bare, ELSEWHERE))[0] == "mistral"
    assert [one.name for one in await bare.connections.list(HERE)] == ["mistral"]


async def test_random_channels_keep_their_own(bare: Services) -> None:
    """Unnamed connections of many channels, made in any order, never meet."""
    dice, mine = random.Random(5), {}
    places = [Place(channel_id=number, guild_id=1) for number in range(200, 206)]
    for step in range(60):
        place, url = dice.choice(places), dice.choice([A, B, "https://9.9.9.9"])
        await made(bare, place, url, model=f"model-{step}")
        mine[place.channel_id] = (url, f"model-{step}")
        for other in places:
            if other.channel_id not in mine:
                continue
            options = await bare.options.resolve(other)
            found = await bare.connections.resolve(other, options)
            assert (found.url, found.model) == mine[other.channel_id]
