"""Ballots with four pictures: the third and the fourth arm, and their seeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Add the columns; ballots that are there have one or two pictures."""
    for name in ("third", "fourth"):
        op.add_column("ballots", sa.Column(name, sa.String(64), nullable=False, server_default=""))
        op.add_column("ballots", sa.Column(f"{name}_seed", sa.BigInteger, nullable=False, server_default="0"))
