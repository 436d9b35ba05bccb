"""Rating sessions: the stages of a rater, computed from stored facts alone, so that a reload goes on where it was.

    consent -> questions -> instructions -> comprehension -> training -> ballots -> questions -> done

A casual visitor goes through the same class and meets ballots only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    InvalidRaterError,
    Purpose,
    Record,
    UnknownBallotError,
    Vote,
    check_look,
    check_response_time,
)
from evaluation.qualitative.session import joining, plan, progress, questionnaire
from evaluation.qualitative.session.addresses import Addresses
from evaluation.qualitative.session.issuing import Issuer
from evaluation.qualitative.session.places import Places
from evaluation.qualitative.session.progress import Known
from evaluation.qualitative.session.stages import (
    Form,
    InvalidLinkError,
    NotDoneError,
    NotNowError,
    Participant,
    Question,
    Receipt,
    SessionEnd,
    Stage,
    StageName,
)
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.platform import LinkError
from evaluation.qualitative.study.schema import Study

_PLACED = (StageName.INSTRUCTIONS, StageName.TRAINING, StageName.BALLOTS)  # stages of a rater who has a place


class RatingSessions:
    """All sessions of one study. Safe to share between threads; all its state is in the database."""

    def __init__(self, store: Store, study: Study, *, addresses: Addresses | None = None) -> None:
        """Connect a study to the database.

        Args:
            store: the database.
            study: the study.
            addresses: counts ballots and visits per network address; shared between studies.
        """
        self._store = store
        self._study = study
        self._choices = tuple(Choice(choice) for choice in study.choices)
        self._titles = {arm.id: arm.title for arm in study.arms}
        self._casual = study.casual
        self._period = study.opens or datetime.min.replace(tzinfo=UTC), study.closes or datetime.max.replace(tzinfo=UTC)
        self._addresses = addresses or Addresses()
        self._issuer = Issuer(store, study, self._addresses)
        self._places = None
        if study.maximum_raters is not None:
            answers = 1 if study.casual else len(study.session.training) + _ballots(study)
            self._places = Places(
                store, study.name, number=study.maximum_raters, minutes=study.place_minutes, answers=answers
            )

    def join(
        self,
        *secrets: Any,
        fresh: Any = None,
        query: Mapping[str, Any] | None = None,
        address: str | None = None,
    ) -> Participant:
        """Find or begin the session of a link; see `joining`.

        Args:
            secrets: those that the page kept, and that of the rater's own link first; others than secrets are ignored.
            fresh: a random secret of the page, for a session that begins; if the answer is lost on its way, the page
                sends the same again. The server draws one where it is missing.
            query: the link's parameters.
            address: the caller's network address, which has a number of visits that are stored in a day.

        Raises:
            TooManyBallotsError: the address is over its daily limit.
            InvalidLinkError: see `Platform.read`; or the participant's session began in another browser.
            InvalidRaterError: a secret is a rater's id.
            StoreUnavailableError: the database does not answer.
        """
        try:
            link = self._study.links.read(query or {})
        except LinkError as error:
            raise InvalidLinkError(str(error)) from error
        session = joining.find(self._store, self._study, link, secrets=secrets, fresh=fresh)
        if (link or not self._casual) and not session.withdrawn:
            if not session.stored:
                self._addresses.count_visit(self._addresses.hashed(address))
            joining.record(self._store, self._study, link, session)
        return Participant(
            secret=session.secret,
            rater=session.rater,
            study=self._study.name,
            link=link,
            joined_at=session.joined_at,
            returned=session.joined_at is not None,
        )

    def stage(self, rater: str, *, address: str | None = None) -> Stage:
        """Return the rater's stage. An unanswered ballot comes again; without one a new ballot is issued.

        Args:
            rater: from `join`.
            address: the caller's network address; stored only as a salted hash (see `Addresses`).

        Raises:
            InvalidRaterError: the rater id is malformed, or no participant of this study has it.
            TooManyBallotsError: the rater or the address is over its limit.
            StoreUnavailableError: the database does not answer.
        """
        known = self._known(rater)
        stage = self._place(rater, known)
        if stage.name in _PLACED and self._places is not None and not self._holds(known):
            stage = self._place(rater, replace(known, crowded=not self._places.take(rater)))
        if stage.name not in (StageName.TRAINING, StageName.BALLOTS):
            return stage
        return replace(stage, ballot=self._issuer.ballot(rater, known, stage, address=address))

    def following(self, rater: str, *, address: str | None = None) -> Ballot | None:
        """Return the ballot after the one that `stage` shows, so that its pictures can be drawn in advance.

        It is issued like any other ballot and comes when the one before is answered. None if there is no next ballot,
        or if it depends on the answer.

        Raises:
            InvalidRaterError, TooManyBallotsError, StoreUnavailableError: see `stage`.
        """
        stage = self.stage(rater, address=address)
        last = stage.total is not None and stage.index + 1 >= stage.total
        if stage.ballot is None or last or self._study.protocol == "timed":
            return None
        return self._issuer.ballot(rater, self._known(rater), stage, address=address, ahead=1)

    def last_answer(self, rater: str) -> tuple[Stage, Vote]:
        """Return the rater's last answer, and the stage with its ballot as it was before the answer.

        Raises:
            NotNowError: the study allows no corrections, or there is no answer that can be corrected.
        """
        known = self._known(rater)
        answered = [record for record in known.part(training=False) if record.vote is not None]
        if not answered:
            raise NotNowError("There is no answer yet that you could change.")
        record = answered[-1]
        self._check_correction(record, known)
        stage = self._place(rater, known)
        assert record.vote is not None
        return replace(stage, index=len(answered) - 1, ballot=record.ballot), record.vote

    def question(self, ballot: Ballot) -> Question:
        """Return the parts of a ballot that a rater may see."""
        return Question(
            ballot=ballot.id,
            text=ballot.instruction or self._study.question,
            choices=self._choices,
            pictures=len(ballot.arms),
            exposure_ms=ballot.exposure_ms,
            training=ballot.purpose == Purpose.TRAINING,
        )

    def consent(self, rater: str, *, address: str | None = None) -> Stage:
        """Record that the rater agreed to take part, and return the next stage. Repeating it does no harm."""
        return self._pass(StageName.CONSENT, "consented", rater, address)

    def instructed(self, rater: str, *, address: str | None = None) -> Stage:
        """Record that the rater read the instructions, and return the next stage. Repeating it does no harm."""
        return self._pass(StageName.INSTRUCTIONS, "instructed", rater, address)

    def answer_questions(self, rater: str, answers: Mapping[str, Any], *, address: str | None = None) -> Stage:
        """Store the answers to the questions of the rater's stage, and return the next stage.

        At another stage, as after a double click, nothing is stored.

        Args:
            rater: id of the rater.
            answers: by the question's id; of a comprehension check, by its number from 0.
            address: network address, for the ballot that may follow.

        Raises:
            InvalidAnswerError: an answer is missing or none that the question allows; nothing was stored.
        """
        place = self._place(rater, self._known(rater))
        if (event := questionnaire.event(self._study, place, answers)) is not None:
            kind, details = event
            events.record(self._store, self._study.name, rater=rater, kind=kind, details=details)
        return self.stage(rater, address=address)

    def answer(
        self,
        ballot_id: str,
        *,
        rater: str,
        choice: str,
        response_ms: int | None = None,
        reason: str | None = None,
        correct: bool = False,
    ) -> Receipt:
        """Count an answer to a ballot of this study, once. When this returns, it is on the disk.

        Args:
            ballot_id: from `Question.ballot`.
            rater: id of the rater who answers.
            choice: one of `Question.choices`.
            response_ms: from the pictures being shown to the answer, 0 … one day; None if not measured.
            reason: in the rater's words, at most 500 characters.
            correct: replace the earlier answer, if the study allows it.

        Raises:
            VoteError: one of its subclasses says what was wrong; nothing was stored.
            StoreUnavailableError: the database did not answer; answering again is safe.
        """
        vote = self._store.cast(
            ballot_id,
            rater=rater,
            choice=choice,
            response_ms=response_ms,
            reason=reason,
            correct=correct,
            rules=lambda record: self.allowed(record, response_ms=response_ms, correct=correct),
        )
        return self.receipt(vote)

    def allowed(self, record: Record, *, response_ms: int | None, correct: bool) -> tuple[Choice, ...]:
        """Return the choices that the study allows in answer to a ballot now: its rules for `Store.cast`.

        Args:
            record: the ballot and its answer so far.
            response_ms: the measured response time, or None.
            correct: whether the answer replaces an earlier one.

        Raises:
            VoteError: the study takes no answer to this ballot, or not yet, or not any more.
        """
        if record.ballot.study != self._study.name:
            raise UnknownBallotError("There is no such ballot in this study: ask for a new pair.")
        (opens, closes), now = self._period, datetime.now(UTC)
        if record.vote is None and not opens <= now < closes:
            raise NotNowError("This study is not open: your answer came too late, or too early.")
        if record.vote is None and not self._casual:  # a visitor has no session, and a script no screen
            check_response_time(response_ms)
            check_look(record.ballot, response_ms, minimum_ms=self._study.session.minimum_look_ms, now=now)
        if record.vote is None and self._places is not None and not self._holds_place(record, now):
            raise NotNowError(
                f"You gave no answer for {self._study.place_minutes} minutes, so your place became free for others: "
                "reload the page to go on if the study is not full."
            )
        if correct:
            self._check_correction(record, self._known(record.ballot.rater))
        return self._choices

    def receipt(self, vote: Vote) -> Receipt:
        """Return what a rater may know about a stored answer."""
        ballot, training = vote.ballot, vote.ballot.purpose == Purpose.TRAINING
        return Receipt(
            choice=vote.choice,
            already_counted=vote.already_counted,
            corrected=vote.revision > 0 and not vote.already_counted,
            right=vote.choice == ballot.expected if training else None,
            feedback=self._feedback(ballot) if training else "",
            revealed=self._titles_of(ballot) if self._reveals(vote) and not training else None,
        )

    def revealed(self, rater: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return (ballot id, titles of its arms) of a rater's judgements, as far as the study reveals them by now."""
        known = self._known(rater)
        done = self._place(rater, known).name == StageName.DONE
        if self._study.reveal == "never" or (self._study.reveal == "after_session" and not done):
            return []
        rated = [
            record.ballot
            for record in known.history
            if record.vote and record.vote.choice.judges and not record.ballot.expected
        ]
        return [(ballot.id, self._titles_of(ballot)) for ballot in rated]

    def history(self, rater: str) -> Sequence[Record]:
        """Return a rater's ballots with their answers, oldest first."""
        return self._known(rater).history

    def withdraw(self, rater: str) -> int:
        """Delete everything about a rater, and return how many answers were deleted. It can't be undone."""
        return events.withdraw(self._store, self._study.name, rater=rater)

    def completion(self, rater: str) -> SessionEnd:
        """Return the completion code or redirect, after counting the answers in the database.

        Raises:
            NotDoneError: the rater has not finished, or withdrew.
        """
        known = self._known(rater)
        place = self._place(rater, known)
        wanted = len(self._study.session.training) + len(self._slots(rater))
        stored = self._store.count(self._study.name, rater=rater)
        if place.name != StageName.DONE or stored < wanted:
            raise NotDoneError("Not every question is answered and stored yet: go back, the next one waits for you.")
        events.record(self._store, self._study.name, rater=rater, kind="completed")
        ids = next((event.details for event in reversed(known.events) if event.kind == "joined" and event.details), {})
        end = self._study.completion
        code = (end and end.code) or ""
        redirect = end.address(self._study.links.values(ids, code=code)) if end else None
        return SessionEnd(code=code or None, redirect=redirect, form=_form(ids, code, stored), votes=stored)

    def _known(self, rater: str) -> Known:
        withdrawn, happened, history = events.facts(self._store, self._study.name, rater=rater)
        known = Known(withdrawn=withdrawn, events=happened, history=history)
        if self._places is None or self._holds(known):
            return known
        return replace(known, crowded=not self._places.free(rater))

    def _holds(self, known: Known) -> bool:
        return self._places is None or self._places.held(known.events, known.history)

    def _holds_place(self, record: Record, now: datetime) -> bool:
        """Whether the rater of a ballot has a place; one that was issued a moment ago needs no query."""
        if now - record.ballot.issued_at < timedelta(minutes=self._study.place_minutes):
            return True
        _, happened, history = events.facts(self._store, self._study.name, rater=record.ballot.rater)
        return self._places is None or self._places.held(happened, history)

    def _reveals(self, vote: Vote) -> bool:
        """Whether an answer reveals the arms at once; skipping must not, or it would be a look without a judgement."""
        return self._study.reveal == "after_vote" and vote.choice.judges

    def _place(self, rater: str, known: Known) -> Stage:
        if not self._casual and not known.withdrawn and not known.did("joined"):
            raise InvalidRaterError("Nobody with this rater id takes part in the study: open your link again.")
        ballots = None if self._casual else len(self._slots(rater))
        return progress.place(self._study, known, ballots=ballots, now=datetime.now(UTC))

    def _slots(self, rater: str) -> list[plan.Slot]:
        return plan.slots(self._study, secret=self._store.key, rater=rater)

    def _pass(self, at: StageName, kind: str, rater: str, address: str | None) -> Stage:
        if self._place(rater, self._known(rater)).name == at:
            events.record(self._store, self._study.name, rater=rater, kind=kind)
        return self.stage(rater, address=address)

    def _check_correction(self, record: Record, known: Known) -> None:
        rating = (StageName.TRAINING, StageName.BALLOTS)
        stage = self._place(record.ballot.rater, known).name
        if not self._study.changeable or record.ballot.purpose == Purpose.TRAINING or stage not in rating:
            raise NotNowError("This answer can't be changed any more.")

    def _feedback(self, ballot: Ballot) -> str:
        trials = self._study.session.training
        return trials[ballot.position].feedback if ballot.position is not None and ballot.position < len(trials) else ""

    def _titles_of(self, ballot: Ballot) -> tuple[str, ...]:
        return tuple(self._titles.get(arm, arm) for arm in ballot.arms)  # an arm may have left the study


def _ballots(study: Study) -> int:
    return study.session.ballots_per_rater + study.session.checks


def _form(ids: Mapping[str, str], code: str, votes: int) -> Form | None:
    """The form that Mechanical Turk takes: the assignment, and at least one other field."""
    if "submit_to" not in ids or "session" not in ids:
        return None
    fields = {"assignmentId": ids["session"], "answers": str(votes)} | ({"code": code} if code else {})
    return Form(address=f"{ids['submit_to']}/mturk/externalSubmit", fields=fields)
