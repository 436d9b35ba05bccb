"""How well strengths are known: the variance of independent votes, and how much larger it is as raters differ.

The design effect (Kish, 'Survey Sampling', 1965) of an arm's score is its variance over raters (Cameron & Miller, 2015)
over the variance that Bradley-Terry gives to independent votes. For an arm with few losses, or few wins, the variance
over raters rests on these few votes. So the observed design effect is drawn towards the one that is expected from all
arms together: a tie varies less than a win and a loss do, after Davidson (1970), and a taste of variance `τ²` for each
arm moves the votes of a rater together, the more, the more information the rater gives about the arm. With the
covariance `K_r` of the scores (`sᵣ = Σ x (y - p)`) of one rater's independent votes it is `K_r + τ² K_r²`; `τ²` is
fitted to all scores by moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit

from evaluation.qualitative.ranking.bootstrap import pair_table
from evaluation.qualitative.ranking.bradley_terry import average_weights, contrasts, derivatives, pair_counts
from evaluation.qualitative.ranking.tally import TIE, Tally

Array = NDArray[np.float64]

_WEIGHT = 5.0  # losses (or wins) that the expected design effect counts as
_LEAST_EFFECT = 0.3  # a few votes may vary less than that by accident
_AT_ONCE = 2**22  # numbers in one block of raters


@dataclass(frozen=True, kw_only=True, eq=False)
class Precision:
    """How well the strengths of arms that met are known.

    Attributes:
        variance: `(n,)`, of each score if votes were independent.
        design_effect: `(n,)`, how much larger the variance over raters is.
        pooled: the average design effect.
    """

    variance: Array
    design_effect: Array
    pooled: float


def precision(tally: Tally, theta: Array) -> Precision:
    """Estimate how well strengths are known, from how much raters differ.

    Args:
        tally: votes of two raters or more on arms that all met, directly or through others.
        theta: `(n,)` strengths.
    """
    contrast = contrasts(len(theta))
    chance = expit(contrast @ theta)
    wins, judged = pair_table(tally)
    scores = np.asarray(wins @ contrast - judged @ (chance[:, None] * contrast))  # (raters, n)
    _, total = pair_counts(tally.total[None])
    _, information = derivatives(theta[None], total / 2, total, 1.0)
    gradient = np.eye(len(theta)) - average_weights(theta[None])
    influence = np.linalg.solve(information[0], gradient.T).T
    along = influence @ contrast.T  # (n, pairs), how much each arm's score follows from a win of each pair
    independent = along**2 @ (total[0] * chance * (1 - chance))
    raters = len(scores)
    moved = scores @ influence.T
    clustered = raters / (raters - 1) * ((moved - moved.mean(axis=0)) ** 2).sum(axis=0)
    observed = clustered / np.maximum(independent, 1e-12)
    noise = chance * (1 - chance) - ties_expected(chance, total[0], float(tally.total[..., TIE].sum())) / 4
    taste, shared = _taste(scores, judged, noise, influence)
    expected = (along**2 @ (total[0] * noise) + taste * shared) / np.maximum(independent, 1e-12)
    rare = np.minimum(*tally.won_and_lost)
    pooled = max(float(np.average(observed, weights=rare + 1e-9)), _LEAST_EFFECT) if rare.any() else 1.0
    effect = np.maximum((_WEIGHT * expected + rare * observed) / (_WEIGHT + rare), _LEAST_EFFECT)
    return Precision(variance=np.einsum("ij,ij->i", gradient, influence), design_effect=effect, pooled=pooled)


def ties_expected(chance: Array, judged: Array, ties: float) -> Array:
    """Return how likely each pair is tied under Davidson's model, from how often all pairs were.

    Davidson's chance of a tie is `t = ν √(w l)` for the chances `w` and `l` of a win and a loss; with `w + t/2` known,
    `t` follows from a quadratic equation, and ν from the number of all ties.

    Args:
        chance: `(pairs,)`, expected score of the first arm, `w + t/2`.
        judged: `(pairs,)`, how often each pair was judged.
        ties: how many of these votes were ties.
    """
    both = chance * (1 - chance)

    def tied(readiness: float) -> Array:
        """Return the chances with ν = `readiness`."""
        square = readiness**2
        root = np.sqrt((square / 2) ** 2 + 4 * (1 - square / 4) * square * both)
        return np.asarray(2 * square * both / (square / 2 + np.maximum(root, 1e-12)))

    if not ties:
        return np.zeros_like(chance)

    def excess(readiness: float) -> float:
        return float(judged @ tied(readiness)) - ties

    most = 1e3
    return tied(scipy.optimize.brentq(excess, 1e-9, most)) if excess(most) > 0 else tied(most)


def _taste(scores: Array, judged: csr_array, noise: Array, influence: Array) -> tuple[float, Array]:
    """Return the variance of tastes, and `Σ_r ‖K_r h_i‖²` `(n,)` for the influence `h_i` on each arm's score."""
    raters, n = scores.shape
    contrast = contrasts(n)
    products = (contrast[:, :, None] * contrast[:, None, :]).reshape(len(contrast), n * n)
    shared, single, square = np.zeros(n), 0.0, 0.0
    block = max(1, _AT_ONCE // (n * n))
    for start in range(0, raters, block):
        of_raters = (judged[start : start + block] @ (noise[:, None] * products)).reshape(-1, n, n)
        single += float(np.trace(of_raters, axis1=1, axis2=2).sum())
        square += float((of_raters**2).sum())
        shared += ((of_raters @ influence.T) ** 2).sum(axis=(0, 1))
    varied = raters / (raters - 1) * float(((scores - scores.mean(axis=0)) ** 2).sum())
    return max(0.0, varied - single) / max(square, 1e-12), shared
