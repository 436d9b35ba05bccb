"""The actions of raters: what the rating panel's script and the API call.

Every action takes and returns plain values and checks all that comes in, because anybody can call it. For the page's
script (see `answering`) a refusal is a value too, `{"refused": sentence}`, and `{"unavailable": sentence}` asks it to
try again, with `busy` where the server works well but has too much to do.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import gradio as gr
from PIL import Image

from demos.just_look import rating_html
from demos.just_look.own.ranking import OwnRanking, own_ranking
from demos.just_look.own.score import OwnScore, own_score
from demos.parts.apart import Apart, BusyError
from demos.parts.beside import NotComputedError
from evaluation.qualitative.ballot import Ballot, Choice, Record, Vote, VoteError, rater_id
from evaluation.qualitative.results.access import viewer
from evaluation.qualitative.session.addresses import Addresses
from evaluation.qualitative.session.other_votes import OtherVotes
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import InvalidLinkError, Stage, StageName
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.rendering import encode, inputs
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from serving.engine import Engine
from serving.engine.errors import EngineError

_log = logging.getLogger(__name__)
KEPT = 9  # secrets of one browser that are tried: the one in use, and the 8 that the page keeps (SEVERAL)
Payload = dict[str, Any]  # what an action returns, as JSON


class NotDrawnError(ValueError):
    """A ballot's pictures can't be drawn; the message doesn't say why, because that would name the arm."""

    http_status = 503


_LATER = (StoreUnavailableError, NotDrawnError, BusyError, NotComputedError)  # the page's script tries again
_FAILURES = (VoteError, StudyError, *_LATER)


@dataclass(frozen=True, kw_only=True)
class _OpenStudy:
    """A study with its sessions, its pictures, and the votes to compare a visitor's with."""

    study: Study
    sessions: RatingSessions
    gallery: Gallery
    others: OtherVotes


class RatingActions:
    """Serves the raters of all studies. Safe to share between threads."""

    def __init__(self, library: StudyLibrary, store: Store, engine: Engine) -> None:
        """Take the studies, the vote database and the engine that draws the pictures."""
        self._library = library
        self._store = store
        self._engine = engine
        self._addresses = Addresses()
        self._open: dict[str, _OpenStudy] = {}

    def open(self, study: str, secret: str, link: Payload, request: gr.Request) -> Payload:
        """Find or begin the session of a link, and return what the page shows now.

        Args:
            study: name of the study.
            secret: the rater's secret, which the page kept; "" without one.
            link: the parameters of the link; as `kept` further secrets that the page kept, of raters who share the
                device; and as `fresh` the secret with which a session begins.
            request: of the page.
        """
        try:
            opened = self._opened(study)
        except StudyError as error:
            return {"rater": secret, "html": rating_html.no_study(str(error), self._library.casual())}
        if not isinstance(link, dict):
            raise VoteError("The page sent a link without names of its parameters: reload it.")
        kept = [secret, *(link["kept"] if isinstance(link.get("kept"), list) else [])]
        try:
            participant = opened.sessions.join(
                *kept[:KEPT], fresh=link.get("fresh"), query=link, address=address(request)
            )
        except InvalidLinkError as error:
            return {"rater": "", "html": rating_html.no_session(str(error))}
        payload = self._state(opened, participant.secret, request)
        if viewer(None).may_see(opened.study):
            payload["results"] = study
        if opened.study.casual:
            payload["studies"] = [[casual.name, casual.title] for casual in self._library.casual()]
        return payload

    def act(self, study: str, secret: str, action: str, request: gr.Request) -> Payload:
        """Consent, decline, go past the instructions or withdraw, and return what the page shows now."""
        rater = self._rater(study, secret)
        opened = self._opened(study)
        match action:
            case "decline":
                return {"rater": secret, "html": rating_html.declined()}
            case "consent":
                opened.sessions.consent(rater, address=address(request))
            case "instructed":
                opened.sessions.instructed(rater, address=address(request))
            case "withdraw":
                withdrawn = opened.sessions.withdraw(rater)
                _log.warning("Study %s: a rater withdrew", opened.study.name)
                return {"rater": secret, "html": rating_html.withdrawn(withdrawn)}
            case _:
                raise VoteError(f"The page sent an unknown action, {action!r:.40}: reload it.")
        return self._state(opened, secret, request)

    def questions(self, study: str, secret: str, answers: Payload, request: gr.Request) -> Payload:
        """Store the answers to the questions of the rater's stage, and return what the page shows now."""
        opened = self._opened(study)
        opened.sessions.answer_questions(self._rater(study, secret), answers, address=address(request))
        return self._state(opened, secret, request)

    def ahead(self, study: str, secret: str, after: str, request: gr.Request) -> Payload:
        """Issue and draw the ballot after the open one, `after`; None if there is none or it depends on the answer."""
        opened, rater = self._opened(study), self._rater(study, secret)
        stage = opened.sessions.stage(rater, address=address(request))
        if stage.ballot is None or stage.ballot.id != after:  # answered since then, perhaps in another tab
            return {"ballot": None}
        following = opened.sessions.following(rater, address=address(request))
        if following is None:
            return {"ballot": None}
        return {"ballot": self._ballot(opened, replace(stage, index=stage.index + 1, ballot=following))}

    def last_answer(self, study: str, secret: str) -> Payload:
        """Draw the ballot that the rater answered last, with its answer, so that the answer can be changed."""
        opened = self._opened(study)
        stage, vote = opened.sessions.last_answer(self._rater(study, secret))
        return {"ballot": self._ballot(opened, stage), "choice": vote.choice, "reason": vote.reason}

    def answer(self, secret: str, ballot: str, choice: str, response_ms: int | None, reason: str | None) -> Payload:
        """Count an answer, once, and return what the page shows about it."""
        return _reply(*self._count(secret, ballot, choice, response_ms, reason, correct=False))

    def change(self, secret: str, ballot: str, choice: str, response_ms: int | None, reason: str | None) -> Payload:
        """Replace an earlier answer, if the study allows it, and return what the page shows about it."""
        return _reply(*self._count(secret, ballot, choice, response_ms, reason, correct=True))

    def cast(
        self, secret: str, ballot: str, choice: str, response_ms: int | None, reason: str | None, correct: bool = False
    ) -> Payload:
        """Count an answer, once, and return it as the API does."""
        opened, vote = self._count(secret, ballot, choice, response_ms, reason, correct=correct)
        receipt = opened.sessions.receipt(vote)
        left, right, *others = (*(receipt.revealed or ()), None, None)
        return {
            "choice": receipt.choice,
            "already_counted": receipt.already_counted,
            "left": left,
            "right": right,
            **(dict(zip(("third", "fourth"), others, strict=False)) if len(receipt.revealed or ()) > 2 else {}),
            "feedback": receipt.feedback,
        }

    def own_ranking(self, study: str, secret: str) -> OwnRanking | None:
        """The arms of a study by the rater's own votes, where the study reveals the arms after each vote."""
        opened = self._opened(study)
        if not secret or opened.study.judges_one or opened.study.reveal != "after_vote":
            return None
        history = opened.sessions.history(self._rater(study, secret))
        return own_ranking(history, [arm.id for arm in opened.study.competing])

    def own_score(self, study: str, secret: str) -> OwnScore | None:
        """The rater's errors about single pictures, where the study reveals the arms after each vote."""
        opened = self._opened(study)
        if not secret or not opened.study.judges_one or opened.study.reveal != "after_vote":
            return None
        history = opened.sessions.history(self._rater(study, secret))
        return own_score(history, {arm.id for arm in opened.study.arms if arm.real})

    def question(self, study: str, secret: str, request: gr.Request) -> Payload:
        """Issue a ballot, or return the one that is still open, as the API does.

        Raises:
            VoteError: the study has a page to read first, or nothing more to answer.
        """
        opened = self._opened(study)
        participant = opened.sessions.join(secret, address=address(request))
        stage = opened.sessions.stage(participant.rater, address=address(request))
        if stage.ballot is None:
            raise VoteError(f"There is no ballot at this stage ({stage.name}): open the page with ?study={study}.")
        question = opened.sessions.question(stage.ballot)
        left, right, *others = (*self._draw(opened, stage.ballot), None)
        return {
            "ballot": question.ballot,
            "rater": participant.secret,
            "question": question.text,
            "choices": list(question.choices),
            "left": left,
            "right": right,
            **({"third": others[0], "fourth": others[1]} if question.pictures > 2 else {}),
        }

    def _opened(self, name: str) -> _OpenStudy:
        """A study, opened anew if its file was changed.

        Raises:
            StudyError: there is no such study.
        """
        study = self._library.read(name)
        opened = self._open.get(name)
        if opened is None or opened.study is not study:
            sessions = RatingSessions(self._store, study, addresses=self._addresses)
            gallery = Gallery(study, seeds=Seeds.of(study, self._store.key))
            others = OtherVotes(self._store, name)
            opened = _OpenStudy(study=study, sessions=sessions, gallery=gallery, others=others)
            self._open[name] = opened
        return opened

    def _count(
        self, secret: str, ballot: str, choice: str, response_ms: int | None, reason: str | None, *, correct: bool
    ) -> tuple[_OpenStudy, Vote]:
        """Count an answer by the rules of the ballot's own study, which the caller can't choose."""
        studies: list[_OpenStudy] = []

        def rules(record: Record) -> tuple[Choice, ...]:
            studies.append(self._opened(record.ballot.study))
            return studies[-1].sessions.allowed(record, response_ms=response_ms, correct=correct)

        vote = self._store.cast(
            ballot,
            rater=lambda study: self._rater(study, secret),
            choice=choice,
            response_ms=response_ms,
            reason=reason,
            correct=correct,
            rules=rules,
        )
        return studies[-1], vote

    def _rater(self, study: str, secret: str) -> str:
        """The id of the rater with a secret. Only here a secret becomes an id; the database knows ids alone."""
        return rater_id(self._store.key, study, secret)

    def _state(self, opened: _OpenStudy, secret: str, request: gr.Request) -> Payload:
        """What the page shows to a rater now: a ballot, or a page to read."""
        rater = self._rater(opened.study.name, secret)
        stage = opened.sessions.stage(rater, address=address(request))
        if stage.ballot is not None:
            return {"rater": secret, "ballot": self._ballot(opened, stage)}
        if stage.name != StageName.DONE:
            return {"rater": secret, "html": rating_html.stage(opened.study, stage)}
        revealed = [titles for _, titles in opened.sessions.revealed(rater)]
        return {"rater": secret, "html": rating_html.done(opened.sessions.completion(rater), revealed)}

    def _ballot(self, opened: _OpenStudy, stage: Stage) -> Payload:
        """All that the page needs to ask a question, and nothing about the arms."""
        assert stage.ballot is not None
        question = opened.sessions.question(stage.ballot)
        sides = rating_html.PICTURES[question.pictures]
        urls = self._draw(opened, stage.ballot)
        return {
            "ballot": question.ballot,
            "question": question.text,
            "training": question.training,
            "index": stage.index,
            "total": stage.total,
            "answers": [
                {"choice": choice, "label": label, "key": key, "place": place}
                for choice, (label, key, place) in rating_html.ANSWERS.items()
                if choice in question.choices
            ],
            "pictures": [{"url": url, "alt": alt} for url, alt in zip(urls, sides, strict=True)],
            "given": self._given(opened, stage.ballot),
            "best_worst": opened.study.protocol == "best_worst",
            "exposure_ms": question.exposure_ms,
            "look_ms": opened.study.session.minimum_look_ms,
            "reasons": question.exposure_ms is None and not question.training,
            "can_change_last": opened.study.changeable and not question.training and stage.index > 0,
        }

    def _draw(self, opened: _OpenStudy, ballot: Ballot) -> list[str]:
        """Draw all pictures of a ballot before any is sent, each freshly encoded as a data URL without a name.

        Raises:
            NotDrawnError: a picture can't be drawn; the log says which and why.
        """
        study = opened.study
        try:
            pictures = [
                opened.gallery.draw(study.arm(arm), item, self._engine)
                for arm, item in zip(ballot.arms, ballot.items, strict=True)
            ]
        except (EngineError, StudyError) as error:
            _log.warning("Study %s, arms %s: %s", study.name, ", ".join(ballot.arms), error)
            raise NotDrawnError("The pictures can't be drawn at the moment. Try again in a while.") from error
        return [_url(picture) for picture in pictures]

    def _given(self, opened: _OpenStudy, ballot: Ballot) -> list[Payload] | None:
        """The photo and the painting that the pictures were made from, where the study shows them."""
        try:
            given = inputs(opened.study, ballot.items[0])
        except StudyError as error:
            _log.warning("Study %s, item %s: %s", opened.study.name, ballot.items[0], error)
            raise NotDrawnError("The pictures can't be drawn at the moment. Try again in a while.") from error
        if given is None:
            return None
        return [{"url": _url(picture), "alt": alt} for picture, alt in zip(given, rating_html.GIVEN, strict=True)]


def _url(picture: Image.Image) -> str:
    """A picture as a data URL without a name."""
    return "data:image/png;base64," + base64.b64encode(encode(picture)).decode()


def _reply(opened: _OpenStudy, vote: Vote) -> Payload:
    """What the page shows about an answer: feedback, or what the pictures were and how many others agree."""
    receipt = opened.sessions.receipt(vote)
    if receipt.feedback:
        return {"training": True, "html": rating_html.feedback(receipt.right, receipt.feedback)}
    if receipt.revealed is None:
        return {"training": False, "html": ""}
    agreement = opened.others.agreement(vote) if viewer(None).may_see(opened.study) else None
    real = opened.study.arm(vote.ballot.left).real if len(receipt.revealed) == 1 else None
    return {
        "training": False,
        "html": rating_html.revealed(receipt.choice, receipt.revealed, agreement, real=real),
        "labels": receipt.revealed,
        "chosen": rating_html.chosen(receipt.choice),
    }


def address(request: gr.Request) -> str | None:
    """Return the caller's network address, as the server saw it."""
    return request.client.host if request.client else None


def answering(action: Callable[..., Payload]) -> Callable[..., Payload]:
    """Return an action whose refusals and failures of the database are values, for the page's script."""

    @wraps(action)
    def answered(*values: Any, **named: Any) -> Payload:
        try:
            return action(*values, **named)
        except _FAILURES as error:
            return _failure(error)

    return answered


def answering_later(action: Callable[..., Awaitable[Payload]]) -> Callable[..., Awaitable[Payload]]:
    """Return an action that waits without a thread, with the same answers as `answering`."""

    @wraps(action)
    async def answered(*values: Any, **named: Any) -> Payload:
        try:
            return await action(*values, **named)
        except _FAILURES as error:
            return _failure(error)

    return answered


def apart(threads: Apart, action: Callable[..., Payload]) -> Callable[..., Awaitable[Payload]]:
    """Return an action that runs in threads of its own, with the same answers as `answering`."""

    @wraps(action)
    async def run(*values: Any, **named: Any) -> Payload:
        return await threads.run(action, *values, **named)

    return answering_later(run)


def _failure(error: Exception) -> Payload:
    """What the page's script gets: a refusal is final, the rest may work later."""
    if isinstance(error, BusyError):
        return {"unavailable": str(error), "busy": True}
    kind = "unavailable" if isinstance(error, _LATER) else "refused"
    return {kind: str(error)}
