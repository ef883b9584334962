"""Run by Alembic: works inside the transaction of the connection that it is given."""

from alembic import context

from core.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot change a table in place: Alembic copies it.
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
