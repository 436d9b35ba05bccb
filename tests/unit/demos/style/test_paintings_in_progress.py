"""A painting is kept for its visitor until it is cleared, and one that nobody goes on from not at all."""

from collections.abc import Iterator

import pytest
from PIL import Image

from demos.style.paintings_in_progress import PaintingInProgress, PaintingsInProgress, going_on, painted_once
from serving.engine.painting import PaintedFrame


class Engine:
    """Notes which paintings it was told to forget."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget_painting(self, resume: str) -> None:
        self.forgotten.append(resume)


def frame(number: int) -> PaintedFrame:
    return PaintedFrame(number, 9, Image.new("RGB", (1, 1)), 0.0, 0.0, 0.0, 0.0, (), number, f"handle.{number}")


def frames(*, fail: bool = False) -> Iterator[PaintedFrame]:
    yield from (frame(0), frame(1))
    if fail:
        raise ValueError("the loss is not finite")


def test_a_painting_that_is_cleared_is_forgotten_by_the_engine():
    engine = Engine()
    paintings = PaintingsInProgress(engine)
    kept = PaintingInProgress(None, None, frame(3), ())
    paintings.put("visitor", kept)
    paintings.clear("somebody else")
    assert paintings.get("visitor") is kept
    assert not engine.forgotten
    paintings.clear("visitor")
    assert paintings.get("visitor") is None
    assert engine.forgotten == ["handle.3"]


def test_a_painting_that_goes_on_keeps_what_it_went_on_from_until_it_has_a_frame():
    engine = Engine()
    before = PaintingInProgress(None, None, frame(7), ())
    assert not list(going_on(engine, iter(()), before))
    assert not engine.forgotten
    assert [each.step for each in going_on(engine, frames(), before)] == [0, 1]
    assert engine.forgotten == ["handle.7"]
    assert len(list(going_on(engine, frames(), None))) == 2
    assert engine.forgotten == ["handle.7"]


def test_what_nobody_goes_on_from_is_forgotten_at_its_end():
    engine = Engine()
    assert [each.step for each in painted_once(engine, frames())] == [0, 1]
    assert engine.forgotten == ["handle.1"]


def test_it_is_forgotten_where_the_visitor_stops_it_or_it_fails():
    engine = Engine()
    stopped = painted_once(engine, frames())
    next(stopped)
    stopped.close()
    with pytest.raises(ValueError, match="not finite"):
        list(painted_once(engine, frames(fail=True)))
    list(painted_once(engine, iter(())))  # refused before its first frame
    assert engine.forgotten == ["handle.0", "handle.1"]
