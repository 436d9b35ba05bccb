"""The mark of imported votes: in place of the study's digest, their ballots bear the digest of the imported file."""

from __future__ import annotations

import hashlib

import pandas as pd

PREFIX = "imported-"


def mark(content: bytes) -> str:
    """Return the mark of all votes of a file, which fits into the column `study_digest`."""
    return PREFIX + hashlib.sha256(content).hexdigest()[:48]


def imported(votes: pd.DataFrame) -> int:
    """Return how many votes were imported.

    Args:
        votes: as `Store.results` returns them; without the column `study_digest` none was.
    """
    return len(votes) - len(own(votes))


def own(votes: pd.DataFrame) -> pd.DataFrame:
    """Return the votes that were cast in this app, as `Store.results` returns them."""
    if "study_digest" not in votes:
        return votes
    return votes[~votes["study_digest"].astype(str).str.startswith(PREFIX)]
