"""What Alembic runs: the steps that are missing, in the transaction that `database.migrate` opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # SQLite can, once the driver does not commit on its own
    transaction_per_migration=False,
)
context.run_migrations()
