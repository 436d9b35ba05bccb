"""What a pilot's votes say about raters: how much they differ, tie and lapse, and how far apart the arms are.

The spread of raters is estimated by moments. A rater whose own view of an arm is off by `u` deviates in the same
direction in all answers about it, so the product of two residuals of one rater, for two votes on one arm, is positive
on average: by as much as the chances to win vary over raters, and twice that for two votes on the same pair. Residuals
of independent votes have products with mean 0. The spread is the one that explains the sum of all products. An answer
about four pictures has a residual for each of them: 1 for the best, -1 for the worst, less what the scores expect.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.planning import four
from evaluation.qualitative.planning.design import Assumptions, PlanError
from evaluation.qualitative.ranking import best_worst
from evaluation.qualitative.ranking.best_worst import JudgedSets
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT, strengths
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.tally import count
from evaluation.qualitative.ranking.tie_model import tie_model

Array = NDArray[np.float64]

MAX_BYTES = 256 * 2**20
FEWEST_RATERS, FEWEST_VOTES = 2, 20
_MOST_TASTE = 5.0  # logits: beyond it raters answer by their own view alone
_NEEDED = ("rater", "left", "right", "choice")
_VIEWS = 128  # of the arms, that the expected products of four pictures are averaged over
_WORTH = {"left": 1.0, "right": 0.0, "tie": 0.5, "both_bad": 0.5}


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """What a pilot showed.

    Attributes:
        votes: how many judged a pair, or four pictures, and bear no flag that excludes them.
        raters: how many people cast them.
        spread: standard deviation of a rater's own view of an arm, in points.
        ties: share of ties between equal arms; None of four pictures, which are never tied.
        lapses: share of failed attention and gold checks, twice, because half of the guesses are right; of four
            pictures one guess in twelve is. None without checks.
        strengths: θ by arm, natural logarithms of odds.
    """

    votes: int
    raters: int
    spread: float
    ties: float | None
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
            ties=Assumptions.ties if self.ties is None else min(self.ties, 0.95),
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
    of_four = votes["choice"].isin(list(best_worst.ANSWERS))
    sets = bool(of_four.any()) and all(column in votes for column in best_worst.COLUMNS)
    if arms is None:
        pairs = votes[(votes["right"].astype(object).fillna("") != "") & votes["choice"].isin(list(_WORTH))]
        judging, sides = (votes[of_four], best_worst.COLUMNS) if sets else (pairs, ("left", "right"))
        arms = sorted({str(arm) for side in sides for arm in judging[side]})
    counted = sift(votes).counted
    if sets:
        return _of_sets(best_worst.count(counted, arms=arms), _lapses(votes, guessed=1 / len(best_worst.ANSWERS)))
    judged = counted[counted["left"].isin(arms) & counted["right"].isin(arms) & counted["choice"].isin(list(_WORTH))]
    raters = int(judged["rater"].nunique())
    tally = count(judged, arms=arms)
    _enough(len(judged), raters, tally.groups, len(arms))
    theta, ties = strengths(tally), tie_model(tally, resamples=0).tie_chance
    return Pilot(
        votes=len(judged),
        raters=raters,
        spread=POINTS_PER_LOGIT * _taste(judged, list(arms), theta, ties),
        ties=ties,
        lapses=_lapses(votes, guessed=1 / 2),
        strengths={arm: float(strength) for arm, strength in zip(arms, theta, strict=True)},
    )


def _of_sets(answers: JudgedSets, lapses: float | None) -> Pilot:
    """Return what the answers about four pictures show."""
    _enough(len(answers.sets), answers.raters, answers.groups, len(answers.arms))
    theta = best_worst.fit(answers)
    return Pilot(
        votes=len(answers.sets),
        raters=answers.raters,
        spread=POINTS_PER_LOGIT * _taste_of_sets(answers, theta),
        ties=None,
        lapses=lapses,
        strengths={arm: float(strength) for arm, strength in zip(answers.arms, theta, strict=True)},
    )


def _enough(votes: int, raters: int, groups: Sequence[Sequence[int]], arms: int) -> None:
    """Check that there are votes enough on arms that all met.

    Raises:
        PlanError: there are not.
    """
    if votes < FEWEST_VOTES or raters < FEWEST_RATERS:
        raise PlanError(
            f"the pilot has {votes} votes by {raters} raters on these arms; "
            f"a plan needs at least {FEWEST_VOTES} votes by {FEWEST_RATERS} raters"
        )
    if [len(group) for group in groups] != [arms]:
        raise PlanError("the pilot's arms did not all meet, directly or through others: their distances are unknown")


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

    return _explaining(excess)


def _taste_of_sets(answers: JudgedSets, theta: Array) -> float:
    """Return the same from answers about four pictures: 1 for the best, -1 for the worst, less what is expected."""
    n, raters = len(theta), answers.raters
    chosen = np.array([1.0, 0.0, 0.0, -1.0]) - _standing(theta[answers.sets])
    sums, squares = np.zeros((raters, n)), np.zeros((raters, n))
    np.add.at(sums, (answers.rater[:, None], answers.sets), chosen)
    np.add.at(squares, (answers.rater[:, None], answers.sets), chosen**2)
    products = raters / (raters - 1) * float((sums**2 - squares).sum())  # the fit took part of the spread
    sets, number = np.unique(np.sort(answers.sets, axis=1), axis=0, return_inverse=True)
    judged = csr_array((np.ones(len(number)), (answers.rater, number.ravel())), shape=(raters, len(sets)))
    judged.sum_duplicates()
    half = np.random.default_rng(0).normal(size=(_VIEWS // 2, n))
    tastes = np.concatenate([half, -half])

    def excess(taste: float) -> float:
        moved = _standing((theta + taste * tastes)[:, sets])  # (views, sets, 4)
        together, by_arm = 0.0, np.zeros((len(sets), n))
        for view in moved - moved.mean(axis=0):
            np.put_along_axis(by_arm, sets, view, axis=1)
            together += float(((judged @ by_arm) ** 2).sum() - (judged @ by_arm**2).sum())
        return together / len(tastes) - products

    return _explaining(excess)


def _standing(views: Array) -> Array:
    """Return for views `(…, 4)` of the arms of a set how much likelier each is chosen as the best than as the worst."""
    chances = four.chances(views)
    best, worst = (np.eye(four.FOUR)[place] for place in four.ANSWERS.T)
    return np.asarray(chances @ (best - worst))


def _explaining(excess: Callable[[float], float]) -> float:
    """Return the spread, in logits, at which the expected products are those of the votes."""
    if excess(0.0) >= 0:
        return 0.0
    return float(scipy.optimize.brentq(excess, 0.0, _MOST_TASTE, xtol=1e-3)) if excess(_MOST_TASTE) > 0 else _MOST_TASTE


def _chance(lead: Array, ties: float) -> Array:
    """Return how likely the first arm of a pair wins after Davidson (1970), ties half."""
    up, down, nu = np.exp(lead / 2), np.exp(-lead / 2), 2 * ties / (1 - ties)
    return np.asarray((up + nu / 2) / (up + down + nu))


def _lapses(votes: pd.DataFrame, *, guessed: float) -> float | None:
    """Return how many answers are lapses by the failed checks, of which a share is guessed; None without checks."""
    if "purpose" not in votes or "expected" not in votes:
        return None
    checks = votes[votes["purpose"].isin(["attention", "gold"])]
    if checks.empty:
        return None
    return min(1.0, float((checks["choice"] != checks["expected"]).mean()) / (1 - guessed))
