"""Remember with a story what people were told about it once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("story", sa.Column("told", sa.Text()))


def downgrade() -> None:
    """Without it."""
    op.drop_column("story", "told")
