"""HYPE∞ and HYPE-time: how often, and for how long, people take a generator's pictures for real (Zhou et al., 2019).

HYPE∞: people look as long as they like; the score is how often they are wrong, over as many fakes as real pictures,
`(errors on the arm's fakes + errors on real pictures) / 2`. Guessing gives 50 %; more means that the fakes look more
real than real pictures. HYPE-time: the exposure adapts to the answers (`staircase.py`), and the score is the exposure
that a rater's staircase visits most, averaged over raters: the longer it takes to recognise the fakes, the better they
are.

'Not sure' is half an error, as for a guess; skips are left out. The interval of HYPE∞ is that of `shares.py`, and of
HYPE-time `estimate ± t · s`, both from draws of whole raters, as the paper draws evaluators.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.ranking.bootstrap import RESAMPLES, resampled
from evaluation.qualitative.ranking.intervals import Differences, Spread, differences
from evaluation.qualitative.ranking.shares import share_interval
from evaluation.qualitative.ranking.tally import ratings

_RESOLUTION_MS = 10 / np.sqrt(12)  # standard deviation of a modal exposure that a staircase with steps of 10 ms rounds
_CALLED_REAL = {"real": 1.0, "not_sure": 0.5, "fake": 0.0}


@dataclass(frozen=True, kw_only=True)
class HypeScore:
    """How well one arm passes for real.

    Attributes:
        arm: its id.
        score: HYPE∞ as a share 0 … 1, or HYPE-time in ms; None without answers.
        low: lower end of the 95 % interval; None with fewer than two effective raters.
        high: upper end of the interval.
        fake_errors: share of the arm's pictures that were taken for real.
        real_errors: share of real pictures that were taken for fake, by all raters; None where none were shown.
        votes: answers to the arm's pictures.
        raters: how many people gave them.
    """

    arm: str
    score: float | None
    low: float | None
    high: float | None
    fake_errors: float | None
    real_errors: float | None
    votes: int
    raters: int


@dataclass(frozen=True, kw_only=True, eq=False)
class HypeDraws:
    """HYPE∞ of the arms that are not real, in draws of raters.

    Attributes:
        arms: ids of these arms.
        draws: `(B, n)` scores.
        pairwise: the differences between all pairs of them.
    """

    arms: tuple[str, ...]
    draws: NDArray[np.float64]
    pairwise: Differences


def infinity_draws(
    votes: pd.DataFrame, *, arms: Sequence[str], real: Collection[str], resamples: int = RESAMPLES, seed: int = 0
) -> HypeDraws | None:
    """Return HYPE∞ in draws of raters, as `hype_infinity` takes them; None with fewer than two effective raters."""
    judged = _judged(votes, arms=arms, real=real)
    wrong, answers = (_by_rater(judged, column, arms) for column in ("wrong", "answers"))
    spread = _spread(np.asarray(answers.sum(axis=1), dtype=float))
    if not spread.known:
        return None
    is_real = np.array([arm in real for arm in arms])
    draws = _drawn(wrong, answers, is_real, resamples=resamples, seed=seed)[:, ~is_real]
    errors, judgements = (np.asarray(table.sum(axis=0), dtype=float)[None] for table in (wrong, answers))
    scores = _scores(errors, judgements, is_real)[0, ~is_real]
    fakes = tuple(arm for arm in arms if arm not in real)
    return HypeDraws(arms=fakes, draws=draws, pairwise=differences(scores, draws, spread))


def hype_infinity(
    votes: pd.DataFrame, *, arms: Sequence[str], real: Collection[str], resamples: int = RESAMPLES, seed: int = 0
) -> list[HypeScore]:
    """Score the arms that are not real, best first.

    Args:
        votes: columns `rater`, `left` (id of the arm shown) and `choice` (real, fake, not_sure or
            skip); where there is more than ratings, `purpose`.
        arms: ids of all arms.
        real: those of them that show real pictures. Without any, the score is the share of fakes taken for real.
        resamples: how many draws of raters.
        seed: of the draws.
    """
    judged = _judged(votes, arms=arms, real=real)
    wrong_by_rater, answers_by_rater = (_by_rater(judged, column, arms) for column in ("wrong", "answers"))
    errors, answers = (np.asarray(table.sum(axis=0), dtype=float) for table in (wrong_by_rater, answers_by_rater))
    is_real = np.array([arm in real for arm in arms])
    draws = None
    if wrong_by_rater.shape[0] >= 2:
        draws = _drawn(wrong_by_rater, answers_by_rater, is_real, resamples=resamples, seed=seed)
    estimates = _scores(errors[None], answers[None], is_real)[0]
    real_errors = _share(errors[is_real].sum(), answers[is_real].sum())
    scores = []
    for i, arm in enumerate(arms):
        if is_real[i]:
            continue
        each = answers_by_rater[:, [i]].toarray()[:, 0]
        low = high = None
        spread = _spread(each)
        if draws is not None and spread.known:
            real_answers = answers[is_real].sum()
            low, high = share_interval(
                float(estimates[i]),
                float(spread.deviation(draws[:, i])),
                votes=4 / (1 / answers[i] + 1 / real_answers) if real_answers else answers[i],
                raters=spread.raters,
                quantile=spread.quantile(),
            )
        scores.append(
            HypeScore(
                arm=arm,
                score=float(estimates[i]) if answers[i] else None,
                low=low,
                high=high,
                fake_errors=_share(errors[i], answers[i]),
                real_errors=real_errors,
                votes=int(answers[i]),
                raters=int((each > 0).sum()),
            )
        )
    return _best_first(scores)


def hype_time(
    votes: pd.DataFrame, *, arms: Sequence[str], real: Collection[str], resamples: int = RESAMPLES, seed: int = 0
) -> list[HypeScore]:
    """Score the arms that are not real by the exposure that raters needed, best first.

    A rater's modal exposure is over the pictures of the arm; where several are as frequent, it is their mean.

    Args:
        votes: as for `hype_infinity`, with `exposure_ms`.
        arms: ids of all arms.
        real: those of them that show real pictures.
        resamples: how many draws of raters.
        seed: of the draws.
    """
    judged = _judged(votes, arms=arms, real=real)
    real_rows = judged[judged["left"].isin(list(real))]
    real_errors = _share(real_rows["wrong"].sum(), real_rows["answers"].sum())
    timed = judged[judged["exposure_ms"].notna()]
    scores = []
    for arm in (arm for arm in arms if arm not in real):
        own = timed[timed["left"] == arm]
        visits = own.groupby(["rater", "exposure_ms"]).size()
        most = visits[visits == visits.groupby("rater").transform("max")].reset_index()
        modal = most["exposure_ms"].astype(float).groupby(most["rater"]).mean().to_numpy()
        low = high = None
        spread = _spread(np.ones(len(modal)))
        if spread.known:
            sums = np.concatenate(list(resampled(csr_array(modal[:, None]), resamples=resamples, seed=seed)))[:, 0]
            deviation = max(float(spread.deviation(sums / len(modal))), _RESOLUTION_MS / np.sqrt(len(modal)))
            half = spread.quantile() * deviation
            low, high = max(0.0, float(modal.mean() - half)), float(modal.mean() + half)
        scores.append(
            HypeScore(
                arm=arm,
                score=float(modal.mean()) if len(modal) else None,
                low=low,
                high=high,
                fake_errors=_share(own["wrong"].sum(), own["answers"].sum()),
                real_errors=real_errors,
                votes=len(own),
                raters=len(modal),
            )
        )
    return _best_first(scores)


def _judged(votes: pd.DataFrame, *, arms: Sequence[str], real: Collection[str]) -> pd.DataFrame:
    votes = ratings(votes)
    judged = votes[votes["choice"].isin(list(_CALLED_REAL)) & votes["left"].isin(list(arms))].copy()
    called_real = judged["choice"].map(_CALLED_REAL).astype(float)
    judged["wrong"] = np.where(judged["left"].isin(list(real)), 1 - called_real, called_real)
    judged["answers"] = 1.0
    return judged


def _by_rater(judged: pd.DataFrame, column: str, arms: Sequence[str]) -> csr_array:
    rows, raters = pd.factorize(judged["rater"])
    columns = pd.Index(arms).get_indexer(pd.Index(judged["left"]))
    return csr_array((judged[column].to_numpy(dtype=float), (rows, columns)), shape=(len(raters), len(arms)))


def _drawn(wrong: csr_array, answers: csr_array, is_real: np.ndarray, *, resamples: int, seed: int) -> np.ndarray:
    """Return HYPE∞ of every arm in draws of raters, `(B, n)`, from both tables by rater."""
    both = csr_array(np.concatenate([wrong.toarray(), answers.toarray()], axis=1))
    errors, judgements = np.hsplit(np.concatenate(list(resampled(both, resamples=resamples, seed=seed))), 2)
    return _scores(errors, judgements, is_real)


def _scores(errors: np.ndarray, answers: np.ndarray, is_real: np.ndarray) -> np.ndarray:
    """Return HYPE∞ of every arm from errors and answers, both `(B, n)`; a draw without answers counts as a guess."""
    fakes = np.divide(errors, answers, out=np.full_like(errors, 0.5), where=answers > 0)
    if not answers[:, is_real].sum():
        return fakes
    reals, of_real = errors[:, is_real].sum(axis=1), answers[:, is_real].sum(axis=1)
    real_errors = np.divide(reals, of_real, out=np.full_like(reals, 0.5), where=of_real > 0)
    return (fakes + real_errors[:, None]) / 2


def _spread(votes_each: np.ndarray) -> Spread:
    """Return how to read draws of raters who cast these numbers of votes."""
    each = votes_each[votes_each > 0]
    effective = float(each.sum() ** 2 / (each**2).sum()) if len(each) else 0.0
    return Spread(raters=len(each), effective_raters=effective)


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _best_first(scores: list[HypeScore]) -> list[HypeScore]:
    return sorted(scores, key=lambda arm: float("inf") if arm.score is None else -arm.score)
