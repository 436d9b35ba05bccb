"""Sessions: what a ballot is for and when it ends, corrections as further votes, what raters did, who withdrew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add the columns and tables; ballots and votes that are there stay as they are."""
    for column in (
        sa.Column("study_digest", sa.String(64), nullable=False, server_default=""),
        sa.Column("item", sa.String(200), nullable=False, server_default=""),
        sa.Column("purpose", sa.String(16), nullable=False, server_default="rating"),
        sa.Column("expected", sa.String(16)),
        sa.Column("instruction", sa.String(500), nullable=False, server_default=""),
        sa.Column("exposure_ms", sa.Integer),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("position", sa.Integer),
        sa.Column("address", sa.String(64)),
    ):
        op.add_column("ballots", column)
    _let_votes_be_corrected()
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study", sa.String(64), nullable=False),
        sa.Column("rater", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("events_by_rater", "events", ["study", "rater"])
    op.create_table(
        "withdrawals",
        sa.Column("study", sa.String(64), primary_key=True),
        sa.Column("rater", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )


def _let_votes_be_corrected() -> None:
    """One vote a ballot becomes one vote a ballot and revision; SQLite can't drop a constraint, so it copies."""
    op.rename_table("votes", "old_votes")
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ballot_id", sa.String(64), sa.ForeignKey("ballots.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("choice", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False, server_default=""),
        sa.Column("response_ms", sa.Integer),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("ballot_id", "revision", name="votes_once"),
    )
    kept = "id, ballot_id, choice, response_ms, cast_at"
    op.execute(f"INSERT INTO votes ({kept}) SELECT {kept} FROM old_votes ORDER BY id")  # noqa: S608
    op.drop_table("old_votes")
    if op.get_bind().dialect.name == "postgresql":  # its counter does not follow what is copied
        op.execute("SELECT setval(pg_get_serial_sequence('votes', 'id'), (SELECT max(id) FROM votes))")
