"""A rater's way through a study, told by stored facts alone: so a reload, or the same link on another day, goes on.

    consent -> instructions -> training -> ballots -> done

The visitor who just looks goes through the same class, and finds ballots only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    InvalidRaterError,
    Purpose,
    Record,
    UnknownBallotError,
    check_look,
    check_rater,
    check_response_time,
    new_rater,
)
from evaluation.qualitative.session import plan, progress
from evaluation.qualitative.session.addresses import Addresses
from evaluation.qualitative.session.issuing import Issuer
from evaluation.qualitative.session.progress import Known
from evaluation.qualitative.session.stages import (
    Answer,
    Completion,
    InvalidLinkError,
    NotDoneError,
    NotNowError,
    Participant,
    Question,
    Stage,
    StageName,
    platform_parameters,
)
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study

__all__ = [
    "Answer",
    "Completion",
    "InvalidLinkError",
    "NotDoneError",
    "NotNowError",
    "Participant",
    "Question",
    "RatingSessions",
    "Stage",
    "StageName",
]


class RatingSessions:
    """All sessions of one study. Safe to share between threads; holds nothing that a restart would lose."""

    def __init__(self, store: Store, study: Study, *, addresses: Addresses | None = None) -> None:
        """Tie a study to the database that keeps its answers.

        Args:
            store: the database.
            study: which study.
            addresses: counts ballots per address; share one between studies.
        """
        self._store = store
        self._study = study
        self._issuer = Issuer(store, study, addresses or Addresses())

    def join(self, *, rater: str | None = None, query: Mapping[str, str] | None = None) -> Participant:
        """Find or make the participant of a link.

        Args:
            rater: the id that the page kept, if any; a malformed one is replaced, not refused.
            query: the link's parameters; `PROLIFIC_PID` decides who it is, whatever `rater` says.

        Raises:
            InvalidLinkError: a parameter is longer than 100 characters, or not printable ASCII without spaces.
            StoreUnavailableError: the database does not answer.
        """
        link = platform_parameters(query or {})
        if "PROLIFIC_PID" in link:
            rater = events.rater_of(self._store, self._study.name, link["PROLIFIC_PID"])
        elif rater is None or not _well_formed(rater):
            rater = new_rater()
        gone, did, _ = events.facts(self._store, self._study.name, rater=rater, history=False)
        joined = [event for event in did if event.kind == "joined"]
        if (link or not self._study.casual) and not gone:
            events.record(self._store, self._study.name, rater=rater, kind="joined", details=link)
        return Participant(
            rater=rater,
            study=self._study.name,
            prolific=link,
            joined_at=joined[0].at if joined else None,
            returned=bool(joined),
        )

    def stage(self, rater: str, *, address: str | None = None) -> Stage:
        """Return what is to be shown now; the ballot left unanswered comes again, else one is issued.

        Args:
            rater: from `join`.
            address: the caller's network address; kept only as a salted hash (see `Addresses`).

        Raises:
            InvalidRaterError: the rater id is malformed, or no participant of this study has it.
            TooManyBallotsError: the rater or the address is over its limit.
            StoreUnavailableError: the database does not answer.
        """
        known = self._known(rater)
        stage = self._place(rater, known)
        if stage.name not in (StageName.TRAINING, StageName.BALLOTS):
            return stage
        return replace(stage, ballot=self._issuer.ballot(rater, known, stage, address=address))

    def following(self, rater: str, *, address: str | None = None) -> Ballot | None:
        """Return the ballot after the one that `stage` shows, so that its pictures can be drawn meanwhile.

        It is issued like any other and comes when the one before is answered. None where there is no next one, or where
        it depends on the answer.

        Raises:
            As `stage`.
        """
        shown = self.stage(rater, address=address)
        last = shown.total is not None and shown.index + 1 >= shown.total
        if shown.ballot is None or last or self._study.protocol == "timed":
            return None
        return self._issuer.ballot(rater, self._known(rater), shown, address=address, ahead=1)

    def question(self, ballot: Ballot) -> Question:
        """Return what a rater may see of a ballot."""
        return Question(
            ballot=ballot.id,
            rater=ballot.rater,
            text=ballot.instruction or self._study.question,
            choices=self._choices,
            pictures=len(ballot.arms),
            exposure_ms=ballot.exposure_ms,
            training=ballot.purpose == Purpose.TRAINING,
        )

    def consent(self, rater: str, *, address: str | None = None) -> Stage:
        """Record that the rater agreed to take part, and return the next stage. Again does no harm."""
        return self._pass(StageName.CONSENT, "consented", rater, address)

    def instructed(self, rater: str, *, address: str | None = None) -> Stage:
        """Record that the rater read the instructions, and return the next stage. Again does no harm."""
        return self._pass(StageName.INSTRUCTIONS, "instructed", rater, address)

    def answer(
        self,
        ballot_id: str,
        *,
        rater: str,
        choice: str,
        response_ms: int | None = None,
        reason: str | None = None,
        correct: bool = False,
        found: Record | None = None,
    ) -> Answer:
        """Count an answer, once. When this returns, it is on the disk.

        Args:
            ballot_id: from `Question.ballot`.
            rater: who answers.
            choice: one of `Question.choices`.
            response_ms: from the pictures being shown to the answer, 0 … one day; None where not measured.
            reason: why, in the rater's words, at most 500 characters.
            correct: replace the answer that was given before, where the study permits it.
            found: what `Store.find` said of the ballot just now, for a caller who had to ask.

        Raises:
            VoteError: one of its subclasses says what was wrong; nothing was stored.
            StoreUnavailableError: the database did not answer; answering again is safe.
        """
        found = found or self._store.find(ballot_id, rater=rater)
        if found.ballot.study != self._study.name:
            raise UnknownBallotError("There is no such ballot in this study: ask for a new pair.")
        if found.vote is None and self._study.state() != "open":
            raise NotNowError("This study is not open: your answer came too late, or too early.")
        if found.vote is None and not self._study.casual:  # a visitor has no session to spoil, a script no screen
            check_response_time(response_ms)
            check_look(found.ballot, response_ms, minimum_ms=self._study.session.minimum_look_ms, now=datetime.now(UTC))
        if correct:
            self._check_correction(found)
        vote = self._store.cast(
            ballot_id,
            rater=rater,
            choice=choice,
            response_ms=response_ms,
            reason=reason,
            correct=correct,
            allowed=self._choices,
        )
        ballot, training = vote.ballot, vote.ballot.purpose == Purpose.TRAINING
        return Answer(
            choice=vote.choice,
            already_counted=vote.already_counted,
            corrected=vote.revision > 0 and not vote.already_counted,
            right=vote.choice == ballot.expected if training else None,
            feedback=self._feedback(ballot) if training else "",
            revealed=self._titles(ballot) if self._study.reveal == "after_vote" and not training else None,
        )

    def revealed(self, rater: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return (ballot id, titles of its arms) of a rater's ratings, as far as the study tells them by now."""
        known = self._known(rater)
        done = self._place(rater, known).name == StageName.DONE
        if self._study.reveal == "never" or (self._study.reveal == "after_session" and not done):
            return []
        return [(r.ballot.id, self._titles(r.ballot)) for r in known.history if r.vote and not r.ballot.expected]

    def withdraw(self, rater: str) -> int:
        """Delete all that is kept of a rater, and return how many answers that were. It can't be undone."""
        return events.withdraw(self._store, self._study.name, rater=rater)

    def completion(self, rater: str) -> Completion:
        """Return the completion code or redirect, after counting the answers in the database.

        Raises:
            NotDoneError: the rater has not come to the end, or took everything back.
        """
        known = self._known(rater)
        place = self._place(rater, known)
        wanted = len(self._study.session.training) + len(self._slots(rater))
        stored = self._store.count(self._study.name, rater=rater)
        if place.name != StageName.DONE or stored < wanted:
            raise NotDoneError("Not every question is answered and stored yet: go back, the next one waits for you.")
        events.record(self._store, self._study.name, rater=rater, kind="completed")
        link = next((event.details for event in reversed(known.events) if event.kind == "joined"), {})
        end = self._study.completion
        return Completion(code=end.code if end else None, redirect=end.address(**link) if end else None, votes=stored)

    def _known(self, rater: str) -> Known:
        name, counts = self._study.name, "consented" if self._study.consent else "joined"
        gone, did, history = events.facts(self._store, name, rater=rater)
        known = Known(withdrawn=gone, events=did, history=history)
        if self._study.maximum_raters is None:
            return known
        came = events.raters(self._store, name, kind=counts)[: self._study.maximum_raters]
        return replace(known, crowded=rater not in came and len(came) == self._study.maximum_raters)

    def _place(self, rater: str, known: Known) -> Stage:
        if not self._study.casual and not known.withdrawn and not known.did("joined"):
            raise InvalidRaterError("Nobody with this rater id takes part in the study: open your link again.")
        ballots = None if self._study.casual else len(self._slots(rater))
        return progress.place(self._study, known, ballots=ballots, now=datetime.now(UTC))

    def _slots(self, rater: str) -> list[plan.Slot]:
        return plan.slots(self._study, secret=self._store.key, rater=rater)

    def _pass(self, at: StageName, kind: str, rater: str, address: str | None) -> Stage:
        if self._place(rater, self._known(rater)).name == at:
            events.record(self._store, self._study.name, rater=rater, kind=kind)
        return self.stage(rater, address=address)

    def _check_correction(self, found: Record) -> None:
        study, ballot = self._study, found.ballot
        told = study.reveal == "after_vote" or ballot.purpose == Purpose.TRAINING
        if (
            not study.session.corrections
            or told
            or self._place(ballot.rater, self._known(ballot.rater)).name
            not in (
                StageName.TRAINING,
                StageName.BALLOTS,
            )
        ):
            raise NotNowError("This answer can't be changed any more.")

    def _feedback(self, ballot: Ballot) -> str:
        trials = self._study.session.training
        return trials[ballot.position].feedback if ballot.position is not None and ballot.position < len(trials) else ""

    def _titles(self, ballot: Ballot) -> tuple[str, ...]:
        return tuple(self._study.arm(arm).title for arm in ballot.arms)

    @property
    def _choices(self) -> tuple[Choice, ...]:
        return tuple(Choice(choice) for choice in self._study.choices)


def _well_formed(rater: str) -> bool:
    try:
        check_rater(rater)
    except InvalidRaterError:
        return False
    return True
