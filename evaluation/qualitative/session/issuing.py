"""Issuing ballots: the next ballot of a rater's plan, drawn by the votes so far, within the limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from evaluation.qualitative.ballot import Ballot, Choice, Purpose
from evaluation.qualitative.ranking.pairing import pair_probabilities
from evaluation.qualitative.session import ballot_sampling, plan, progress
from evaluation.qualitative.session.addresses import Addresses, TooManyBallotsError
from evaluation.qualitative.session.progress import Known
from evaluation.qualitative.session.stages import Stage, StageName
from evaluation.qualitative.session.staircase import START_MS, next_exposure
from evaluation.qualitative.store.flags import LIMITS
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.session_rules import Attention, Gold

VALID_FOR = timedelta(days=1)
RULE_AGE_S = 5.0  # for so long the probabilities of the pairs are not computed again


class Issuer:
    """Issues the ballots of one study. Safe to share between threads."""

    def __init__(self, store: Store, study: Study, addresses: Addresses) -> None:
        """Connect a study to its database and to the count of ballots per address."""
        self._store = store
        self._study = study
        self._addresses = addresses
        self._digest = ballot_sampling.digest(study)
        self._rule: Mapping[ballot_sampling.Pair, float] | None = None
        self._rule_until = 0.0
        self._lock = threading.Lock()

    def ballot(self, rater: str, known: Known, stage: Stage, *, address: str | None, ahead: int = 0) -> Ballot:
        """Return the unanswered ballot of a stage, or the one `ahead` of it; issue it if there is none.

        Raises:
            TooManyBallotsError: the rater or the address is over its limit.
            StoreUnavailableError: the database does not answer.
        """
        now = datetime.now(UTC)
        training = stage.name == StageName.TRAINING
        waiting = known.open(self._study, training=training, now=now)
        if len(waiting) > ahead:
            return waiting[ahead]
        if known.issued_since(progress.day_before(now)) >= LIMITS.ballots_per_rater:
            raise TooManyBallotsError("You have rated very many pairs today: come back tomorrow.")
        hashed = self._addresses.hashed(address)
        self._addresses.count(hashed)
        ballot = self._draw(
            rater, known, stage, stage.index + ahead, issued_at=now, expires_at=now + VALID_FOR, address=hashed
        )
        return self._store.issue(ballot, beside={record.ballot.id for record in known.history})

    def _draw(self, rater: str, known: Known, stage: Stage, position: int, **stored: Any) -> Ballot:
        study = self._study
        stored["study_digest"] = self._digest
        if stage.name == StageName.TRAINING:
            trial = study.session.training[position]
            return ballot_sampling.draw_trial(
                study, trial, rater=rater, purpose=Purpose.TRAINING, position=position, **stored
            )
        check = None
        if not study.casual:
            stored["position"] = position
            check = plan.slots(study, secret=self._store.key, rater=rater)[position].check
        past = [record.ballot for record in known.history]
        if study.protocol == "timed":
            stored["exposure_ms"] = self._exposure(known)
        match check:
            case Attention():
                return ballot_sampling.draw_attention(study, check, rater=rater, past=past, **stored)
            case Gold():
                return ballot_sampling.draw_trial(study, check, rater=rater, purpose=Purpose.GOLD, **stored)
            case None:
                return ballot_sampling.draw(
                    study, rater=rater, past=past, probabilities=self._probabilities(), **stored
                )

    def _exposure(self, known: Known) -> int:
        """Return how long the next picture shows, in ms: the staircase goes on from the rater's last answer."""
        exposure = self._study.session.exposure_ms or START_MS
        for record in known.part(training=False):
            if record.vote is None or record.ballot.purpose != Purpose.RATING:
                continue
            if record.vote.choice in (Choice.REAL, Choice.FAKE):
                real = self._study.arm(record.ballot.left).real
                exposure = next_exposure(exposure, right=(record.vote.choice == Choice.REAL) == real)
        return exposure

    def _probabilities(self) -> Mapping[ballot_sampling.Pair, float] | None:
        """Return the probability of each pair, computed again every few seconds and not for every ballot.

        None where all pairs are equally likely.
        """
        if not self._study.pairwise or self._study.session.pairs == "even":
            return None
        name = self._study.name
        with self._lock:
            if self._rule is None or time.monotonic() >= self._rule_until:
                counts = {(*key[:2], str(key[2])): count for key, count in self._store.pair_counts(name).items()}
                self._rule = pair_probabilities(counts, [arm.id for arm in self._study.competing])
                self._rule_until = time.monotonic() + RULE_AGE_S
            return self._rule
