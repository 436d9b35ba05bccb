"""A question of the lecture as one room gets it: order, seeds, the right answer, and names that tell nothing.

All of it follows from a secret of the room, so that a restart shows the same pictures under the same names.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from lecture.path import CELLS, ClassQuestion

T = TypeVar("T")

MAX_SEED = 2**31 - 1  # smaller than every generator's
AMONG = 4  # pictures of a question for the one fake
FEWEST_REAL, MOST_REAL = 3, 13  # of sixteen


@dataclass(frozen=True)
class Cell:
    """A picture of a question: which source it is from, and which of the pictures that are drawn from it."""

    source: int
    index: int


@dataclass(frozen=True, kw_only=True)
class BlindPicture:
    """A picture that the class sees.

    Attributes:
        id: in its address; does not tell what the picture shows.
        cells: what it is made of, row by row, in a square.
        alt: its description for screen readers.
    """

    id: str
    cells: tuple[Cell, ...]
    alt: str


@dataclass(frozen=True, kw_only=True)
class AskedQuestion:
    """A question as one room gets it.

    Attributes:
        name: of its step.
        kind: see `ClassQuestion`.
        asks: the question.
        pictures: in their order on the screen.
        options: the answers, in order: what is stored, and what people read.
        seeds: for each source, from which its pictures are drawn.
        counts: for each source, how many are drawn.
        expected: the right answer; None where there is none.
        revealed: for each picture what it is, or for a question with one picture which cells are real.
        arms: names of two sources for the vote: of the left and the right sheet, or of the first two sources.
        arm_seeds: from which the pictures of these two were drawn.
    """

    name: str
    kind: str
    asks: str
    pictures: tuple[BlindPicture, ...]
    options: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...]
    counts: tuple[int, ...]
    expected: str | None
    revealed: tuple[str, ...]
    arms: tuple[str, str]
    arm_seeds: tuple[int, int]


def asked(name: str, question: ClassQuestion, *, secret: bytes) -> AskedQuestion:
    """Draw a question for a room.

    Args:
        name: of the step.
        question: from the lecture's file.
        secret: of the room; the same one always draws the same.
    """
    chance = random.Random(_keyed(secret, f"draw\n{name}"))  # noqa: S311 - its seed is a keyed hash
    seeds = tuple(chance.randint(0, MAX_SEED) for _ in question.sources)
    cells: list[tuple[Cell, ...]]
    counts: tuple[int, ...]
    expected: str | None
    sources = question.sources
    if question.kind == "count":
        return _count(name, question, secret=secret, chance=chance, seeds=seeds)
    if question.kind == "fake":
        fake = chance.randrange(AMONG)
        cells = [(Cell(1, 0),) if place == fake else (Cell(0, place - (place > fake)),) for place in range(AMONG)]
        counts, expected = (AMONG - 1, 1), str(fake + 1)
        order = [int(place == fake) for place in range(AMONG)]
    else:
        order = chance.sample(range(len(sources)), len(sources))
        cells = [tuple(Cell(source, index) for index in range(CELLS)) for source in order]
        counts = (CELLS,) * len(sources)
        expected = str(order.index(0) + 1) if question.kind == "collapsed" else None
    thing = "Picture" if question.kind == "fake" else "Sheet"
    pair = question.kind == "pair"
    named = ("Left", "Right") if pair else tuple(str(place + 1) for place in range(len(cells)))
    options = (("left", "Left"), ("right", "Right"), ("tie", "No difference"))
    return AskedQuestion(
        name=name,
        kind=question.kind,
        asks=question.asks,
        pictures=tuple(
            BlindPicture(id=_opaque(secret, name, place), cells=part, alt=f"{thing} {named[place].lower()}")
            for place, part in enumerate(cells)
        ),
        options=options if pair else tuple((label, label) for label in named),
        seeds=seeds,
        counts=counts,
        expected=expected,
        revealed=tuple(sources[source].title for source in order),
        arms=_two([source.name for source in sources], order if pair else range(2)),
        arm_seeds=_two(seeds, order if pair else range(2)),
    )


def _count(
    name: str, question: ClassQuestion, *, secret: bytes, chance: random.Random, seeds: tuple[int, ...]
) -> AskedQuestion:
    real = chance.randint(FEWEST_REAL, MOST_REAL)
    kinds = [0] * real + [1] * (CELLS - real)
    chance.shuffle(kinds)
    cells = tuple(Cell(kind, kinds[:place].count(kind)) for place, kind in enumerate(kinds))
    return AskedQuestion(
        name=name,
        kind=question.kind,
        asks=question.asks,
        pictures=(BlindPicture(id=_opaque(secret, name, 0), cells=cells, alt="A sheet of sixteen pictures"),),
        options=tuple((str(number), str(number)) for number in range(CELLS + 1)),
        seeds=seeds,
        counts=(real, CELLS - real),
        expected=str(real),
        revealed=tuple(question.sources[kind].title for kind in kinds),
        arms=_two([source.name for source in question.sources], range(2)),
        arm_seeds=_two(seeds, range(2)),
    )


def _two(values: Sequence[T], order: Sequence[int]) -> tuple[T, T]:
    return values[order[0]], values[order[1]]


def _opaque(secret: bytes, name: str, place: int) -> str:
    return hmac.new(secret, f"picture\n{name}\n{place}".encode(), hashlib.sha256).hexdigest()[:24]


def _keyed(secret: bytes, words: str) -> int:
    return int.from_bytes(hmac.new(secret, words.encode(), hashlib.sha256).digest())
