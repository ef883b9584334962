"""Migrations: the tables they make are the tables the code means; nothing half, nothing lost."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.errors import SchemaBehind
from core.settings import Settings
from core.storage import migrations, schema
from core.storage.database import Database, backups
from core.storage.storage import Storage
from core.storage.tables import metadata
from tests.storage.conftest import POSTGRES, migrate

FIRST = "3adac2370af931e87e6937d93a004e76a2885d41a45709b69926b14d26f88f23"


def differences(connection: Connection) -> object:
    return compare_metadata(MigrationContext.configure(connection), metadata)


async def test_migrations_make_the_tables_of_the_code(storage: Storage) -> None:
    async with storage.database.read() as connection:
        assert await connection.run_sync(differences) == []


def test_the_first_migration_is_frozen() -> None:
    """Databases out there were made by it: a change of the schema is a new revision."""
    first = Path(migrations.__file__).parent / "versions" / "0001_first_tables.py"
    assert hashlib.sha256(first.read_bytes().replace(b"\r", b"")).hexdigest() == FIRST


@pytest.mark.skipif(not os.environ.get(POSTGRES), reason=f"{POSTGRES} names no database")
def test_postgresql_takes_part() -> None:
    """Says once that the store is not tested on PostgreSQL here."""


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


async def test_migrate_says_what_it_did(settings: Settings) -> None:
    assert await migrate(settings) == ("", migrations.HEAD)
    assert await migrate(settings) == (migrations.HEAD, migrations.HEAD)


async def revise(settings: Settings, statement: str) -> None:
    async with Database.open(settings) as database, database.write() as connection:
        await connection.execute(text(statement))


async def test_a_newer_database_is_refused_and_left_alone(settings: Settings) -> None:
    await migrate(settings)
    await revise(settings, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaBehind, match="version_newer"):
        await migrate(settings)
    await revise(settings, f"UPDATE alembic_version SET version_num = '{migrations.HEAD}'")
    await migrate(settings)


async def test_a_database_without_a_version_is_refused(settings: Settings) -> None:
    await revise(settings, "CREATE TABLE message (id INTEGER)")
    with pytest.raises(SchemaBehind):
        await migrate(settings)


async def test_data_is_copied_before_it_is_migrated(settings: Settings) -> None:
    await migrate(settings)
    await revise(settings, "INSERT INTO meta VALUES ('word', 'canary')")
    await revise(settings, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(SchemaBehind):
        await migrate(settings)
    [copy] = backups(settings.data_dir / "tavern.db")
    assert copy.name == "tavern.db.0000.bak"
    assert b"canary" in copy.read_bytes()


async def test_a_failed_migration_leaves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real steps with one more that breaks after it has changed things."""
    folder = Path(migrations.__file__).parent
    copied = tmp_path / "migrations"
    shutil.copytree(folder, copied)
    (copied / "versions" / "broken.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = 'broken', '{migrations.HEAD}'\n"
        "def upgrade():\n"
        "    op.execute('DROP TABLE meta')\n"
        "    op.execute('DROP TABLE nothing_of_that_name')\n"
    )
    await migrate(settings)
    await revise(settings, "INSERT INTO meta VALUES ('word', 'kept')")
    monkeypatch.setattr(schema, "HEAD", "broken")
    monkeypatch.setattr(schema, "__file__", str(tmp_path / "schema.py"))
    with pytest.raises(Exception, match="nothing_of_that_name"):
        await migrate(settings)
    monkeypatch.undo()
    async with Storage.open(settings) as storage:
        assert await storage.meta.get("word") == "kept"


async def test_replacing_a_table_keeps_the_rows_that_refer_to_it(settings: Settings) -> None:
    """SQLite copies and drops tables to change them; the drop must not cascade."""
    await migrate(settings)
    await revise(settings, "INSERT INTO story (owner_kind, owner_id) VALUES ('server', 1)")
    await revise(
        settings,
        "INSERT INTO message (story_id, role, name, state) VALUES (1, 'user', 'Ann', 'done')",
    )
    async with Database.open(settings) as database:
        async with database.rebuild() as connection:
            made = await connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = 'story'")
            )
            await connection.execute(text(made.scalar_one().replace("TABLE story", "TABLE copy")))
            await connection.execute(text("INSERT INTO copy SELECT * FROM story"))
            await connection.execute(text("DROP TABLE story"))
            await connection.execute(text("ALTER TABLE copy RENAME TO story"))
        async with database.write() as connection:
            left = await connection.execute(text("SELECT count(*) FROM message"))
            assert left.scalar_one() == 1
            keys = await connection.execute(text("PRAGMA foreign_keys"))
            assert keys.scalar_one() == 1
