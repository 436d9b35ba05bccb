"""What a comparison of metrics with people allows to say, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from evaluation.qualitative.numbers_vs_eyes.comparison import NumbersVsEyes
from evaluation.qualitative.numbers_vs_eyes.correlations import FEWEST_ARMS
from evaluation.qualitative.numbers_vs_eyes.metrics import BY_KEY
from evaluation.qualitative.numbers_vs_eyes.people import SIMULATED_RATERS
from evaluation.qualitative.ranking.summary import ENOUGH_RATERS
from evaluation.qualitative.wording import counted


def sentences(result: NumbersVsEyes) -> list[str]:
    """Return what the data allow to say."""
    return list(_sentences(result))


def _sentences(result: NumbersVsEyes) -> Iterator[str]:
    arms = len(result.compared)
    if result.simulated:
        yield (
            f"Too few people have voted, so {SIMULATED_RATERS} simulated raters stand in, with a taste drawn by "
            "chance: the figures show what you will see here, and how much a metric agrees with nobody's taste. They "
            "say nothing about these sources."
        )
        return
    if arms < 2:
        yield "Fewer than two sources have both votes and metrics yet, so there is nothing to compare."
        return
    pairs = arms * (arms - 1) // 2
    yield (
        f"{counted(arms, 'source')} have both votes and metrics. The votes of "
        f"{counted(result.raters, 'person', 'people')} settle the order of {result.settled:,} of their "
        f"{counted(pairs, 'pair')}."
    )
    yield from _strength(result)
    if result.raters < ENOUGH_RATERS:
        yield f"With fewer than {ENOUGH_RATERS} people this is preliminary."


def _strength(result: NumbersVsEyes) -> Iterator[str]:
    arms = len(result.compared)
    tested = [part for part in result.correlations if part.kendall is not None and part.by_chance is not None]
    if arms < FEWEST_ARMS or not tested:
        yield "That is too few for a correlation: two sources are in the same order or they are not."
        return
    if arms <= 5:
        yield (
            f"{arms} sources have only {math.factorial(arms)} orders, so hardly anything can be said: a metric that "
            f"knows nothing agrees perfectly with one study in {math.factorial(arms)}."
        )
    limit = 0.05 / len(tested)
    firm = [BY_KEY[part.metric].title for part in tested if (part.by_chance or 1.0) <= limit]
    if firm:
        yield (
            f"More than chance explains, allowing for {counted(len(tested), 'metric')} tried: {', '.join(firm)}. "
            "Whether one of them agrees better than another is seen where their intervals lie apart."
        )
    else:
        yield (
            f"No metric agrees with people more than chance explains, allowing for {counted(len(tested), 'metric')} "
            "tried; that is no proof that none does."
        )
    against = [BY_KEY[part.metric].title for part in tested if part.kendall_high is not None and part.kendall_high < 0]
    if against:
        yield f"People put the sources rather the other way round than {', '.join(against)}."
