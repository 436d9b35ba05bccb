"""The steps of the lecture, read from `path.toml`: slide by slide, a sentence, a link, a paper, and a question."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).parent / "path.toml"
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
Words = Annotated[str, Field(min_length=1, max_length=400)]
CELLS = 16  # pictures of a question that asks for a number, and of each sheet


class Part(BaseModel):
    """A table of the file: a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paper(Part):
    """The publication behind a slide."""

    title: Words
    authors: Words
    year: int = Field(ge=1900, le=2100)
    url: str = Field(pattern=r"^https://")


class StepPicture(Part):
    """A small picture beside a slide's title: a photo, a photo in a painting's style, samples, or a flag.

    Attributes:
        photo: name of a sample photo.
        painting: name of a sample painting; the photo is in its style.
        generator: whose stored samples are shown.
        flags: name of the vendor whose flag is shown.
        alt: its description for screen readers.
    """

    photo: str | None = None
    painting: str | None = None
    generator: str | None = None
    flags: str | None = None
    alt: Words


class Statement(Part):
    """What the lecture says, which files do it, and which test checks it."""

    says: Words
    files: tuple[str, ...] = Field(min_length=1)
    test: str


class PictureSource(Part):
    """Where pictures of a question come from: a generator at a step, or real data.

    Attributes:
        name: what votes call it.
        title: what the screen calls it once the truth is shown.
        model: name of a generator.
        step: of its snapshot; `last` for the last.
        data: name of real pictures (`evaluation.qualitative.study.real`).
    """

    name: Name
    title: Words
    model: str | None = None
    step: int | Literal["last"] = "last"
    data: str | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.model is None) == (self.data is None):
            raise ValueError("a source has either a model or data")
        return self


class ClassQuestion(Part):
    """A question to the whole class.

    Attributes:
        kind: `pair` compares sheets of two sources, and has no right answer; `fake` looks for the one picture of the
            second source among three of the first; `count` asks how many of sixteen are of the first source;
            `collapsed` looks for the sheet of the first source among those of the others.
        asks: the question.
        truth: said when the truth is shown.
        sources: of its pictures.
    """

    kind: Literal["pair", "fake", "count", "collapsed"]
    asks: Words
    truth: Words
    sources: tuple[PictureSource, ...] = Field(min_length=2, max_length=8)

    @model_validator(mode="after")
    def _has_as_many_sources_as_its_kind_needs(self) -> Self:
        if self.kind != "collapsed" and len(self.sources) != 2:
            raise ValueError(f"a question of the kind {self.kind} has two sources")
        return self


class LectureStep(Part):
    """A slide of the lecture, and what the app shows of it.

    Attributes:
        name: for links and votes.
        slide: its title.
        picture: beside it.
        says: the slide in one sentence.
        did: what the link has done for you.
        open: the link, relative to the app's page.
        shows: a CSS selector of what is visible once the link is open.
        notes: for the presenter.
        paper: behind it.
        statements: each with its files and its test.
        question: to the class, if there is one.
    """

    name: Name
    slide: Words
    picture: StepPicture
    says: Words
    did: Words
    open: str = Field(pattern=r"^\?[\w=&.-]+$")
    shows: str
    notes: Words
    paper: Paper
    statements: tuple[Statement, ...] = Field(min_length=1)
    question: ClassQuestion | None = None


class Lecture(Part):
    """The whole lecture."""

    title: Words
    opening: Words
    steps: tuple[LectureStep, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_each_step_once(self) -> Self:
        twice = [name for name, number in Counter(step.name for step in self.steps).items() if number > 1]
        if twice:
            raise ValueError(f"these steps are there twice: {', '.join(twice)}")
        return self

    def step(self, name: str) -> LectureStep | None:
        """Return the step with this name, or None."""
        return next((step for step in self.steps if step.name == name), None)


@functools.cache
def lecture() -> Lecture:
    """Read the lecture, once.

    Raises:
        ValueError: the file is malformed; the message names the key.
    """
    return Lecture.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))


@functools.cache
def digest() -> str:
    """Return the sha256 of the file; it is stored with every answer given in class."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()
