"""How the tables came to be, step by step (Alembic); `database.migrate` runs what a database lacks at each start."""
