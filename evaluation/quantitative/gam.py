"""Generative Adversarial Metric (Im et al., 2016): two models' discriminators judge each other's samples.

There are two forms. The paper's form counts errors: `r_test` asks whether both discriminators are equally good on
held-out real pictures; only then does `r_samples` say whose samples fool the other discriminator more often. The
lecture's form compares probabilities. A critic has no probability of 0.5, so neither form is defined for it:
`calibrate` fits a threshold, and a result that rests on one must say so.

The error rates come from a finite number of samples. Their ratio has a 95 % interval, from a bootstrap over samples
(Rubin, 'The Bayesian bootstrap', 1981), and where the interval covers 1 there is no difference and so no winner.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

TOLERANCE = 0.3  # how far |log r_test| may be from 0: the paper names none
RESAMPLES = 20_000


class Battle(NamedTuple):
    """The result of model 1 against model 2; see `battle`."""

    r_test: float
    r_samples: float
    low: float  # lower end of the 95 % interval of r_samples
    high: float  # upper end
    winner: Literal["1", "2", "tie"]
    likelihoods: float  # the lecture's form, below 1 where model 1 is ahead
    smoothed: bool  # an error rate was 0 and counts as half a picture

    @property
    def ratios_disagree(self) -> bool:
        """Whether there is a winner and the lecture's ratio puts the other model ahead."""
        return self.winner != "tie" and (self.likelihoods < 1) != (self.winner == "1")


class Verdicts(NamedTuple):
    """Logits `(N,)` of one discriminator: positive says real."""

    test: Tensor  # on held-out real pictures
    opponent: Tensor  # on the other model's samples


def battle(first: Verdicts, second: Verdicts, *, tolerance: float = TOLERANCE) -> Battle:
    """Compare two models.

    `r_test` = e(D1, test) / e(D2, test) and `r_samples` = e(D1, samples of G2) / e(D2, samples of G1), where e is the
    share of wrong verdicts. Model 1 wins where the whole interval of r_samples is below 1, and model 2 where it is
    above 1. If |log r_test| exceeds the tolerance, one discriminator is simply better, and the battle is a tie.

    A rate of 0 would make the ratio infinite or undefined, so it counts as half a wrong verdict of the N.

    The lecture's form is p(y=1 | x; D1) p(x; G2) / p(y=1 | x; D2) p(x; G1): how readily D1 takes the pictures of G2 for
    real, over how readily D2 takes those of G1. Probabilities of pictures multiply: it is a ratio of geometric means.

    Args:
        first: verdicts of model 1's discriminator; `opponent` holds those on model 2's samples.
        second: verdicts of model 2's discriminator; `opponent` holds those on model 1's samples.
        tolerance: of the logarithm of r_test.

    Raises:
        ValueError: a set is empty, or a logit is not finite.
    """
    if not all(len(logits) for logits in (*first, *second)):
        raise ValueError("every discriminator has to judge at least one picture of each kind")
    if not all(logits.isfinite().all() for logits in (*first, *second)):
        raise ValueError("every logit has to be a finite number")
    tests = [_errors(d.test, real=True) for d in (first, second)]
    samples = [_errors(d.opponent, real=False) for d in (first, second)]
    r_test, r_samples = tests[0] / tests[1], samples[0] / samples[1]
    low, high = _interval(*((_wrong(d.opponent, real=False), len(d.opponent)) for d in (first, second)))
    comparable = abs(math.log(r_test)) <= tolerance
    different = not low <= 1 <= high
    winner: Literal["1", "2", "tie"] = "tie" if not (comparable and different) else "1" if high < 1 else "2"
    smoothed = not all(_wrong(v.test, real=True) and _wrong(v.opponent, real=False) for v in (first, second))
    likelihoods = math.exp(_log_real(first.opponent) - _log_real(second.opponent))
    return Battle(r_test, r_samples, low, high, winner, likelihoods, smoothed)


def calibrate(held_out: Tensor, samples: Tensor) -> float:
    """Return the threshold that a critic lacks: the one with the fewest errors on real pictures and its own samples.

    Args:
        held_out: a critic's verdicts on real pictures that serve nothing else, `(N,)`.
        samples: its verdicts on its own generator's samples, `(M,)`.

    Returns:
        What to subtract from the critic's verdicts so that positive says real.
    """
    edges = torch.cat([held_out, samples]).double().sort().values
    between = torch.cat([edges[:1] - 1, (edges[1:] + edges[:-1]) / 2, edges[-1:] + 1])
    missed = torch.searchsorted(held_out.double().sort().values, between).double() / len(held_out)
    taken = 1 - torch.searchsorted(samples.double().sort().values, between).double() / len(samples)
    return between[(missed + taken).argmin()].item()


def _wrong(logits: Tensor, *, real: bool) -> int:
    return int(((logits > 0) != real).sum())


def _interval(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of two error rates, each given as wrong verdicts and all verdicts.

    The rates are drawn from Beta(wrong + ½, right + ½): the Bayesian bootstrap with half a verdict of each kind, so
    that a rate of 0 has an interval too. Swapped models have the reciprocal interval, to the last digit.
    """
    if second < first:
        low, high = _interval(second, first)
        return 1 / high, 1 / low
    rng = np.random.default_rng(0)
    rates = [rng.beta(wrong + 0.5, count - wrong + 0.5, size=RESAMPLES) for wrong, count in (first, second)]
    low, high = np.quantile(rates[0] / rates[1], [0.025, 0.975])
    return float(low), float(high)


def _errors(logits: Tensor, *, real: bool) -> float:
    return max(_wrong(logits, real=real), 0.5) / len(logits)


def _log_real(logits: Tensor) -> float:
    return torch.nn.functional.logsigmoid(logits.double()).mean().item()
