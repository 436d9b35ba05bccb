"""Interval of a share of votes, for example of votes for the left side or of errors, from raters who differ.

Wilson's interval (JASA, 1927) with Student's quantile and an effective number of votes: the votes divided by the design
effect, which says how much more the share varies between raters than between independent votes (Kish, 'Survey
Sampling', 1965). Unlike `share ± t · s` it stays inside 0 … 1, and it is honest where all votes agree: 20 raters
without an error do not show that nobody ever errs. Where few votes differ from the others, their spread over raters is
unknown, and the design effect is drawn towards the one of an intraclass correlation of 0.1.
"""

from __future__ import annotations

import numpy as np

_CORRELATION = 0.1
_WEIGHT = 5.0  # votes that the assumed design effect counts as


def share_interval(
    share: float, deviation: float, *, votes: float, raters: int, quantile: float
) -> tuple[float, float]:
    """Return the ends of the interval.

    Args:
        share: the estimate, 0 … 1.
        deviation: its standard deviation over draws of raters.
        votes: how many it rests on.
        raters: how many cast them.
        quantile: Student's, for the level and the effective number of raters.
    """
    binomial = share * (1 - share) / votes
    rare = votes * min(share, 1 - share)
    assumed = 1 + _CORRELATION * (votes / raters - 1)
    observed = deviation**2 / binomial if binomial > 0 else 0.0
    design_effect = (_WEIGHT * assumed + rare * observed) / (_WEIGHT + rare)
    effective = votes / design_effect
    square = quantile**2
    centre = (share + square / (2 * effective)) / (1 + square / effective)
    half = quantile / (1 + square / effective) * np.sqrt(share * (1 - share) / effective + square / (4 * effective**2))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))
