"""Lines that earlier versions wrote to a journal, in the form of today.

Before form 3 a line held the rater's secret, which is now only in the rater's browser, and the parameters of a link
under Prolific's names. `migrations/versions/v3_rater_ids.py` does the same to a database.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator

from evaluation.qualitative.ballot import is_rater_id, rater_id
from evaluation.qualitative.store.database import events, participants
from evaluation.qualitative.store.journal import Line

FORM = 3
_PARAMETERS = {"PROLIFIC_PID": "participant", "STUDY_ID": "study", "SESSION_ID": "session"}
_OF_A_PLATFORM = re.compile(r"p-[0-9a-f]{40}")  # such a secret was the keyed hash of the participant's id


def participant(key: str, secret: str) -> str:
    """Return what is stored of a participant, from the secret that earlier versions made of the platform's id."""
    return "participant:" + hmac.new(bytes.fromhex(key), secret.encode(), hashlib.sha256).hexdigest()[:32]


def converted(lines: Iterable[Line], *, key: str) -> Iterator[Line]:
    """Yield lines in the form of today; those that have it already stay as they are.

    Args:
        lines: of a journal.
        key: the database's key, in hexadecimal digits.

    Raises:
        InvalidRaterError: a line's rater is malformed.
    """
    known: set[tuple[str, str]] = set()
    for line in lines:
        if not (secret := line.get("rater")) or is_rater_id(secret):  # "": an event of the study's owner
            yield line
            continue
        study, rater = line["study"], rater_id(key, line["study"], secret)
        if _OF_A_PLATFORM.fullmatch(secret) and (study, secret) not in known:
            known.add((study, secret))
            hashed = participant(key, secret)
            yield {"line": participants.name, "study": study, "participant": hashed, "rater": rater}
        if line["line"] == events.name:
            details = {_PARAMETERS.get(name, name): value for name, value in line["details"].items()}
            line = {**line, "details": details}
        yield {**line, "rater": rater}
