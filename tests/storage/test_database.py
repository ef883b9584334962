"""The file: one process, one writer, nothing recreated, every fault told apart."""

import asyncio
import gc
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from core.errors import (
    SettingsError,
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageInUse,
)
from core.settings import DatabaseSettings, Settings
from core.storage import database as module
from core.storage.database import Database
from core.storage.storage import Storage
from core.storage.tables import meta
from tests.storage.conftest import PLACE, migrate

has_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")


def file_of(settings: Settings) -> Path:
    return settings.data_dir / "tavern.db"


async def test_pragmas(settings: Settings) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    async with Storage.open(settings) as storage, storage.database.write() as connection:
        for pragma, value in wanted.items():
            found = await connection.execute(text(f"PRAGMA {pragma}"))
            assert found.scalar_one() == value, pragma


async def test_readers_cannot_write(settings: Settings) -> None:
    async with Storage.open(settings) as storage, storage.database.read() as connection:
        with pytest.raises(Exception, match="readonly"):
            await connection.execute(insert(meta).values(key="a", value="b"))


@has_modes
async def test_only_the_owner_may_read(settings: Settings) -> None:
    before = os.umask(0)
    try:
        async with Storage.open(settings) as storage:
            await storage.meta.set("a", "b")
            modes = {path.name: path.stat().st_mode & 0o777 for path in settings.data_dir.iterdir()}
    finally:
        os.umask(before)
    assert {"tavern.db", "tavern.db-wal", "tavern.db-shm", "secret.key"} <= modes.keys()
    assert set(modes.values()) == {0o600}


async def test_a_second_opening_is_refused(settings: Settings) -> None:
    async with Storage.open(settings):
        with pytest.raises(StorageInUse) as caught:
            async with Storage.open(settings):
                pass
    assert caught.value.facts["path"] == file_of(settings)
    async with Storage.open(settings):
        pass


SECOND = """
import asyncio, sys
from pathlib import Path
from core.errors import StorageInUse
from core.settings import Settings
from core.storage.storage import Storage

async def main():
    try:
        async with Storage.open(Settings.model_validate({"data_dir": sys.argv[1]})):
            print("open", flush=True)
            await asyncio.sleep(600)
    except StorageInUse:
        print("in use", flush=True)

asyncio.run(main())
"""


def start(settings: Settings, code: str) -> "subprocess.Popen[str]":
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", code, str(settings.data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )


async def test_a_second_process_is_refused_until_the_first_is_killed(settings: Settings) -> None:
    first = await asyncio.to_thread(start, settings, SECOND)
    assert first.stdout is not None
    try:
        assert await asyncio.to_thread(first.stdout.readline) == "open\n"
        with pytest.raises(StorageInUse):
            async with Storage.open(settings):
                pass
    finally:
        first.kill()
        await asyncio.to_thread(first.communicate)
    async with Storage.open(settings) as storage:
        await storage.meta.set("a", "b")


async def test_a_memory_database_is_refused(settings: Settings) -> None:
    nowhere = settings.model_copy(
        update={"database": DatabaseSettings(url="sqlite+aiosqlite:///:memory:")}
    )
    with pytest.raises(SettingsError):
        async with Database.open(nowhere):
            pass


async def test_a_password_is_not_shown(settings: Settings) -> None:
    pytest.importorskip("asyncpg")
    url = "postgresql+asyncpg://tavern:canary@127.0.0.1:1/tavern"
    far = settings.model_copy(update={"database": DatabaseSettings(url=url)})
    async with Database.open(far) as database:
        assert "canary" not in database.shown
        with pytest.raises(StorageError) as caught:
            async with database.read():
                pass
    assert "canary" not in str(caught.value)


async def filled(settings: Settings) -> bytes:
    async with Storage.open(settings) as storage:
        story = await storage.stories.open(PLACE)
        for number in range(100):
            await storage.messages.append_person(
                story, discord_id=1 + number, author_id=7, name="Ann", text="word " * 200
            )
    return file_of(settings).read_bytes()


async def test_a_file_that_is_no_database_is_left_alone(settings: Settings) -> None:
    settings.data_dir.mkdir()
    file_of(settings).write_bytes(b"a diary, not a database" * 100)
    with pytest.raises(StorageDamaged) as caught:
        async with Storage.open(settings):
            pass
    assert caught.value.facts["path"] == file_of(settings)
    assert file_of(settings).read_bytes().startswith(b"a diary")


async def test_damage_is_found_or_does_no_harm(settings: Settings) -> None:
    whole = await filled(settings)
    found = 0
    for seed in range(50):
        dice = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(100):
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        file_of(settings).write_bytes(damaged)
        try:
            async with Storage.open(settings) as storage:
                await storage.messages.history(await storage.stories.open(PLACE))
        except StorageError:
            found += 1
            assert file_of(settings).read_bytes() == bytes(damaged)
    assert found > 0


async def test_the_newest_copy_is_named(settings: Settings) -> None:
    whole = await filled(settings)
    copy = file_of(settings).with_name("tavern.db.0000.bak")
    copy.write_bytes(whole)
    file_of(settings).write_bytes(whole[:5000] + bytes(5000) + whole[10_000:])
    with pytest.raises(StorageDamaged) as caught:
        async with Storage.open(settings):
            pass
    assert caught.value.facts["backup"] == copy


async def test_a_vanished_file_is_not_made_anew(settings: Settings) -> None:
    process = await asyncio.to_thread(start, settings, SECOND)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "open\n"
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert file_of(settings).with_name("tavern.db-wal").stat().st_size
    file_of(settings).unlink()
    with pytest.raises(StorageDamaged):
        async with Storage.open(settings):
            pass


async def test_a_full_disk_is_told_and_overcome(settings: Settings) -> None:
    async with Storage.open(settings) as storage:
        story = await storage.stories.open(PLACE)
        database = storage.database
        async with database.write() as connection:
            pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
            await connection.execute(text(f"PRAGMA max_page_count={pages + 4}"))

        async def say(discord_id: int) -> None:
            await storage.messages.append_person(
                story, discord_id=discord_id, author_id=7, name="Ann", text="word " * 500
            )

        stored, full = 0, None
        while full is None:
            try:
                await say(1 + stored)
                stored += 1
            except StorageError as error:
                full = error
        assert isinstance(full, StorageFull)
        assert len(await storage.messages.history(story)) == stored
        async with database.write() as connection:
            await connection.execute(text("PRAGMA max_page_count=1000000"))
        await say(9000)
        assert len(await storage.messages.history(story)) == stored + 1


async def test_a_locked_file_is_waited_for_then_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.3)
    monkeypatch.setitem(module._WRITER, "busy_timeout", 300)
    async with Storage.open(settings) as storage:
        with closing(sqlite3.connect(file_of(settings), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StorageBusy):
                await storage.meta.set("a", "b")
            assert await storage.meta.get("a") is None
            monkeypatch.setitem(module._WRITER, "busy_timeout", 60_000)
            other.execute("COMMIT")
        await storage.meta.set("a", "b")
        assert await storage.meta.get("a") == "b"


async def test_writes_queue_while_the_file_is_locked(settings: Settings) -> None:
    async with Storage.open(settings) as storage:
        with closing(sqlite3.connect(file_of(settings), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            writes = [asyncio.create_task(storage.meta.set(str(n), "x")) for n in range(50)]
            await asyncio.wait(writes, timeout=0.2)
            assert not any(write.done() for write in writes)
            other.execute("COMMIT")
        await asyncio.gather(*writes)
        async with storage.database.read() as connection:
            assert len((await connection.execute(select(meta))).all()) == 50


async def test_too_many_waiting_writes_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE", 5)
    async with Storage.open(settings) as storage:
        results = await asyncio.gather(
            *(storage.meta.set(str(number), "x") for number in range(20)), return_exceptions=True
        )
    told = [result for result in results if result is not None]
    assert 0 < len(told) < 20
    assert all(isinstance(result, StorageBusy) for result in told)


async def test_cancelled_writes_leave_nothing_half_done(settings: Settings) -> None:
    dice = random.Random(11)
    async with Storage.open(settings) as storage:
        story = await storage.stories.open(PLACE)

        async def write(discord_id: int) -> None:
            await storage.messages.append_person(
                story, discord_id=discord_id, author_id=7, name="Ann", text=str(discord_id)
            )

        for discord_id in range(1, 101):
            task = asyncio.create_task(write(discord_id))
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            if dice.random() < 0.7:
                task.cancel()
            await asyncio.wait([task])
        for discord_id in range(1, 101):
            await write(discord_id)
        history = await storage.messages.history(story)
        assert [turn.text for turn in history] == [str(number) for number in range(1, 101)]
        assert all(turn.discord_ids == (turn.seq,) for turn in history)
        async with storage.database.write() as connection:
            orphans = await connection.execute(text("PRAGMA foreign_key_check"))
            assert orphans.all() == []


@pytest.mark.filterwarnings("error")
async def test_cancelled_reads_lose_no_connection(settings: Settings) -> None:
    dice = random.Random(7)
    async with Storage.open(settings) as storage:

        async def read() -> None:
            async with storage.database.read() as connection:
                await connection.execute(text("SELECT 1"))

        for _ in range(200):
            tasks = [asyncio.create_task(read()) for _ in range(5)]
            await asyncio.sleep(dice.uniform(0.0, 0.008))
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await read()
    gc.collect()


async def test_the_end_waits_for_work_under_way(settings: Settings) -> None:
    begun, told = asyncio.Event(), list[int]()

    async def read() -> None:
        async with storage.database.read() as connection:
            begun.set()
            for _ in range(20):
                told.append((await connection.execute(text("SELECT 1"))).scalar_one())

    async with Storage.open(settings) as storage:
        task = asyncio.create_task(read())
        await begun.wait()
    assert task.done()
    assert told == [1] * 20
    await task
    gc.collect()


async def test_the_end_waits_for_those_in_line(settings: Settings) -> None:
    begun, told = asyncio.Event(), list[int]()

    async def write(number: int) -> None:
        async with storage.database.write() as connection:
            begun.set()
            for _ in range(5):
                await connection.execute(text("SELECT 1"))
        told.append(number)

    async with Storage.open(settings) as storage:
        tasks = [asyncio.create_task(write(number)) for number in range(5)]
        await begun.wait()
        tasks.append(asyncio.create_task(storage.database.scrub()))
        await asyncio.sleep(0)
    assert all(task.done() for task in tasks)
    assert told == [0, 1, 2, 3, 4]
    await asyncio.gather(*tasks)
    gc.collect()


async def test_a_cancelled_scrub_loses_no_connection(settings: Settings) -> None:
    async with Storage.open(settings) as storage:
        for ticks in range(60):
            task = asyncio.create_task(storage.database.scrub())
            for _ in range(ticks % 20):
                await asyncio.sleep(0.0002)
            task.cancel()
        await storage.meta.set("key", "value")
    gc.collect()


async def test_nobody_comes_in_after_the_end(settings: Settings) -> None:
    async with Storage.open(settings) as storage:
        await storage.meta.set("key", "value")
    for late in (storage.meta.get("key"), storage.meta.set("key", "other")):
        with pytest.raises(StorageError):
            await late
    gc.collect()


async def test_the_end_waits_no_longer_than_it_must(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSING_SECONDS", 0.05)
    held, leave = asyncio.Event(), asyncio.Event()

    async def write(number: int) -> None:
        async with storage.database.write():
            held.set()
            await leave.wait()

    async with Storage.open(settings) as storage:
        tasks = [asyncio.create_task(write(number)) for number in range(2)]
        await held.wait()
        asyncio.get_running_loop().call_later(0.2, leave.set)
    first, second = await asyncio.gather(*tasks, return_exceptions=True)
    assert first is None
    assert isinstance(second, StorageError)
    gc.collect()


async def test_migrating_needs_the_file_too(settings: Settings) -> None:
    async with Storage.open(settings):
        with pytest.raises(StorageInUse):
            await migrate(settings)


async def test_a_connection_that_the_server_closed_is_made_anew(storage: Storage) -> None:
    database = storage.database
    if database.is_sqlite:
        pytest.skip("there is no server")
    async with database.read(), database.write():
        pass  # the pool has two connections now
    async with database.write() as connection:
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
        await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        await asyncio.sleep(0.2)  # until the loop has heard of it
        async with database.read() as other:
            assert (await other.execute(text("SELECT 1"))).scalar_one() == 1
