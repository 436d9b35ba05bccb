"""The questions of a study file besides its ballots: before and after them, comprehension, demographics."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evaluation.qualitative.study.arms import MisfitError, Name, Table
from evaluation.qualitative.study.session_rules import Sentence

TRIES = 2  # of a comprehension check; crowdsourcing platforms ask for two or more before a participant is sent back
DECLINED = "I would rather not say"
Option = Annotated[str, Field(min_length=1, max_length=200)]
Options = Annotated[list[Option], Field(min_length=2, max_length=30)]
Label = Annotated[str, Field(max_length=100)]
Demographic = Literal["age", "gender", "vision", "screen"]


def _check_differ(options: list[str]) -> None:
    if len(set(options)) < len(options):
        raise MisfitError("one is listed twice", "options")


class _Question(Table):
    """A question of a questionnaire.

    Attributes:
        id: its name in the export, different for every question of a study.
        ask: what raters read.
        required: whether raters must answer to go on.
    """

    id: Name
    ask: Sentence
    required: bool = True


class ChoiceQuestion(_Question):
    """One of several options."""

    kind: Literal["choice"]
    options: Options

    @model_validator(mode="after")
    def _options_differ(self) -> Self:
        _check_differ(self.options)
        return self


class ScaleQuestion(_Question):
    """A whole number on a scale, whose ends have names."""

    kind: Literal["scale"]
    lowest: int = Field(default=1, ge=-10, le=10)
    highest: int = Field(default=7, ge=-10, le=10)
    low: Label = ""
    high: Label = ""

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if not 1 <= self.highest - self.lowest <= 10:
            raise MisfitError("a scale has 2 to 11 numbers, the lowest first", "highest")
        return self


class TextQuestion(_Question):
    """An answer in the rater's own words."""

    kind: Literal["text"]
    required: bool = False
    longest: int = Field(default=1_000, ge=1, le=2_000, description="characters")


Question = ChoiceQuestion | ScaleQuestion | TextQuestion
AnyQuestion = Annotated[Question, Field(discriminator="kind")]


class Comprehension(Table):
    """A question about the instructions, which has one right answer.

    Attributes:
        ask: what raters read.
        options: what they choose from.
        answer: the right option.
        hint: shown beside the question after a wrong first try.
    """

    ask: Sentence
    options: Options
    answer: Option
    hint: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _answer_is_an_option(self) -> Self:
        if self.answer not in self.options:
            raise MisfitError(f"must be one of the options: {', '.join(self.options):.200}", "answer")
        _check_differ(self.options)
        return self


DEMOGRAPHICS: dict[Demographic, ChoiceQuestion] = {
    "age": ChoiceQuestion(
        id="age",
        ask="How old are you?",
        kind="choice",
        options=["under 18", "18 to 24", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 or older", DECLINED],
    ),
    "gender": ChoiceQuestion(
        id="gender", ask="What is your gender?", kind="choice", options=["woman", "man", "another", DECLINED]
    ),
    "vision": ChoiceQuestion(
        id="vision",
        ask="How well do you see, with glasses or lenses if you wear them?",
        kind="choice",
        options=["well", "well, but I confuse some colours", "not so well", DECLINED],
    ),
    "screen": ChoiceQuestion(
        id="screen",
        ask="What did you look at the pictures on?",
        kind="choice",
        options=["a phone", "a tablet", "a laptop", "a large screen", DECLINED],
    ),
}
