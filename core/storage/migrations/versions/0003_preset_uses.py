"""Note what held before a preset was used, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "preset_use",
        sa.Column("id", big, primary_key=True, autoincrement=True),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("owner_id", big, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("scope_id", big, nullable=False, server_default="0"),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_preset_use_scope_id", "preset_use", ["scope_id"])
