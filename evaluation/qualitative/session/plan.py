"""The order of ratings and checks in a rater's session, which the rater can't predict."""

from __future__ import annotations

import random
from dataclasses import dataclass

from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.session_rules import Attention, Gold


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One place in a rater's session: a rating, or a check."""

    check: Attention | Gold | None = None


def slots(study: Study, *, secret: str, rater: str) -> list[Slot]:
    """Return a rater's whole session after the training.

    A check that comes every n ballots stands after a random one of each n ballots.

    Args:
        study: gives the number of ballots and the checks.
        secret: the database's key; it decides the places, so that raters can't predict them and restarts keep them.
        rater: id of the rater.
    """
    rng = random.Random(f"{secret}\n{study.name}\n{rater}")  # noqa: S311 - the secret makes it unpredictable
    after: dict[int, list[Slot]] = {}
    checks: list[Attention | Gold] = [*study.session.attention, *study.session.gold]
    for check in checks:
        for block in range(study.session.ballots_per_rater // check.every):
            place = block * check.every + rng.randint(1, check.every)
            after.setdefault(place, []).append(Slot(check=check))
    session: list[Slot] = []
    for rated in range(1, study.session.ballots_per_rater + 1):
        session += [Slot(), *after.get(rated, [])]
    return session
