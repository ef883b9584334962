"""Keys at rest: sealed, bound to what they are for, never in any file as they are."""

import logging
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from core.chat.place import Owner, OwnerKind
from core.errors import KeyMissing, SettingsError, WrongKey
from core.secret import Secret
from core.settings import Settings
from core.storage.connections import Connection
from core.storage.key_vault import KeyVault
from core.storage.storage import Storage
from core.storage.tables import connections as table

CANARY = "sk-canary-0123456789"
SERVER = Owner(OwnerKind.SERVER, 1)


def with_key(settings: Settings, key: str) -> Settings:
    return Settings.model_validate({"data_dir": settings.data_dir, "secrets": {"key": key}})


def unusable(settings: Settings) -> Settings:
    """The key file's folder is a file."""
    settings.data_dir.mkdir(exist_ok=True)
    (settings.data_dir / "wall").write_text("")
    path = settings.data_dir / "wall" / "secret.key"
    return Settings.model_validate({"data_dir": settings.data_dir, "secrets": {"key_file": path}})


def test_what_is_sealed_opens_again(settings: Settings) -> None:
    sealed = KeyVault.load(settings).seal(Secret(CANARY), "https://a.test:443")
    assert CANARY not in sealed
    again = KeyVault.load(settings)
    assert again.persistent
    assert again.open(sealed, "https://a.test:443").reveal() == CANARY


def test_only_for_its_purpose(settings: Settings) -> None:
    secrets = KeyVault.load(settings)
    sealed = secrets.seal(Secret(CANARY), "https://a.test:443")
    with pytest.raises(WrongKey) as caught:
        secrets.open(sealed, "https://b.test:443")
    assert CANARY not in str(caught.value)


def test_another_master_key_does_not_open_it(settings: Settings) -> None:
    sealed = KeyVault.load(settings).seal(Secret(CANARY), "a")
    other = KeyVault.load(with_key(settings, Fernet.generate_key().decode()))
    with pytest.raises(WrongKey):
        other.open(sealed, "a")


def test_keys_are_rotated_by_putting_a_new_one_in_front(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = KeyVault.load(with_key(settings, old)).seal(Secret(CANARY), "a")
    both = KeyVault.load(with_key(settings, f"{new}, {old}"))
    again = both.sealed_again(sealed)
    assert KeyVault.load(with_key(settings, new)).open(again, "a").reveal() == CANARY
    with pytest.raises(WrongKey):
        KeyVault.load(with_key(settings, old)).open(again, "a")


def test_a_damaged_key_is_refused_not_replaced(settings: Settings) -> None:
    settings.data_dir.mkdir()
    settings.key_file.write_text("no key")
    with pytest.raises(SettingsError, match=r"secret\.key"):
        KeyVault.load(settings)
    assert settings.key_file.read_text() == "no key"
    with pytest.raises(SettingsError, match=r"secrets\.key") as caught:
        KeyVault.load(with_key(settings, "canary"))
    assert "canary" not in str(caught.value)


def test_without_a_place_for_the_key_it_lives_in_memory(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        secrets = KeyVault.load(unusable(settings))
    assert "secret.key" in caplog.text
    assert not secrets.persistent
    sealed = secrets.seal(Secret(CANARY), "a")
    assert CANARY not in sealed
    assert secrets.open(sealed, "a").reveal() == CANARY
    with pytest.raises(WrongKey):
        secrets.open(sealed, "b")
    with pytest.raises(KeyMissing):
        KeyVault.load(unusable(settings)).open(sealed, "a")


def files_holding(folder: Path, words: str) -> list[str]:
    return [path.name for path in folder.iterdir() if words.encode() in path.read_bytes()]


async def test_no_file_holds_a_key(settings: Settings) -> None:
    async with Storage.open(settings) as storage:
        new = Connection("House", "openai", "https://a.test", key=Secret(CANARY))
        stored = await storage.connections.put(SERVER, new)
        assert stored.key.reveal() == CANARY
        assert files_holding(settings.data_dir, CANARY) == []
        [sealed] = await _sealed(storage)
        assert files_holding(settings.data_dir, sealed)
        await storage.connections.delete(SERVER, stored.id)
        assert files_holding(settings.data_dir, sealed) == []


async def _sealed(storage: Storage) -> list[str]:
    async with storage.database.read() as connection:
        return list((await connection.execute(select(table.c.sealed_key))).scalars())


async def test_a_lost_master_key_costs_only_the_keys(settings: Settings) -> None:
    async with Storage.open(settings) as storage:
        new = Connection("House", "openai", "https://a.test", key=Secret(CANARY))
        await storage.connections.put(SERVER, new)
    settings.key_file.unlink()
    async with Storage.open(settings) as storage:
        [found] = await storage.connections.list(SERVER)
    assert (found.name, found.url, bool(found.key)) == ("House", "https://a.test", False)
