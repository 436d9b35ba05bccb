"""Answers to the questions besides the ballots: checked against the study, and stored as events of the rater.

So they are deleted with everything else when the rater withdraws.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.session.stages import Stage, StageName
from evaluation.qualitative.store.answers import AFTER, BEFORE, COMPREHENSION
from evaluation.qualitative.store.events import Event
from evaluation.qualitative.study.questionnaire import TRIES, ChoiceQuestion, Question, ScaleQuestion
from evaluation.qualitative.study.schema import Study

NOT_UNDERSTOOD = (
    "Two tries at the questions about the instructions were not right, so you can't take part in this study. No rating "
    "of yours is stored. Thank you for your time. If you came from a platform, please return your submission there."
)
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # line breaks and tabs are fine


class InvalidAnswerError(VoteError):
    """An answer is missing, or none that its question allows."""


def event(study: Study, place: Stage, answers: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the kind and the details of the event that answers at a stage amount to; None where nothing is asked.

    Raises:
        InvalidAnswerError: an answer is missing or not allowed.
    """
    if not isinstance(answers, Mapping):
        raise InvalidAnswerError("The answers did not arrive completely: reload the page.")
    match place.name:
        case StageName.QUESTIONS_BEFORE:
            return BEFORE, {"answers": checked(study.before, answers)}
        case StageName.QUESTIONS_AFTER:
            return AFTER, {"answers": checked(study.asked_after, answers)}
        case StageName.COMPREHENSION:
            if str(answers.get("try")) != str(place.index + 1):
                return None  # an earlier try that was sent again because its reply was lost
            given = _chosen(study, answers)
            right = [answer == question.answer for answer, question in zip(given, study.comprehension, strict=True)]
            return COMPREHENSION, {"try": place.index + 1, "answers": given, "right": right}
        case _:
            return None


def comprehension(study: Study, happened: Sequence[Event]) -> Stage | None:
    """Return the stage of a rater at the comprehension check; None where it is passed."""
    tries = [event.details for event in happened if event.kind == COMPREHENSION]
    if any(all(attempt["right"]) for attempt in tries):
        return None
    if len(tries) >= TRIES:
        return Stage(name=StageName.NOT_UNDERSTOOD, index=len(tries), total=TRIES, text=NOT_UNDERSTOOD)
    wrong = [number for number, right in enumerate(tries[-1]["right"]) if not right] if tries else []
    text = study.instructions or ""
    return Stage(name=StageName.COMPREHENSION, index=len(tries), total=TRIES, text=text, wrong=tuple(wrong))


def checked(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, str | int]:
    """Return the answers, by id of the question, as they are stored; questions without an answer are left out.

    Args:
        questions: all that were asked.
        answers: the same as a browser sends them: numbers may be text.

    Raises:
        InvalidAnswerError: an answer is missing or not allowed.
    """
    stored: dict[str, str | int] = {}
    for question in questions:
        given = answers.get(question.id)
        if given is None or (isinstance(given, str) and not given.strip()):
            if question.required:
                raise InvalidAnswerError(f"An answer is missing: {question.ask}")
            continue
        stored[question.id] = _allowed(question, given)
    return stored


def _allowed(question: Question, given: Any) -> str | int:
    if isinstance(question, ScaleQuestion):
        number = int(given) if isinstance(given, int | str) and re.fullmatch(r"-?\d{1,2}", str(given)) else None
        if number is not None and question.lowest <= number <= question.highest:
            return number
        raise InvalidAnswerError(f"Choose a number from {question.lowest} to {question.highest}: {question.ask}")
    if isinstance(question, ChoiceQuestion):
        if isinstance(given, str) and given in question.options:
            return given
        raise InvalidAnswerError(f"Choose one of the answers: {question.ask}")
    if not isinstance(given, str) or len(given) > question.longest or _UNWANTED.search(given):
        raise InvalidAnswerError(f"Write up to {question.longest:,} characters of plain text: {question.ask}")
    return given.strip()


def _chosen(study: Study, answers: Mapping[str, Any]) -> list[str]:
    chosen = []
    for number, question in enumerate(study.comprehension):
        answer = answers.get(str(number))
        if not isinstance(answer, str) or answer not in question.options:
            raise InvalidAnswerError(f"An answer is missing: {question.ask}")
        chosen.append(answer)
    return chosen
