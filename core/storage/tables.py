"""Every table of the database. Snowflakes are 64-bit, times UTC milliseconds.

Rows belong to an owner (a server, a person, or the product's stock) and go with it.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

from core.storage.columns import JsonText, Snowflake, UnicodeText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *items: SchemaItem) -> Table:
    """A table whose own ids are never used again: a button of a deleted thing must stay dead."""
    identity = Column("id", Snowflake, primary_key=True, autoincrement=True)
    return Table(name, metadata, identity, *items, sqlite_autoincrement=True)


def _of(target: str, *, key: bool = False, index: bool = False) -> Column[int]:
    """A reference to a row this one goes with."""
    reference = ForeignKey(f"{target}.id", ondelete="CASCADE")
    name = f"{target}_id"
    return Column(name, Snowflake, reference, primary_key=key, nullable=False, index=index or None)


def _maybe(name: str, target: str) -> Column[int | None]:
    """A reference that is emptied when its target goes."""
    return Column(name, Snowflake, ForeignKey(f"{target}.id", ondelete="SET NULL"), nullable=True)


def _owner(*, key: bool = False) -> tuple[Column[str], Column[int]]:
    return (
        Column("owner_kind", String(16), primary_key=key, nullable=False),
        Column("owner_id", Snowflake, primary_key=key, nullable=False, autoincrement=False),
    )


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Snowflake, nullable=False, server_default=str(default))


def _flag(name: str, *, default: bool = False) -> Column[bool]:
    shown = text("true" if default else "false")
    return Column(name, Boolean, nullable=False, server_default=shown)


def _text(name: str) -> Column[str]:
    return Column(name, UnicodeText, nullable=False, server_default="")


def _name() -> tuple[Column[str], Column[str]]:
    """A name, and the form in which it is looked up (`columns.fold`)."""
    return (
        Column("name", UnicodeText, nullable=False),
        Column("name_key", UnicodeText, nullable=False),
    )


# Small things: command-sync hash, schema notes.
meta = Table(
    "meta",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", UnicodeText, nullable=False),
)

options = Table(
    "option",
    metadata,
    *_owner(key=True),
    Column("scope", String(16), primary_key=True),
    Column("scope_id", Snowflake, primary_key=True, autoincrement=False),
    Column("key", String(80), primary_key=True),
    Column("value", JsonText(keeps_none=True), nullable=False),
)

connections = _table(
    "connection",
    *_owner(),
    *_name(),
    Column("backend", String(80), nullable=False),
    Column("kind", String(8)),
    _text("url"),
    _text("model"),
    _text("reach"),
    Column("options", JsonText, nullable=False),
    Column("sealed_key", UnicodeText),
    _number("version", 1),
    UniqueConstraint("owner_kind", "owner_id", "name_key"),
)

assets = Table(
    "asset",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("content_type", String(80), nullable=False),
    _number("size"),
    Column("data", LargeBinary, nullable=False),
)

characters = _table(
    "character",
    *_owner(),
    *_name(),
    Column("slug", String(80)),
    # For lists: a card may be a hundred kilobytes.
    _text("summary"),
    Column("card", JsonText, nullable=False),
    _number("created_by"),
    UniqueConstraint("owner_kind", "owner_id", "slug"),
    UniqueConstraint("owner_kind", "owner_id", "name_key"),
)

character_assets = Table(
    "character_asset",
    metadata,
    _of("character", key=True),
    Column("purpose", String(16), primary_key=True),
    Column("hash", String(64), ForeignKey("asset.hash"), nullable=False, index=True),
)

lorebooks = _table(
    "lorebook",
    *_owner(),
    *_name(),
    Column("document", JsonText, nullable=False),
    _number("created_by"),
    _number("version", 1),
    UniqueConstraint("owner_kind", "owner_id", "name_key"),
)

lore_bindings = Table(
    "lore_binding",
    metadata,
    _of("lorebook", key=True),
    *_owner(key=True),
    Column("scope", String(16), primary_key=True),
    Column("scope_id", Snowflake, primary_key=True, autoincrement=False),
)

personas = _table(
    "persona",
    _number("person_id"),
    *_name(),
    _text("description"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("depth", Integer, nullable=False, server_default="2"),
    Column("role", Integer, nullable=False, server_default="0"),
    UniqueConstraint("person_id", "name_key"),
)

persona_bindings = Table(
    "persona_binding",
    metadata,
    Column("person_id", Snowflake, primary_key=True, autoincrement=False),
    Column("scope", String(16), primary_key=True),
    Column("scope_id", Snowflake, primary_key=True, autoincrement=False),
    _of("persona"),
)

presets = _table(
    "preset",
    *_owner(),
    Column("kind", String(16), nullable=False),
    *_name(),
    Column("document", JsonText, nullable=False),
    UniqueConstraint("owner_kind", "owner_id", "kind", "name_key"),
)

regex_scripts = _table(
    "regex_script",
    *_owner(),
    Column("scope", String(16), nullable=False),
    _number("scope_id"),
    _number("ordinal"),
    Column("document", JsonText, nullable=False),
    _flag("allowed"),
    _number("created_by"),
    Index(None, "owner_kind", "owner_id", "scope", "scope_id"),
)

# Scripts of cards and presets stand in their documents; here is which of them may run.
script_consents = _table(
    "script_consent",
    Column("character_id", Snowflake, ForeignKey("character.id", ondelete="CASCADE"), index=True),
    Column("preset_id", Snowflake, ForeignKey("preset.id", ondelete="CASCADE"), index=True),
    Column("digest", String(64), nullable=False),
    _number("created_by"),
)

preset_uses = _table(
    "preset_use",
    *_owner(),
    Column("scope", String(16), nullable=False),
    _number("scope_id"),
    Column("document", JsonText, nullable=False),
    Index("ix_preset_use_scope_id", "scope_id"),
)
"""What held in a scope before a preset was used there, newest last."""

stories = _table(
    "story",
    _number("place_id"),
    *_owner(),
    _number("channel_id"),
    Column("guild_id", Snowflake),
    Column("category_id", Snowflake),
    Column("thread_id", Snowflake),
    Column("person_id", Snowflake),
    _flag("adult"),
    _flag("active", default=True),
    _number("floor"),
    Column("told", JsonText),
    # Several stories a place, one of them active.
    Index(
        "uq_story_active",
        "place_id",
        unique=True,
        sqlite_where=text("active"),
        postgresql_where=text("active"),
    ),
    Index(None, "channel_id"),
    Index(None, "place_id"),
)

story_members = Table(
    "story_member",
    metadata,
    _of("story", key=True),
    _of("character", key=True),
    Column("ordinal", Integer, nullable=False, server_default="0"),
    _flag("muted"),
    Column("talkativeness", Float, nullable=False, server_default="0.5"),
)

seen = Table(
    "seen",
    metadata,
    Column("place_id", Snowflake, primary_key=True, autoincrement=False),
    Column("channel_id", Snowflake, nullable=False, index=True),
    *_owner(),
    Column("discord_id", Snowflake, nullable=False),
)

messages = _table(
    "message",
    _of("story"),
    _number("seq"),
    Column("role", String(16), nullable=False),
    Column("name", UnicodeText, nullable=False),
    Column("author_id", Snowflake, index=True),
    _maybe("persona_id", "persona"),
    _maybe("character_id", "character"),
    Column("state", String(16), nullable=False),
    _flag("hidden"),
    # Whether Discord has yet to be brought to show the message as it is stored.
    _flag("unshown"),
    Column("active", Integer, nullable=False, server_default="0"),
    _number("created"),
    Column("attachments", JsonText),
    Index(None, "story_id", "seq"),
    Index(
        "ix_message_unfinished",
        "state",
        sqlite_where=text("state IN ('pending', 'streaming')"),
        postgresql_where=text("state IN ('pending', 'streaming')"),
    ),
    Index(
        "ix_message_unshown",
        "unshown",
        sqlite_where=text("unshown"),
        postgresql_where=text("unshown"),
    ),
)

swipes = _table(
    "swipe",
    _of("message"),
    Column("n", Integer, nullable=False),
    _text("text"),
    _text("reasoning"),
    _text("backend"),
    _text("model"),
    Column("prompt_tokens", Integer),
    Column("reply_tokens", Integer),
    Column("seconds", Float),
    Column("counts", JsonText),
    UniqueConstraint("message_id", "n"),
)

discord_messages = Table(
    "discord_message",
    metadata,
    Column("discord_id", Snowflake, primary_key=True, autoincrement=False),
    _of("message", index=True),
    Column("ordinal", Integer, nullable=False, server_default="0"),
    Column("length", Integer),
)

variables = Table(
    "variable",
    metadata,
    *_owner(key=True),
    # 0: shared by the owner's stories. SQLite and PostgreSQL both refuse NULL in a key.
    Column("story_id", Snowflake, primary_key=True, autoincrement=False),
    Column("name", UnicodeText, primary_key=True),
    Column("value", JsonText, nullable=False),
)

lore_states = Table(
    "lore_state",
    metadata,
    _of("story", key=True),
    Column("effect", String(16), primary_key=True),
    Column("book", UnicodeText, primary_key=True),
    Column("uid", Snowflake, primary_key=True, autoincrement=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("hash", String(80), nullable=False),
    _flag("protected"),
)
