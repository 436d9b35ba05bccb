"""Where a room stands: one view of the lecture at a time, forward and back, and what has been revealed.

A step is a slide; a step with a question goes on with the question and then the truth. Once the truth was shown, no
answer counts any more, also after the teacher has gone back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

from lecture.path import ClassQuestion, Lecture, LectureStep

Kind = Literal["lobby", "slide", "question", "truth"]
ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"  # no vowels, so no words; nothing that looks like something else
CODE_LENGTH = 6
LOBBY = "lobby"
MOST_PHONES = 400  # of a room
MOST_ROOMS = 50  # open at a time


class ClassError(ValueError):
    """What a room refuses; the message says why and what to do."""


@dataclass(frozen=True)
class View:
    """What the screen and the phones show.

    Attributes:
        kind: the lobby where phones join, a slide, its question, or the truth about it.
        step: of the lecture; None in the lobby.
    """

    kind: Kind
    step: LectureStep | None = None

    @property
    def name(self) -> str:
        """The name under which it is stored, such as `gan:question`."""
        return LOBBY if self.step is None else f"{self.step.name}:{self.kind}"


@dataclass(frozen=True, kw_only=True)
class RoomState:
    """Where a room stands.

    Attributes:
        view: name of the view.
        opened: for each question, by the name of its step, when it was first asked.
        revealed: questions whose truth was shown.
        bars: whether the screen shows the answers as they come, before the truth.
        ended: whether the teacher has closed the room.
    """

    view: str = LOBBY
    opened: Mapping[str, datetime] = field(default_factory=dict)
    revealed: frozenset[str] = frozenset()
    bars: bool = True
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        return {
            "view": self.view,
            "opened": {name: at.isoformat() for name, at in self.opened.items()},
            "revealed": sorted(self.revealed),
            "bars": self.bars,
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(
            view=stored["view"],
            opened={name: datetime.fromisoformat(at) for name, at in stored["opened"].items()},
            revealed=frozenset(stored["revealed"]),
            bars=stored["bars"],
            ended=stored["ended"],
        )


def views(lecture: Lecture) -> list[View]:
    """Return all views of the lecture in their order."""
    listed = [View("lobby")]
    for step in lecture.steps:
        listed.append(View("slide", step))
        if step.question is not None:
            listed += [View("question", step), View("truth", step)]
    return listed


def view_of(lecture: Lecture, state: RoomState) -> View:
    """Return the view of a room; the lobby where the lecture no longer has it."""
    return next((view for view in views(lecture) if view.name == state.view), View("lobby"))


def moved(lecture: Lecture, state: RoomState, to: str, *, now: datetime) -> RoomState:
    """Return the state after the teacher went to another view.

    Args:
        lecture: the steps.
        state: before.
        to: `next`, `back`, or the name of a view.
        now: UTC.

    Raises:
        ClassError: the room has ended, or there is no such view.
    """
    if state.ended:
        raise ClassError("This room is closed: open a new one.")
    listed = views(lecture)
    names = [view.name for view in listed]
    here = names.index(view_of(lecture, state).name)
    if to in ("next", "back"):
        there = min(max(here + (1 if to == "next" else -1), 0), len(listed) - 1)
    elif to in names:
        there = names.index(to)
    else:
        raise ClassError(f"The lecture has no step {to!r:.60}.")
    view = listed[there]
    opened, revealed = dict(state.opened), state.revealed
    if view.step is not None and view.kind in ("question", "truth"):
        opened.setdefault(view.step.name, now)
        if view.kind == "truth":
            revealed |= {view.step.name}
    return replace(state, view=view.name, opened=opened, revealed=revealed)


def check_takes_answers(lecture: Lecture, state: RoomState, question: str) -> ClassQuestion:
    """Return the question if an answer to it counts now.

    A phone that was out of reach while the teacher went on still delivers its answer, until the truth is shown.

    Raises:
        ClassError: it was never asked, its truth has been shown, or the room has ended.
    """
    step = lecture.step(question)
    if state.ended:
        raise ClassError("The lesson is over: no answer counts any more.")
    if step is None or step.question is None or question not in state.opened:
        raise ClassError("This question has not been asked yet: wait for the teacher.")
    if question in state.revealed:
        raise ClassError("The truth has been shown: no answer counts any more.")
    return step.question


def new_code() -> str:
    """Return a random code that people can read aloud and type."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def typed_code(text: str) -> str:
    """Return a code as it was given out, from what somebody typed: small letters and spaces do not matter."""
    return "".join(sign for sign in text.upper() if sign.isalnum())[: 2 * CODE_LENGTH]
