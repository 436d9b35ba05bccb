"""The messages of a room to its phones and screens; none holds the truth before the teacher shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lecture.classroom.answers import bars, class_mean
from lecture.classroom.questions import AskedQuestion
from lecture.classroom.room import RoomState, View, views
from lecture.path import Lecture


def state_of(
    lecture: Lecture,
    state: RoomState,
    view: View,
    asked: AskedQuestion | None,
    counts: Mapping[str, int],
    *,
    screen: bool,
) -> dict[str, Any]:
    """Return the state of a room as its phones or its screens may know it.

    Args:
        lecture: the steps.
        state: of the room.
        view: what it shows.
        asked: the question of the view, if it has one.
        counts: answers to the question.
        screen: for a screen, which also shows the answers as they come.
    """
    step = view.step
    names = [known.name for known in views(lecture)]
    reply: dict[str, Any] = {
        "kind": "ended" if state.ended else view.kind,
        "view": view.name,
        "place": names.index(view.name),
        "places": len(names) - 1,
        "title": lecture.title,
    }
    if step is not None:
        reply |= {
            "number": lecture.steps.index(step) + 1,
            "steps": len(lecture.steps),
            "slide": step.slide,
            "says": step.says,
            "did": step.did,
            "open": step.open,
            "paper": step.paper.model_dump(),
        }
    if asked is not None:
        truth = view.kind == "truth"
        reply["question"] = {
            "name": asked.name,
            "kind": asked.kind,
            "asks": asked.asks,
            "options": asked.options,
            "pictures": [{"id": picture.id, "alt": picture.alt} for picture in asked.pictures],
            "closed": asked.name in state.revealed,
        }
        if screen or truth:
            reply["answers"] = sum(counts.values())
        if screen:
            reply["bars_live"] = state.bars
        if truth or (screen and state.bars):
            reply["bars"] = [asdict(bar) for bar in bars([option for option, _ in asked.options], counts)]
            mean = class_mean(counts) if asked.kind == "count" else None
            reply["mean"] = None if mean is None else asdict(mean)
        if truth:
            assert step is not None
            assert step.question is not None
            reply["truth"] = {
                "expected": asked.expected,
                "words": step.question.truth,
                "revealed": asked.revealed,
                "first": step.question.sources[0].title,
            }
    return reply


def written(reply: Mapping[str, Any]) -> bytes:
    """Return a server-sent event."""
    return b"data: " + json.dumps(reply, separators=(",", ":")).encode() + b"\n\n"
