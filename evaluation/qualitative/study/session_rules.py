"""The rules of a session in a study file: number of ballots, training, checks, and completion."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from evaluation.qualitative.study.arms import Name, Table

Every = Annotated[int, Field(ge=1, le=1_000)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_.-]*)\}")


class Trial(Table):
    """A question whose answer is known. Its sides are random.

    Attributes:
        better: for a pair, the arm to choose.
        worse: for a pair, the other arm.
        arm: for a single picture, its arm, which says whether it is real.
        item: the item; random by default.
    """

    better: Name | None = None
    worse: Name | None = None
    arm: Name | None = None
    item: str | None = Field(default=None, max_length=200)

    @property
    def arms(self) -> list[str]:
        """The ids of its arms, the better one first."""
        return [arm for arm in (self.better, self.worse, self.arm) if arm is not None]


class Training(Trial):
    """A practice trial before the first ballot, with feedback."""

    feedback: Sentence


class Gold(Trial):
    """A trial that looks like any ballot, shown once in every so many ballots."""

    every: Every = 10


def _wording(answer: str) -> str:
    """Say in words what to answer."""
    if (places := re.fullmatch(r"best_(\d)_worst_(\d)", answer)) is not None:
        return f"choose picture {places[1]} as the best and picture {places[2]} as the worst"
    return f"answer “{answer.replace('_', ' ')}”"


class Attention(Table):
    """A check that says which answer to give, shown once in every so many ballots."""

    answer: str
    instruction: Sentence = Field(
        default_factory=lambda data: (
            f"This checks that you are reading: whatever you see, {_wording(str(data.get('answer')))}."
        )
    )
    every: Every = 10


class Session(Table):
    """The session of one rater.

    Attributes:
        ballots_per_rater: number of ballots that count, without training and checks.
        training: practice trials with feedback before the first ballot, in this order.
        attention: checks with an explicit instruction between the ballots.
        gold: checks with a known answer between the ballots.
        minimum_look_ms: how long the pictures must have been on the screen before an answer is taken.
        exposure_ms: how long the pictures are shown; in a `timed` study the first exposure. Unlimited by default.
        pairs: `adaptive` draws pairs most often where the best arms are still close; `even` all pairs alike.
        counterbalance: each arm is as often on the left as on the right for each rater.
        corrections: raters may change an answer until the last one is given; never if votes reveal the arms.
        expected_minutes: duration on the start page; estimated by default.
    """

    ballots_per_rater: int = Field(default=20, ge=1, le=1_000)
    training: list[Training] = Field(default_factory=list, max_length=50)
    attention: list[Attention] = Field(default_factory=list, max_length=50)
    gold: list[Gold] = Field(default_factory=list, max_length=50)
    minimum_look_ms: int = Field(default=400, ge=0, le=60_000)
    exposure_ms: int | None = Field(default=None, ge=10, le=60_000)
    pairs: Literal["adaptive", "even"] = "adaptive"
    counterbalance: bool = True
    corrections: bool = False
    expected_minutes: float | None = Field(default=None, gt=0, le=600)

    @property
    def checks(self) -> int:
        """The number of checks in a session."""
        every = [check.every for check in self.attention] + [gold.every for gold in self.gold]
        return sum(self.ballots_per_rater // ballots for ballots in every)


def _address(value: str) -> str:
    """Check that a redirect is a safe https address."""
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("should be an address without spaces")
    if not re.match(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/|$)", value):
        raise ValueError("should be an https:// address with a plain host")
    return value


class Completion(Table):
    """The end of a session: a completion code, an address to go back to, or both."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    redirect: Annotated[str, Field(max_length=2_000), AfterValidator(_address)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _something(cls, data: Any) -> Any:
        if data == {}:
            raise ValueError("completion needs a code, a redirect, or both")
        return data

    def address(self, values: Mapping[str, str]) -> str | None:
        """Return the redirect with its placeholders filled in; a value that is missing is left empty.

        Args:
            values: by name of the placeholder, as `Platform.values` returns them.
        """
        if self.redirect is None:
            return None
        return PLACEHOLDER.sub(lambda match: quote(values.get(match[1], ""), safe=""), self.redirect)

    def stray(self, placeholders: Collection[str]) -> bool:
        """Return whether the redirect has a brace that belongs to none of the placeholders."""
        filled = PLACEHOLDER.sub(lambda match: "" if match[1] in placeholders else match[0], self.redirect or "")
        return re.search(r"[{}]", filled) is not None
