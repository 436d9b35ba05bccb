"""Signs that an answer should not count, found in what is stored. A flag deletes nothing: the analysis decides.

The same rows always give the same flags, each with its reason in `REASONS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evaluation.qualitative.ballot import Choice, Purpose

REASONS = {
    "too_fast": "answered sooner than somebody who looked could have",
    "straight_lining": "part of a long run of the same answer, though sides are shuffled",
    "failed_checks": "its rater failed the attention and gold checks",
    "duplicate_participant": "its rater came back with another submission of the platform",
    "shared_address": "many raters voted from this address on that day",
}
JUDGED = ["ballot", "rater", "choice", "response_ms", "purpose", "expected", "address"]
JOINED = ("SESSION_ID",)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where a flag begins, and where ballots end.

    Attributes:
        fast_ms: under this no two pictures were compared; pressing a key at a flash alone takes about 200 ms (Whelan,
            'Effective analysis of reaction time data', 2008).
        run: so many equal answers in a row. With shuffled sides left and right are even, and an honest rater of a close
            study gives twelve alike from a given one on in 1 of 2,048 cases.
        failed_checks: Prolific rejects on two failed checks; a single one that failed counts where there was no other.
        raters_per_address: more than these in a day are flagged: a family or an office is not.
        ballots_per_rater: a day.
        ballots_per_address: a day: a lecture hall behind one address must fit.
    """

    fast_ms: int = 300
    run: int = 12
    failed_checks: int = 2
    raters_per_address: int = 20
    ballots_per_rater: int = 2_000
    ballots_per_address: int = 20_000


LIMITS = Limits()


def flags(votes: pd.DataFrame, joined: pd.DataFrame, *, limits: Limits = LIMITS) -> dict[str, str]:
    """Return the flags of all answers that have any.

    Args:
        votes: the columns `JUDGED`, in the order in which they were cast.
        joined: the columns `rater` and `JOINED`, one row each time that somebody came by a link.
        limits: where a flag begins.

    Returns:
        Keys of `REASONS`, sorted and joined by commas, by ballot id.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for reason, ballots in (
        ("too_fast", _fast(votes, limits)),
        ("straight_lining", _runs(votes, limits)),
        ("failed_checks", _of_raters(votes, _inattentive(votes, limits))),
        ("duplicate_participant", _of_raters(votes, _returned(joined))),
        ("shared_address", _crowded(votes, limits)),
    ):
        for ballot in ballots:
            found[ballot].add(reason)
    return {ballot: ",".join(sorted(reasons)) for ballot, reasons in found.items()}


def _fast(votes: pd.DataFrame, limits: Limits) -> list[str]:
    quick = votes["response_ms"].lt(limits.fast_ms).fillna(False).astype(bool) & (votes["choice"] != Choice.SKIP)
    return list(votes.loc[quick, "ballot"])


def _runs(votes: pd.DataFrame, limits: Limits) -> Iterator[str]:
    ratings = votes[(votes["purpose"] == Purpose.RATING) & (votes["choice"] != Choice.SKIP)]
    for _, theirs in ratings.groupby("rater", sort=False):
        number = (theirs["choice"] != theirs["choice"].shift()).cumsum()
        yield from theirs.loc[number.map(number.value_counts()) >= limits.run, "ballot"]


def _inattentive(votes: pd.DataFrame, limits: Limits) -> set[str]:
    checks = votes[votes["purpose"].isin([Purpose.ATTENTION, Purpose.GOLD])]
    asked = checks.groupby("rater").size()
    failed = checks[checks["choice"] != checks["expected"]].groupby("rater").size()
    return {str(rater) for rater, count in failed.items() if count >= min(limits.failed_checks, asked[str(rater)])}


def _returned(joined: pd.DataFrame) -> set[str]:
    submissions = joined.dropna(subset=list(JOINED)).groupby("rater")["SESSION_ID"].nunique()
    return set(submissions[submissions > 1].index)


def _crowded(votes: pd.DataFrame, limits: Limits) -> list[str]:
    raters = votes.groupby("address")["rater"].nunique()
    return list(votes.loc[votes["address"].isin(raters[raters > limits.raters_per_address].index), "ballot"])


def _of_raters(votes: pd.DataFrame, raters: set[str]) -> list[str]:
    return list(votes.loc[votes["rater"].isin(raters), "ballot"])
