"""How well each rater looks: skill, lean and lapses, fitted to a study's votes together with the strengths of its arms.

Rater `r` answers a pair after Davidson (JASA, 1970) with the lead `d = s_r (θ_left - θ_right) + δ + δ_r` and the
readiness to tie `ν_r`, and with probability `λ_r` gives one of the two sides by chance instead. This is Crowd-BT (Chen
et al., WSDM 2013) and its noisy form in crowd-kit with what subjects have in ITU-T P.910, Annex E: a bias `δ_r` and an
inconsistency, here a low skill `s_r` or many lapses. A single picture is answered 'real' with the lead
`s_r θ_arm + δ + δ_r` and is never a tie.

An honest rater of a one-sided study gives the same answer again and again because the pictures ask for it: the
strengths and ν, which all raters share, explain that. Only what sets a rater apart from the others moves the rater's
own parameters, and few votes move them little: their priors are normal, `s_r ~ N(1, 0.5²)`, `δ_r ~ N(0, 1)`,
`log ν_r ~ N(log ν, 1)`, `logit λ_r ~ N(logit 0.05, 1.5²)`; the shared ones have the prior of `ranking.py`. The
estimate is the most likely value of all of them (L-BFGS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from evaluation.qualitative.ranking.bradley_terry import average
from evaluation.qualitative.ranking.tally import LEFT, OUTCOMES, RIGHT, TIE, ratings

Array = NDArray[np.float64]
Numbers = NDArray[np.intp]

SKILL_SPREAD, LEAN_SPREAD, TIE_SPREAD = 0.5, 1.0, 1.0
TYPICAL_LAPSES, LAPSE_SPREAD = 0.05, 1.5
FEWEST_RATERS = 3  # two raters who disagree do not show which of them looks
_SINGLE = {"real": LEFT, "fake": RIGHT}
_SIDE = np.array([0.5, -0.5, 0.0])  # what each outcome gains from half the lead
_LAPSE = np.array([0.5, 0.5, 0.0])
_TIE = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, kw_only=True)
class RaterFit:
    """One rater under the model.

    Attributes:
        rater: the rater's id in the votes.
        votes: how many answers the estimates rest on.
        skill: 1 is typical; 0 sees no difference between arms, below 0 the rater prefers what the others do not.
        lean: how likely the rater chooses the left of two equal pictures, if one of them; for single pictures how
            likely the rater says 'real' where the others do so in half of the cases.
        lapses: share of answers given without a look.
    """

    rater: str
    votes: int
    skill: float
    lean: float
    lapses: float


@dataclass(frozen=True, kw_only=True)
class RaterModel:
    """The raters of a study, and its arms if raters count by how well they look.

    Attributes:
        raters: in the order of their first vote.
        strengths: θ by arm, natural logarithms of odds for a typical rater; an average arm has 0.
    """

    raters: list[RaterFit]
    strengths: dict[str, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Answers in numbers, equal ones of a rater counted together.

    Attributes:
        rater: `(answers,)`, number of the rater.
        first: `(answers,)`, number of the arm on the left, or of the only arm.
        second: `(answers,)`, number of the arm on the right; -1 with single pictures.
        outcome: `(answers,)`, left (or real), right (or fake), tie.
        often: `(answers,)`, how often.
        raters: how many raters there are, and `arms` how many arms.
        arms: see `raters`.
    """

    rater: Numbers
    first: Numbers
    second: Numbers
    outcome: Numbers
    often: Array
    raters: int
    arms: int

    @property
    def ties(self) -> bool:
        """Whether there is any tie."""
        return bool((self.outcome == TIE).any())


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters:
    """The parameters of the model, or the gradient of a likelihood with respect to them.

    Attributes:
        theta: `(arms,)`.
        lean: δ, of all raters together, and `log_ties` log ν.
        log_ties: see `lean`.
        skill: `(raters,)`, and so are the others: s_r, δ_r, log ν_r - log ν, logit λ_r.
        leans: see `skill`.
        more_ties: see `skill`.
        lapses: see `skill`.
    """

    theta: Array
    lean: float
    log_ties: float
    skill: Array
    leans: Array
    more_ties: Array
    lapses: Array


def rater_model(votes: pd.DataFrame, arms: Sequence[str]) -> RaterModel | None:
    """Fit the model to the votes on pairs, or to those on single pictures where there are no pairs.

    Args:
        votes: columns `rater`, `left`, `right` and `choice`, one row a vote, and `purpose` where there is more than
            ratings. Skips are left out; 'not sure' too, and both bad is a tie.
        arms: ids of the arms.

    Returns:
        None with fewer than three raters.
    """
    votes = ratings(votes)
    single = votes["right"].astype(object).fillna("") == ""
    pairs = not single.all()
    votes = votes[~single] if pairs else votes
    numbers = {arm: i for i, arm in enumerate(arms)}
    table = pd.DataFrame(
        {
            "rater": votes["rater"].to_numpy(),
            "first": votes["left"].map(numbers).fillna(-1).astype(int).to_numpy(),
            "second": votes["right"].map(numbers).fillna(-1).astype(int).to_numpy() if pairs else -1,
            "outcome": votes["choice"]
            .astype(str)
            .map(OUTCOMES if pairs else _SINGLE)
            .fillna(-1)
            .astype(int)
            .to_numpy(),
        }
    )
    table = table[(table["first"] >= 0) & (table["outcome"] >= 0)]
    if pairs:
        table = table[(table["second"] >= 0) & (table["first"] != table["second"])]
    codes, raters = pd.factorize(table["rater"])
    if len(raters) < FEWEST_RATERS:
        return None
    cells = table.assign(rater=codes).groupby(["rater", "first", "second", "outcome"]).size().reset_index(name="often")
    answers = Answers(
        **{name: cells[name].to_numpy() for name in ("rater", "first", "second", "outcome")},
        often=cells["often"].to_numpy(dtype=float),
        raters=len(raters),
        arms=len(arms),
    )
    fitted = fit(answers)
    voted = np.bincount(answers.rater, weights=answers.often)
    lean = expit(fitted.leans + (fitted.lean if pairs else 0.0))
    known = np.isin(np.arange(len(arms)), np.concatenate([answers.first, answers.second]))
    middle = float(average(fitted.theta[None, known])[0]) if pairs else 0.0
    return RaterModel(
        raters=[
            RaterFit(rater=str(rater), votes=int(often), skill=float(skill), lean=float(left), lapses=float(share))
            for rater, often, skill, left, share in zip(
                raters, voted, fitted.skill, lean, expit(fitted.lapses), strict=True
            )
        ],
        strengths={arm: float(fitted.theta[i] - middle) for i, arm in enumerate(arms) if known[i]},
    )


def fit(answers: Answers) -> Parameters:
    """Return the most likely parameters."""
    n, raters = answers.arms, answers.raters
    spreads = np.repeat([SKILL_SPREAD, LEAN_SPREAD, TIE_SPREAD, LAPSE_SPREAD], raters)
    voted = np.bincount(answers.first, weights=answers.often, minlength=n)
    pairs = answers.second >= 0
    voted += np.bincount(answers.second[pairs], weights=answers.often[pairs], minlength=n)
    # In units of about their standard errors, the search takes a sixth of the steps.
    errors = 1 / np.sqrt(1 + np.append(voted, [answers.often.sum()] * 2) / 4)

    def unpacked(packed: Array) -> Parameters:
        shared, own = packed[: n + 2] * errors, (packed[n + 2 :] * spreads).reshape(4, raters)
        return Parameters(
            theta=shared[:n],
            lean=float(shared[n]),
            log_ties=float(shared[n + 1]),
            skill=1 + own[0],
            leans=own[1],
            more_ties=own[2],
            lapses=logit(TYPICAL_LAPSES) + own[3],
        )

    def loss(packed: Array) -> tuple[float, Array]:
        value, slope = log_likelihood(answers, unpacked(packed))
        shared, own = packed[: n + 2] * errors, packed[n + 2 :]
        value += float((log_expit(shared) + log_expit(-shared)).sum() - (own**2).sum() / 2)
        gradient = np.concatenate(
            [
                (np.append(slope.theta, [slope.lean, slope.log_ties]) + 1 - 2 * expit(shared)) * errors,
                np.concatenate([slope.skill, slope.leans, slope.more_ties, slope.lapses]) * spreads - own,
            ]
        )
        return -value, -gradient

    fitted = scipy.optimize.minimize(
        loss, np.zeros(n + 2 + 4 * raters), jac=True, method="L-BFGS-B", options={"maxiter": 300, "maxcor": 20}
    )
    return unpacked(fitted.x)


def log_likelihood(answers: Answers, at: Parameters) -> tuple[float, Parameters]:
    """Return the logarithm of the likelihood, and its gradient."""
    n, raters = answers.arms, answers.raters
    rater, outcome, pairs = answers.rater, answers.outcome, answers.second >= 0
    difference = at.theta[answers.first] - np.where(pairs, at.theta[answers.second], 0.0)
    lead = at.skill[rater] * difference + at.lean + at.leans[rater]
    ties = at.log_ties + at.more_ties[rater] if answers.ties else np.full(len(rater), -np.inf)
    weights = np.stack([lead / 2, -lead / 2, ties], axis=1)
    weights = np.exp(weights - weights.max(axis=1, keepdims=True))
    chances = weights / weights.sum(axis=1, keepdims=True)
    looked = chances[np.arange(len(rater)), outcome]
    lapses = expit(at.lapses[rater])
    chance = np.maximum((1 - lapses) * looked + lapses * _LAPSE[outcome], 1e-300)
    per_chance = answers.often / chance
    towards_lead = per_chance * (1 - lapses) * looked * (_SIDE[outcome] - chances @ _SIDE)
    towards_ties = per_chance * (1 - lapses) * looked * (_TIE[outcome] - chances @ _TIE)
    towards_lapses = per_chance * (_LAPSE[outcome] - looked) * lapses * (1 - lapses)
    per_theta = towards_lead * at.skill[rater]
    theta = _sums(answers.first, per_theta, n) - _sums(answers.second[pairs], per_theta[pairs], n)

    def by_rater(slope: Array) -> Array:
        return _sums(rater, slope, raters)

    slope = Parameters(
        theta=theta,
        lean=float(towards_lead.sum()),
        log_ties=float(towards_ties.sum()),
        skill=by_rater(towards_lead * difference),
        leans=by_rater(towards_lead),
        more_ties=by_rater(towards_ties),
        lapses=by_rater(towards_lapses),
    )
    return float(answers.often @ np.log(chance)), slope


def _sums(groups: Numbers, values: Array, count: int) -> Array:
    """Return the sum of the values in each group, `(count,)`."""
    return np.bincount(groups, weights=values, minlength=count).astype(float)
