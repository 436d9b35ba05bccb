"""Flags: signs in the stored answers that one should not count. A flag deletes nothing; the analysis decides.

The same rows always give the same flags, each with its reason in `REASONS`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from evaluation.qualitative.ballot import Choice, Purpose

REASONS = {
    "too_fast": "answered faster than anybody can look at the pictures",
    "failed_checks": "its rater failed the attention and gold checks",
    "duplicate_participant": "its rater came back with another submission of the platform",
    "low_skill": "its rater sees the arms apart too little, by the threshold of the study file",
    "one_sided": "its rater leans to one answer too much, by the threshold of the study file",
    "lapses": "its rater answers too often without a look, by the threshold of the study file",
    "shared_address": "many raters voted from this address on that day; this excludes nothing",
}
JUDGED = [
    *("ballot", "rater", "choice", "response_ms", "purpose", "expected", "address"),
    *("issued_at", "cast_at", "exposure_ms"),
]
JOINED = ("session",)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Thresholds of the flags, and how many ballots are given out in a day.

    Attributes:
        fast_ms: a faster answer is flagged, by the rater's clock, or by the server's where the rater's did not measure;
            pressing a key at a flash alone takes about 200 ms (Whelan, 'Effective analysis of reaction time data',
            2008).
        failed_checks: this many failed checks flag all answers, as on Prolific; one is enough if there was only one.
        raters_per_address: more raters in a day are flagged, which only informs: a class behind one router has more.
        ballots_per_rater: ballots for one rater in a day.
        ballots_per_address: ballots for one address in a day; a lecture hall behind one address stays below.
        visits_per_address: links that are opened for the first time from one address in a day.
    """

    fast_ms: int = 300
    failed_checks: int = 2
    raters_per_address: int = 20
    ballots_per_rater: int = 2_000
    ballots_per_address: int = 20_000
    visits_per_address: int = 20_000


LIMITS = Limits()


def flags(votes: pd.DataFrame, joined: pd.DataFrame, *, limits: Limits = LIMITS) -> dict[str, str]:
    """Return the flags of all answers that have any.

    Args:
        votes: the columns `JUDGED`, in the order in which they were cast.
        joined: the columns `rater` and `JOINED`, one row each time that somebody opened a link.
        limits: thresholds.

    Returns:
        Keys of `REASONS`, sorted and joined by commas, by ballot id.
    """
    reasons_of: defaultdict[str, set[str]] = defaultdict(set)
    for reason, ballots in (
        ("too_fast", _fast(votes, limits)),
        ("failed_checks", _of_raters(votes, _inattentive(votes, limits))),
        ("duplicate_participant", _of_raters(votes, _returned(joined))),
        ("shared_address", _crowded(votes, limits)),
    ):
        for ballot in ballots:
            reasons_of[ballot].add(reason)
    return {ballot: ",".join(sorted(reasons)) for ballot, reasons in reasons_of.items()}


def _fast(votes: pd.DataFrame, limits: Limits) -> list[str]:
    stored = (pd.to_datetime(votes["cast_at"], utc=True) - pd.to_datetime(votes["issued_at"], utc=True)).dt
    since_issued = stored.total_seconds() * 1000
    longest = (since_issued - votes["exposure_ms"].fillna(0).astype(float)).where(since_issued >= 0)  # clock set back
    times = votes["response_ms"].astype("Float64").fillna(longest.astype("Float64"))
    quick = times.lt(limits.fast_ms).fillna(False).astype(bool) & (votes["choice"] != Choice.SKIP)
    return list(votes.loc[quick, "ballot"])


def _inattentive(votes: pd.DataFrame, limits: Limits) -> set[str]:
    checks = votes[votes["purpose"].isin([Purpose.ATTENTION, Purpose.GOLD])]
    checks_per_rater = checks.groupby("rater").size()
    failed = checks[checks["choice"] != checks["expected"]].groupby("rater").size()
    threshold = checks_per_rater.clip(upper=limits.failed_checks).reindex(failed.index)
    return set(failed[failed >= threshold].index)


def _returned(joined: pd.DataFrame) -> set[str]:
    submissions = joined.dropna(subset=list(JOINED)).groupby("rater")["session"].nunique()
    return set(submissions[submissions > 1].index)


def _crowded(votes: pd.DataFrame, limits: Limits) -> list[str]:
    raters = votes.groupby("address")["rater"].nunique()
    return list(votes.loc[votes["address"].isin(raters[raters > limits.raters_per_address].index), "ballot"])


def _of_raters(votes: pd.DataFrame, raters: set[str]) -> list[str]:
    return list(votes.loc[votes["rater"].isin(raters), "ballot"])
