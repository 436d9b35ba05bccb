"""Generative Adversarial Metric (Im et al., 2016): two models' discriminators judge each other's samples.

Two forms. The paper's counts errors: `r_test` asks whether both discriminators are equally good on held-out real
pictures, and only then `r_samples` says whose samples fool the other more. The lecture's compares probabilities.
Neither is defined for a critic, which has no 0.5: `calibrate` gives it one, and whoever quotes the result must say so.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor

TOLERANCE = 0.3  # how far |log r_test| may be from 0: the paper names none


class Battle(NamedTuple):
    """What comes of pitting model 1 against model 2; see `battle`."""

    r_test: float
    r_samples: float
    winner: Literal["1", "2", "tie"]
    likelihoods: float  # the lecture's form, below 1 where model 1 is ahead
    smoothed: bool  # an error rate was 0 and stands for half a picture


class Verdicts(NamedTuple):
    """Logits `(N,)` of one discriminator: positive says real."""

    test: Tensor  # on held-out real pictures
    opponent: Tensor  # on the other model's samples


def battle(first: Verdicts, second: Verdicts, *, tolerance: float = TOLERANCE) -> Battle:
    """Let two models fight.

    `r_test` = e(D1, test) / e(D2, test) and `r_samples` = e(D1, samples of G2) / e(D2, samples of G1), where e is the
    share of wrong verdicts. Model 1 wins where r_samples < 1 and model 2 where it is > 1, provided that |log r_test| is
    within the tolerance: otherwise one discriminator is simply better, and it is a tie.

    A rate of 0 would make the ratio infinite or undefined, so it counts as half a wrong verdict of the N.

    The lecture's form is p(y=1 | x; D1) p(x; G2) / p(y=1 | x; D2) p(x; G1): how readily D1 takes what G2 draws for
    real, over how readily D2 takes what G1 draws. Probabilities of pictures multiply: it is a ratio of geometric means.

    Args:
        first: verdicts of model 1's discriminator; `opponent` holds those on model 2's samples.
        second: verdicts of model 2's discriminator; `opponent` holds those on model 1's samples.
        tolerance: of the logarithm of r_test.

    Raises:
        ValueError: a set is empty.
    """
    if not all(len(logits) for logits in (*first, *second)):
        raise ValueError("every discriminator has to judge at least one picture of each kind")
    tests = [_errors(d.test, real=True) for d in (first, second)]
    samples = [_errors(d.opponent, real=False) for d in (first, second)]
    r_test, r_samples = tests[0] / tests[1], samples[0] / samples[1]
    comparable = abs(math.log(r_test)) <= tolerance
    winner: Literal["1", "2", "tie"] = "tie" if not comparable or r_samples == 1 else "1" if r_samples < 1 else "2"
    smoothed = not all(_wrong(v.test, real=True) and _wrong(v.opponent, real=False) for v in (first, second))
    likelihoods = math.exp(_log_real(first.opponent) - _log_real(second.opponent))
    return Battle(r_test, r_samples, winner, likelihoods, smoothed)


def calibrate(held_out: Tensor, samples: Tensor) -> float:
    """The threshold that a critic lacks: the one that errs least on held-out real pictures and its own samples.

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


def _errors(logits: Tensor, *, real: bool) -> float:
    return max(_wrong(logits, real=real), 0.5) / len(logits)


def _log_real(logits: Tensor) -> float:
    return torch.nn.functional.logsigmoid(logits.double()).mean().item()
