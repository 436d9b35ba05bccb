"""How many people answered the questions besides the ballots, and how they fared at the comprehension check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from evaluation.qualitative.results.words import listed, was
from evaluation.qualitative.store.answers import AFTER, BEFORE, COMPREHENSION
from evaluation.qualitative.store.database import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.questionnaire import TRIES
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How many people answered; None where the study asks nothing there. Who withdrew is not among them.

    Attributes:
        before: people who answered the questions before the ballots.
        after: people who answered those after them.
        first_try: people who passed the comprehension check at the first try.
        second_try: people who passed it at the second.
        not_understood: people who failed both tries and did not take part.
        failed_tries: tries that failed, of whomever.
    """

    before: int | None = None
    after: int | None = None
    first_try: int | None = None
    second_try: int | None = None
    not_understood: int | None = None
    failed_tries: int | None = None

    def sentences(self) -> list[str]:
        """Return the numbers that are known in sentences."""
        answered = [
            f"{number:,} answered the questions {where} the ballots"
            for number, where in ((self.before, "before"), (self.after, "after"))
            if number is not None
        ]
        sentences = [f"{listed(answered)}."] if answered else []
        if self.not_understood is not None:
            second, failed = self.second_try or 0, self.not_understood
            tries = self.failed_tries or 0
            sentences.append(
                f"{self.first_try or 0:,} passed the comprehension check at the first try, {second:,} at the second; "
                f"{failed:,} failed {TRIES} tries and {was(failed)} not let in ({counted(tries, 'try', 'tries')} "
                "failed in all)."
            )
        return sentences


def asked_of(store: Store, study: Study) -> Asked:
    """Count the answers to the questions of a study besides its ballots.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    kinds = (BEFORE, AFTER, COMPREHENSION)
    query = (
        sa.select(events.c.rater, events.c.kind, events.c.details)
        .where(events.c.study == study.name, events.c.kind.in_(kinds))
        .order_by(events.c.id)
    )
    raters: dict[str, set[str]] = {kind: set() for kind in kinds}
    tries: defaultdict[str, list[bool]] = defaultdict(list)  # whether each was right, by rater
    with store.reading() as connection:
        for rater, kind, details in connection.execute(query):
            raters[kind].add(rater)
            if kind == COMPREHENSION:
                tries[rater].append(all(details["right"]))
    checked = bool(study.comprehension or tries)
    return Asked(
        before=len(raters[BEFORE]) if study.before or raters[BEFORE] else None,
        after=len(raters[AFTER]) if study.asked_after or raters[AFTER] else None,
        first_try=sum(right[0] for right in tries.values()) if checked else None,
        second_try=sum(not right[0] and any(right) for right in tries.values()) if checked else None,
        not_understood=sum(len(right) >= TRIES and not any(right) for right in tries.values()) if checked else None,
        failed_tries=sum(not right for of_rater in tries.values() for right in of_rater) if checked else None,
    )
