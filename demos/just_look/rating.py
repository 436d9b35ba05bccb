"""What the rating panel's script asks for, answered: the session decides, the page's words say it, a ballot is drawn.

Every action takes and returns plain values and checks all that comes in, for anybody can call it. A refusal is a
value too, `{"refused": sentence}`; `{"unavailable": sentence}` asks the script to try again.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import gradio as gr

from demos.just_look import rating_html as words
from evaluation.qualitative.ballot import Ballot, VoteError
from evaluation.qualitative.session.addresses import Addresses
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import Answer, Stage, StageName
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.rendering import encode
from evaluation.qualitative.study.schema import Study
from serving.engine import Engine
from serving.engine.errors import EngineError

_log = logging.getLogger(__name__)
Said = dict[str, Any]
LINK = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")


class NotDrawnError(ValueError):
    """A ballot's pictures can't be drawn; the message doesn't say why, for that would name the arm."""


class RatingDesk:
    """Serves raters of all studies; safe to share between threads."""

    def __init__(self, shelf: StudyLibrary, store: Store, engine: Engine) -> None:
        """Take the studies, the database that keeps the answers, and what draws."""
        self._shelf = shelf
        self._store = store
        self._engine = engine
        self._addresses = Addresses()
        self._open: dict[str, tuple[Study, RatingSessions, Gallery]] = {}

    def sessions(self, name: str) -> tuple[Study, RatingSessions]:
        """A study and its sessions.

        Raises:
            StudyError: there is no such study.
        """
        study, sessions, _ = self._opened(name)
        return study, sessions

    def _opened(self, name: str) -> tuple[Study, RatingSessions, Gallery]:
        study = self._shelf.read(name)
        known = self._open.get(name)
        if known is None or known[0] is not study:  # new, or its file was changed
            known = self._open[name] = (
                study,
                RatingSessions(self._store, study, addresses=self._addresses),
                Gallery(study),
            )
        return known

    def open(self, study: str, rater: str, link: Said, request: gr.Request) -> Said:
        """Find or make the rater of a link and return what is to be shown."""
        asked, sessions = self.sessions(study)
        query = {key: value for key in LINK if isinstance(value := link.get(key), str) and value}
        participant = sessions.join(rater=rater or None, query=query)
        said = self.state(asked, sessions, participant.rater, request)
        if asked.casual:
            said["studies"] = [[one.name, one.title] for one in self._shelf.casual()]
        return said

    def act(self, study: str, rater: str, action: str, request: gr.Request) -> Said:
        """Consent, decline, go past the instructions or withdraw, and return what is to be shown."""
        asked, sessions = self.sessions(study)
        match action:
            case "decline":
                return {"rater": rater, "html": words.declined()}
            case "consent":
                sessions.consent(rater, address=address(request))
            case "instructed":
                sessions.instructed(rater, address=address(request))
            case "withdraw":
                return {"rater": rater, "html": words.withdrawn(sessions.withdraw(rater))}
            case _:
                raise VoteError(f"There is nothing called {action!r:.40} to do here: reload the page.")
        return self.state(asked, sessions, rater, request)

    def ahead(self, study: str, rater: str, after: str, request: gr.Request) -> Said:
        """Issue and draw the ballot that follows an open one; None where what follows depends on its answer."""
        asked, sessions = self.sessions(study)
        shown = sessions.stage(rater, address=address(request))
        if shown.ballot is None or shown.ballot.id != after:  # answered meanwhile, perhaps in another tab
            return {"ballot": None}
        following = sessions.following(rater, address=address(request))
        if following is None:
            return {"ballot": None}
        return {"ballot": self.ballot(asked, sessions, replace(shown, index=shown.index + 1, ballot=following))}

    def answer(self, rater: str, ballot: str, choice: str, response_ms: int | None, reason: str | None) -> Said:
        """Count an answer, once, and return what the page says to it."""
        _, answer = self._count(rater, ballot, choice, response_ms, reason)
        if answer.feedback:
            return {"training": True, "html": words.feedback(answer.right, answer.feedback)}
        return {"training": False, "html": words.revealed(answer.choice, answer.revealed) if answer.revealed else ""}

    def told(self, rater: str, ballot: str, choice: str, response_ms: int | None, reason: str | None) -> Said:
        """Count an answer, once, and return it as the API does."""
        _, answer = self._count(rater, ballot, choice, response_ms, reason)
        left, right = ((*(answer.revealed or ()), None, None))[:2]
        return {
            "choice": answer.choice,
            "already_counted": answer.already_counted,
            "left": left,
            "right": right,
            "feedback": answer.feedback,
        }

    def question(self, study: str, rater: str, request: gr.Request) -> Said:
        """Issue a ballot, or return the one that is still open, as the API does.

        Raises:
            VoteError: the study has a page to read first, or nothing more to answer.
        """
        asked, sessions = self.sessions(study)
        participant = sessions.join(rater=rater or None)
        stage = sessions.stage(participant.rater, address=address(request))
        if stage.ballot is None:
            raise VoteError(f"There is no ballot at this stage ({stage.name}): open the page with ?study={study}.")
        question = sessions.question(stage.ballot)
        left, right = (*self.draw(asked, stage.ballot), None)[:2]
        return {
            "ballot": question.ballot,
            "rater": question.rater,
            "question": question.text,
            "choices": list(question.choices),
            "left": left,
            "right": right,
        }

    def _count(
        self, rater: str, ballot: str, choice: str, response_ms: int | None, reason: str | None
    ) -> tuple[Study, Answer]:
        """The ballot itself says which study's rules it falls under, not the caller."""
        found = self._store.find(ballot, rater=rater)
        study, sessions = self.sessions(found.ballot.study)
        return study, sessions.answer(
            ballot, rater=rater, choice=choice, response_ms=response_ms, reason=reason, found=found
        )

    def state(self, study: Study, sessions: RatingSessions, rater: str, request: gr.Request) -> Said:
        """Return what is to be shown to a rater now: a ballot, or a page to read."""
        stage = sessions.stage(rater, address=address(request))
        if stage.ballot is not None:
            return {"rater": rater, "ballot": self.ballot(study, sessions, stage)}
        if stage.name != StageName.DONE:
            return {"rater": rater, "html": words.stage(study, stage)}
        told = [titles for _, titles in sessions.revealed(rater)]
        return {"rater": rater, "html": words.done(sessions.completion(rater), told)}

    def ballot(self, study: Study, sessions: RatingSessions, stage: Stage) -> Said:
        """Return all that the page needs to ask a question, and nothing about the arms."""
        assert stage.ballot is not None
        question = sessions.question(stage.ballot)
        sides = ("Left picture", "Right picture") if question.pictures == 2 else ("The picture",)
        urls = self.draw(study, stage.ballot)
        return {
            "ballot": question.ballot,
            "question": question.text,
            "training": question.training,
            "index": stage.index,
            "total": stage.total,
            "answers": [
                {"choice": choice, "label": label, "key": key, "place": place}
                for choice, (label, key, place) in words.ANSWERS.items()
                if choice in question.choices
            ],
            "pictures": [{"url": url, "alt": alt} for url, alt in zip(urls, sides, strict=True)],
            "exposure_ms": question.exposure_ms,
            "look_ms": study.session.minimum_look_ms,
            "reasons": question.exposure_ms is None and not question.training,
        }

    def draw(self, study: Study, ballot: Ballot) -> list[str]:
        """Draw a ballot's pictures, all before any is handed out, each a fresh encode that only its data URL names.

        Raises:
            NotDrawnError: one can't be drawn; the log says which and why.
        """
        gallery = self._opened(study.name)[2]
        try:
            drawn = [
                gallery.draw(study.arm(arm), item, self._engine)
                for arm, item in zip(ballot.arms, ballot.items, strict=True)
            ]
        except (EngineError, StudyError) as error:
            _log.warning("Study %s, arms %s: %s", study.name, ", ".join(ballot.arms), error)
            raise NotDrawnError("The pictures can't be drawn at the moment. Try again in a while.") from error
        return ["data:image/png;base64," + base64.b64encode(encode(picture)).decode() for picture in drawn]


def address(request: gr.Request) -> str | None:
    """The caller's network address, as the server next to us saw it."""
    return request.client.host if request.client else None


def answering(action: Callable[..., Said]) -> Callable[..., Said]:
    """Turn what a rater can get wrong, and a database that does not answer, into values."""

    @wraps(action)
    def answered(*given: Any, **named: Any) -> Said:
        try:
            return action(*given, **named)
        except (VoteError, StudyError) as error:
            return {"refused": str(error)}
        except (StoreUnavailableError, NotDrawnError) as error:
            return {"unavailable": str(error)}

    return answered
