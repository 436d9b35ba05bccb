"""What a pilot's votes say about raters: how much they differ, tie and lapse, and how far apart the arms are.

The spread of raters is estimated by moments. A rater whose own view of an arm is off by `u` deviates in the same
direction in all answers about it, so the product of two residuals of one rater, for two votes on one arm, is positive
on average: by as much as the chances to win vary over raters, and twice that for two votes on the same pair. Residuals
of independent votes have products with mean 0. The spread is the one that explains the sum of all products.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from evaluation.qualitative.planning.design import Assumptions, PlanError
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT, strengths
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.tally import count
from evaluation.qualitative.ranking.tie_model import tie_model

Array = NDArray[np.float64]

MAX_BYTES = 256 * 2**20
FEWEST_RATERS, FEWEST_VOTES = 2, 20
_MOST_TASTE = 5.0  # logits: beyond it raters answer by their own view alone
_NEEDED = ("rater", "left", "right", "choice")
_WORTH = {"left": 1.0, "right": 0.0, "tie": 0.5, "both_bad": 0.5}


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """What a pilot showed.

    Attributes:
        votes: how many judged a pair and bear no flag that excludes them.
        raters: how many people cast them.
        spread: standard deviation of a rater's own view of an arm, in points.
        ties: share of ties between equal arms.
        lapses: share of failed attention and gold checks, twice, because half of the guesses are right; None without
            checks.
        strengths: θ by arm, natural logarithms of odds.
    """

    votes: int
    raters: int
    spread: float
    ties: float
    lapses: float | None
    strengths: dict[str, float]

    def assumptions(self, *, difference: float | None = None, lapses: float | None = None) -> Assumptions:
        """Return the assumptions for a plan: the pilot's raters, with the pilot's arms or a wanted difference.

        Args:
            difference: of the best arm to the others, in points; None: the arms lie as far apart as in the pilot. Then
                the plan is as uncertain as the pilot's differences are.
            lapses: in place of the pilot's.
        """
        chosen = self.lapses if lapses is None else lapses
        return Assumptions(
            difference=Assumptions.difference if difference is None else difference,
            spread=self.spread,
            ties=min(self.ties, 0.95),
            lapses=Assumptions.lapses if chosen is None else min(chosen, 0.95),
            strengths=tuple(self.strengths.values()) if difference is None else None,
        )


def read(path: Path) -> pd.DataFrame:
    """Read votes as the app exports them: CSV, JSON lines, Parquet, or the zip of a release.

    Raises:
        PlanError: the file can't be read, or lacks a column.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PlanError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB")
        raw, kind = path.read_bytes(), path.suffix.lower()
        if kind == ".zip":
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                inside = [info for info in archive.infolist() if Path(info.filename).name == "votes.csv"]
                if not inside or inside[0].file_size > MAX_BYTES:
                    raise PlanError(f"{path.name} holds no votes.csv of a release")
                raw, kind = archive.read(inside[0]), ".csv"
        if kind == ".parquet":
            votes = pd.read_parquet(io.BytesIO(raw))
        elif kind == ".jsonl":
            votes = pd.DataFrame([json.loads(line) for line in raw.decode("utf-8-sig").splitlines() if line.strip()])
        else:
            votes = pd.read_csv(io.BytesIO(raw), encoding="utf-8-sig", dtype=str, keep_default_na=False)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, PlanError):
            raise
        raise PlanError(f"{path.name} can't be read as votes: {error!s:.200}") from error
    if lacking := [name for name in _NEEDED if name not in votes]:
        raise PlanError(f"{path.name} lacks the column {lacking[0]}: it should be an export of this app, or a release")
    return votes


def pilot_of(votes: pd.DataFrame, arms: Sequence[str] | None = None) -> Pilot:
    """Return what a pilot showed about arms and raters.

    Args:
        votes: as the app exports them.
        arms: ids of the arms to compare; by default all that met in a pair.

    Raises:
        PlanError: there are too few votes on these arms, or arms that never met.
    """
    if arms is None:
        pairs = votes[(votes["right"].astype(object).fillna("") != "") & votes["choice"].isin(list(_WORTH))]
        arms = sorted({str(arm) for side in ("left", "right") for arm in pairs[side]})
    counted = sift(votes).counted
    judged = counted[counted["left"].isin(arms) & counted["right"].isin(arms) & counted["choice"].isin(list(_WORTH))]
    raters = int(judged["rater"].nunique())
    if len(judged) < FEWEST_VOTES or raters < FEWEST_RATERS:
        raise PlanError(
            f"the pilot has {len(judged)} votes by {raters} raters on these arms; "
            f"a plan needs at least {FEWEST_VOTES} votes by {FEWEST_RATERS} raters"
        )
    tally = count(judged, arms=arms)
    if [len(group) for group in tally.groups] != [len(arms)]:
        raise PlanError("the pilot's arms did not all meet, directly or through others: their distances are unknown")
    theta, ties = strengths(tally), tie_model(tally, resamples=0).tie_chance
    return Pilot(
        votes=len(judged),
        raters=raters,
        spread=POINTS_PER_LOGIT * _taste(judged, list(arms), theta, ties),
        ties=ties,
        lapses=_lapses(votes),
        strengths={arm: float(strength) for arm, strength in zip(arms, theta, strict=True)},
    )


def _taste(votes: pd.DataFrame, arms: list[str], theta: Array, ties: float) -> float:
    """Return the standard deviation of raters' own views of an arm, in logits; 0 where raters do not differ visibly."""
    n = len(arms)
    left, right = (pd.Index(arms).get_indexer(pd.Index(votes[side])) for side in ("left", "right"))
    worth = votes["choice"].map(_WORTH).to_numpy(dtype=float)
    first, second = np.minimum(left, right), np.maximum(left, right)
    rater = pd.factorize(votes["rater"])[0]
    raters = int(rater.max()) + 1
    residual = np.where(left < right, worth, 1 - worth) - _chance(theta[first] - theta[second], ties)
    sums, squares = np.zeros((raters, n)), np.zeros((raters, n))
    for arm, sign in ((first, 1.0), (second, -1.0)):
        np.add.at(sums, (rater, arm), sign * residual)
        np.add.at(squares, (rater, arm), residual**2)
    products = raters / (raters - 1) * float((sums**2 - squares).sum())  # the fit took part of the spread
    pairs = first * n + second
    judged = np.zeros((raters, n * n))
    np.add.at(judged, (rater, pairs), 1)
    lead = (theta[:, None] - theta[None]).ravel()
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()

    def excess(taste: float) -> float:
        chances = _chance(lead[:, None] + np.sqrt(2) * taste * nodes, ties)
        moved = np.sqrt(((chances - (chances @ weights)[:, None]) ** 2) @ weights / 2)  # by one of the two arms
        single, square = judged * moved, judged * moved**2
        by_arm, squared = (
            table.reshape(raters, n, n).sum(axis=1) + table.reshape(raters, n, n).sum(axis=2)
            for table in (single, square)
        )
        return float((by_arm**2 - squared).sum() + 2 * (single**2 - square).sum() - products)

    return (
        0.0 if excess(0.0) >= 0 else float(brentq(excess, 0.0, _MOST_TASTE)) if excess(_MOST_TASTE) > 0 else _MOST_TASTE
    )


def _chance(lead: Array, ties: float) -> Array:
    """Return how likely the first arm of a pair wins after Davidson (1970), ties half."""
    up, down, nu = np.exp(lead / 2), np.exp(-lead / 2), 2 * ties / (1 - ties)
    return np.asarray((up + nu / 2) / (up + down + nu))


def _lapses(votes: pd.DataFrame) -> float | None:
    """Return twice the share of failed checks; None where nobody was checked."""
    if "purpose" not in votes or "expected" not in votes:
        return None
    checks = votes[votes["purpose"].isin(["attention", "gold"])]
    if checks.empty:
        return None
    return min(1.0, 2 * float((checks["choice"] != checks["expected"]).mean()))
