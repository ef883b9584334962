"""Make the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
text = sa.Text()


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "asset",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("content_type", sa.String(80), nullable=False),
        sa.Column("size", big, nullable=False, server_default="0"),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "character",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("name_key", text, nullable=False),
        sa.Column("slug", sa.String(80)),
        sa.Column("summary", text, nullable=False, server_default=""),
        sa.Column("card", text, nullable=False),
        sa.Column("created_by", big, nullable=False, server_default="0"),
        sa.UniqueConstraint("owner_kind", "owner_id", "name_key"),
        sa.UniqueConstraint("owner_kind", "owner_id", "slug"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "connection",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("name_key", text, nullable=False),
        sa.Column("backend", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(8)),
        sa.Column("url", text, nullable=False, server_default=""),
        sa.Column("model", text, nullable=False, server_default=""),
        sa.Column("reach", text, nullable=False, server_default=""),
        sa.Column("options", text, nullable=False),
        sa.Column("sealed_key", text),
        sa.Column("version", big, nullable=False, server_default="1"),
        sa.UniqueConstraint("owner_kind", "owner_id", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lorebook",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("name_key", text, nullable=False),
        sa.Column("document", text, nullable=False),
        sa.Column("created_by", big, nullable=False, server_default="0"),
        sa.Column("version", big, nullable=False, server_default="1"),
        sa.UniqueConstraint("owner_kind", "owner_id", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("value", text, nullable=False),
    )
    op.create_table(
        "option",
        sa.Column("owner_kind", sa.String(16), primary_key=True),
        sa.Column("owner_id", big, primary_key=True, autoincrement=False),
        sa.Column("scope", sa.String(16), primary_key=True),
        sa.Column("scope_id", big, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("value", text, nullable=False),
    )
    op.create_table(
        "preset",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("name_key", text, nullable=False),
        sa.Column("document", text, nullable=False),
        sa.UniqueConstraint("owner_kind", "owner_id", "kind", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seen",
        sa.Column("place_id", big, primary_key=True, autoincrement=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("discord_id", big, nullable=False),
    )
    op.create_index("ix_seen_channel_id", "seen", ["channel_id"])
    op.create_table(
        "story",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("place_id", big, nullable=False, server_default="0"),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("channel_id", big, nullable=False, server_default="0"),
        sa.Column("guild_id", big),
        sa.Column("category_id", big),
        sa.Column("thread_id", big),
        sa.Column("person_id", big),
        sa.Column("adult", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("floor", big, nullable=False, server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_story_channel_id", "story", ["channel_id"])
    op.create_index("ix_story_place_id", "story", ["place_id"])
    op.create_index(
        "uq_story_active",
        "story",
        ["place_id"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "variable",
        sa.Column("owner_kind", sa.String(16), primary_key=True),
        sa.Column("owner_id", big, primary_key=True, autoincrement=False),
        sa.Column("story_id", big, primary_key=True, autoincrement=False),
        sa.Column("name", text, primary_key=True),
        sa.Column("value", text, nullable=False),
    )
    op.create_table(
        "character_asset",
        sa.Column(
            "character_id", big, sa.ForeignKey("character.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("purpose", sa.String(16), primary_key=True),
        sa.Column("hash", sa.String(64), sa.ForeignKey("asset.hash"), nullable=False),
    )
    op.create_index("ix_character_asset_hash", "character_asset", ["hash"])
    op.create_table(
        "lore_binding",
        sa.Column(
            "lorebook_id", big, sa.ForeignKey("lorebook.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("owner_kind", sa.String(16), primary_key=True),
        sa.Column("owner_id", big, primary_key=True, autoincrement=False),
        sa.Column("scope", sa.String(16), primary_key=True),
        sa.Column("scope_id", big, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "lore_state",
        sa.Column("story_id", big, sa.ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("effect", sa.String(16), primary_key=True),
        sa.Column("book", text, primary_key=True),
        sa.Column("uid", big, primary_key=True, autoincrement=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(80), nullable=False),
        sa.Column("protected", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.create_table(
        "persona",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("person_id", big, nullable=False, server_default="0"),
        sa.Column("name", text, nullable=False),
        sa.Column("name_key", text, nullable=False),
        sa.Column("description", text, nullable=False, server_default=""),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("depth", sa.Integer, nullable=False, server_default="2"),
        sa.Column("role", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("person_id", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "story_member",
        sa.Column("story_id", big, sa.ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "character_id", big, sa.ForeignKey("character.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("ordinal", sa.Integer, nullable=False, server_default="0"),
        sa.Column("muted", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("talkativeness", sa.Float, nullable=False, server_default="0.5"),
    )
    op.create_table(
        "message",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("story_id", big, sa.ForeignKey("story.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", big, nullable=False, server_default="0"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("author_id", big),
        sa.Column("persona_id", big, sa.ForeignKey("persona.id", ondelete="SET NULL")),
        sa.Column("character_id", big, sa.ForeignKey("character.id", ondelete="SET NULL")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("unshown", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("active", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", big, nullable=False, server_default="0"),
        sa.Column("attachments", text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_author_id", "message", ["author_id"])
    op.create_index("ix_message_story_id_seq", "message", ["story_id", "seq"])
    op.create_index(
        "ix_message_unfinished",
        "message",
        ["state"],
        sqlite_where=sa.text("state IN ('pending', 'streaming')"),
        postgresql_where=sa.text("state IN ('pending', 'streaming')"),
    )
    op.create_index(
        "ix_message_unshown",
        "message",
        ["unshown"],
        sqlite_where=sa.text("unshown"),
        postgresql_where=sa.text("unshown"),
    )
    op.create_table(
        "persona_binding",
        sa.Column("person_id", big, primary_key=True, autoincrement=False),
        sa.Column("scope", sa.String(16), primary_key=True),
        sa.Column("scope_id", big, primary_key=True, autoincrement=False),
        sa.Column(
            "persona_id", big, sa.ForeignKey("persona.id", ondelete="CASCADE"), nullable=False
        ),
    )
    op.create_table(
        "discord_message",
        sa.Column("discord_id", big, primary_key=True, autoincrement=False),
        sa.Column(
            "message_id", big, sa.ForeignKey("message.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("ordinal", sa.Integer, nullable=False, server_default="0"),
        sa.Column("length", sa.Integer),
    )
    op.create_index("ix_discord_message_message_id", "discord_message", ["message_id"])
    op.create_table(
        "swipe",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column(
            "message_id", big, sa.ForeignKey("message.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("text", text, nullable=False, server_default=""),
        sa.Column("reasoning", text, nullable=False, server_default=""),
        sa.Column("backend", text, nullable=False, server_default=""),
        sa.Column("model", text, nullable=False, server_default=""),
        sa.Column("prompt_tokens", sa.Integer),
        sa.Column("reply_tokens", sa.Integer),
        sa.Column("seconds", sa.Float),
        sa.Column("counts", text),
        sa.UniqueConstraint("message_id", "n"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Back to nothing."""
    for name in (
        "swipe",
        "discord_message",
        "persona_binding",
        "message",
        "story_member",
        "persona",
        "lore_state",
        "lore_binding",
        "character_asset",
        "variable",
        "story",
        "seen",
        "preset",
        "option",
        "meta",
        "lorebook",
        "connection",
        "character",
        "asset",
    ):
        op.drop_table(name)
