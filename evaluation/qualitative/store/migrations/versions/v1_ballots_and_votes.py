"""Ballots and votes, as they were before there were sessions: databases of that time have them already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the two tables where they are missing."""
    op.create_table(
        "ballots",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("study", sa.String(64), nullable=False),
        sa.Column("rater", sa.String(64), nullable=False),
        sa.Column("left", sa.String(64), nullable=False),
        sa.Column("right", sa.String(64), nullable=False),
        sa.Column("left_seed", sa.BigInteger, nullable=False),
        sa.Column("right_seed", sa.BigInteger, nullable=False),
        sa.Column("pair_probability", sa.Double, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ballots_by_rater", "ballots", ["study", "rater", "issued_at"], if_not_exists=True)
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ballot_id", sa.String(64), sa.ForeignKey("ballots.id"), nullable=False, unique=True),
        sa.Column("choice", sa.String(16), nullable=False),
        sa.Column("response_ms", sa.Integer),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
