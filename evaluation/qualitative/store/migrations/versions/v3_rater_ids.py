"""Rater ids: a keyed hash takes the place of each rater's secret; participants of a platform have a table."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"

_PARAMETERS = {"PROLIFIC_PID": "participant", "STUDY_ID": "study", "SESSION_ID": "session"}
_OF_A_PLATFORM = re.compile(r"p-[0-9a-f]{40}")


def upgrade() -> None:
    """Replace the secrets, and let each platform's participant stay the rater that the participant was."""
    op.create_table(
        "participants",
        sa.Column("study", sa.String(64), primary_key=True),
        sa.Column("participant", sa.String(64), primary_key=True),
        sa.Column("rater", sa.String(64), nullable=False),
    )
    op.create_index("participants_by_rater", "participants", ["study", "rater"])
    connection = op.get_bind()
    known: dict[tuple[str, str], str] = {}
    for name in ("ballots", "events", "withdrawals"):
        table = sa.table(name, sa.column("study"), sa.column("rater"))
        raters = [tuple(row) for row in connection.execute(sa.select(table).distinct())]
        if raters:
            key = _key(connection)
            known.update({rater: _hashed(key, *rater) for rater in raters})
            change = (
                sa.update(table)
                .where(table.c.study == sa.bindparam("of_study"), table.c.rater == sa.bindparam("secret"))
                .values(rater=sa.bindparam("hashed"))
            )
            values = [{"of_study": study, "secret": rater, "hashed": known[study, rater]} for study, rater in raters]
            connection.execute(change, values)
    participants = sa.table("participants", sa.column("study"), sa.column("participant"), sa.column("rater"))
    rows = [
        {"study": study, "participant": _participant(_key(connection), secret), "rater": rater}
        for (study, secret), rater in known.items()
        if _OF_A_PLATFORM.fullmatch(secret)
    ]
    if rows:
        connection.execute(sa.insert(participants), rows)
    _rename_parameters(connection)


def _key(connection: sa.Connection) -> str:
    """The database's key; a database of two tables has none yet."""
    settings = sa.table("settings", sa.column("name"), sa.column("value"))
    query = sa.select(settings.c.value).where(settings.c.name == "key")
    key = connection.execute(query).scalar_one_or_none()
    if key is None:
        key = secrets.token_hex(32)
        connection.execute(sa.insert(settings).values(name="key", value=key))
    return key


def _hashed(key: str, study: str, secret: str) -> str:
    """The pseudonym that exports and the mirror gave this rater before."""
    name = f"mirror\n{study}\n{secret}".encode()
    return "rater:" + hmac.new(bytes.fromhex(key), name, hashlib.sha256).hexdigest()[:32]


def _participant(key: str, secret: str) -> str:
    """The secret of a platform's participant was a keyed hash of the platform's id; its own hash is stored now."""
    return "participant:" + hmac.new(bytes.fromhex(key), secret.encode(), hashlib.sha256).hexdigest()[:32]


def _rename_parameters(connection: sa.Connection) -> None:
    """Store the parameters of a link under names that no platform owns."""
    events = sa.table("events", sa.column("id"), sa.column("kind"), sa.column("details", sa.JSON))
    joined = connection.execute(sa.select(events.c.id, events.c.details).where(events.c.kind == "joined")).all()
    for event, details in joined:
        if details:
            renamed = {_PARAMETERS.get(name, name): value for name, value in details.items()}
            connection.execute(sa.update(events).where(events.c.id == event).values(details=renamed))
