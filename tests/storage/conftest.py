"""A store for each test: a new SQLite file, and an emptied PostgreSQL database if there is one."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine

from core.chat.place import Place
from core.settings import DatabaseSettings, Settings
from core.storage.database import Database
from core.storage.migrations import HEAD
from core.storage.schema import bring_up_to_date
from core.storage.storage import Storage
from core.storage.stories import Story
from core.storage.tables import seen

POSTGRES = "TAVERN_TEST_POSTGRES"
PLACE = Place(channel_id=100, guild_id=1, category_id=50)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """SQLite, in a folder of the test."""
    return Settings.model_validate({"data_dir": tmp_path / "data"})


@pytest.fixture(params=["sqlite", "postgresql"] if os.environ.get(POSTGRES) else ["sqlite"])
async def storage(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Storage]:
    """An empty store, on each kind of database."""
    if request.param == "postgresql":
        url = os.environ[POSTGRES]
        await emptied(url)
        settings = settings.model_copy(update={"database": DatabaseSettings(url=url)})
    async with Storage.open(settings) as opened:
        yield opened


@pytest.fixture
async def story(storage: Storage) -> Story:
    """A story in a channel of server 1."""
    return await storage.stories.open(PLACE)


async def last_seen(storage: Storage, place_id: int) -> int:
    """The newest Discord message looked at in a place; 0 = none."""
    row = await storage.database.first(select(seen).where(seen.c.place_id == place_id))
    return row.discord_id if row else 0


async def emptied(url: str) -> None:
    """Drops everything in the database: never point this at one that matters."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()


async def migrate(settings: Settings) -> tuple[str, str]:
    """The revisions before (empty for a new database) and after."""
    async with Database.open(settings) as database:
        return await bring_up_to_date(database), HEAD
