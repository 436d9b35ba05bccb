"""All that the networks of `serving.engine.vision` say about one picture, with the time that each took."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any, TypeVar

from PIL import Image

from serving.engine.errors import EngineError
from serving.engine.vision import Box, Explanation, Guess, PictureViewer, Segment, Segments

T = TypeVar("T")
TOP = 5
TASKS = ("classify", "detect", "segment", "subject")


@dataclass(frozen=True)
class Sight:
    """What a picture shows.

    Attributes:
        guesses: of the classifier, the likeliest first.
        explanations: why each of them.
        boxes: of the detector, the likeliest first.
        segments: of the segmenter.
        subject: mask of what stands out, of mode L; None where nothing does.
        seconds: how long each of `TASKS` took; empty in what was stored, for another machine takes another time.
    """

    guesses: tuple[Guess, ...]
    explanations: tuple[Explanation, ...]
    boxes: tuple[Box, ...]
    segments: Segments
    subject: Image.Image | None
    seconds: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON, pictures as PNG in base64."""
        return {
            "guesses": [asdict(guess) for guess in self.guesses],
            "explanations": [{"box": why.box, "heat": _encoded(why.heat)} for why in self.explanations],
            "boxes": [asdict(box) for box in self.boxes],
            "classes": [asdict(segment) for segment in self.segments.classes],
            "overlay": _encoded(self.segments.overlay),
            "subject": None if self.subject is None else _encoded(self.subject),
            "seconds": dict(self.seconds),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Sight:
        """What `to_json` gave."""
        return cls(
            tuple(Guess(**guess) for guess in stored["guesses"]),
            tuple(Explanation(tuple(why["box"]), _decoded(why["heat"])) for why in stored["explanations"]),
            tuple(Box(**box) for box in stored["boxes"]),
            Segments(tuple(Segment(**segment) for segment in stored["classes"]), _decoded(stored["overlay"])),
            None if stored["subject"] is None else _decoded(stored["subject"]),
            stored["seconds"],
        )


def look(viewer: PictureViewer, picture: Image.Image) -> Sight:
    """Ask every network about an RGB picture, and time each; loading the networks first doesn't count."""
    viewer.ready_to_view()
    seconds: dict[str, float] = {}

    def timed(task: str, work: Callable[[], T]) -> T:
        start = perf_counter()
        try:
            return work()
        finally:
            seconds[task] = perf_counter() - start

    guesses = timed("classify", lambda: viewer.classify(picture, top=TOP))
    boxes = timed("detect", lambda: viewer.detect(picture))
    segments = timed("segment", lambda: viewer.segment(picture))
    subject: Image.Image | None
    try:
        subject = timed("subject", lambda: viewer.subject(picture))
    except EngineError:
        subject = None
    why = viewer.explain(picture, [guess.kind for guess in guesses])
    return Sight(tuple(guesses), tuple(why), tuple(boxes), segments, subject, seconds)


def _encoded(picture: Image.Image) -> str:
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return base64.b64encode(content.getvalue()).decode()


def _decoded(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text)))
