"""Keep regex scripts of servers and channels, and which scripts of cards and presets may run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
text = sa.Text()


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "regex_script",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("scope_id", big, nullable=False, server_default="0"),
        sa.Column("ordinal", big, nullable=False, server_default="0"),
        sa.Column("document", text, nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("created_by", big, nullable=False, server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_regex_script_owner_kind_owner_id_scope_scope_id",
        "regex_script",
        ["owner_kind", "owner_id", "scope", "scope_id"],
    )
    op.create_table(
        "script_consent",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("character_id", big, sa.ForeignKey("character.id", ondelete="CASCADE")),
        sa.Column("preset_id", big, sa.ForeignKey("preset.id", ondelete="CASCADE")),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_by", big, nullable=False, server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_script_consent_character_id", "script_consent", ["character_id"])
    op.create_index("ix_script_consent_preset_id", "script_consent", ["preset_id"])


def downgrade() -> None:
    """Without them."""
    op.drop_table("script_consent")
    op.drop_table("regex_script")
