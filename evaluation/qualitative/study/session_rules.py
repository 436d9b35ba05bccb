"""How a rater takes part in a study: how many ballots, what is explained and checked, and how it ends."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from evaluation.qualitative.study.arms import Name, Table

Every = Annotated[int, Field(ge=1, le=1_000)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
PLACEHOLDERS = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID", "CODE")  # the first three as Prolific spells them
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")


class Trial(Table):
    """A question whose answer is known. The sides are drawn as for any ballot.

    Attributes:
        better: of a pair, the arm to choose; `worse` the other.
        arm: of a single picture, the arm that drew it; whether it is real says the arm.
        item: what to draw; drawn like any other by default.
    """

    better: Name | None = None
    worse: Name | None = None
    arm: Name | None = None
    item: str | None = Field(default=None, max_length=200)

    @property
    def arms(self) -> list[str]:
        """The ids of the arms that it shows, the better one first."""
        return [arm for arm in (self.better, self.worse, self.arm) if arm is not None]


class Training(Trial):
    """A trial before the first ballot, after which the rater is told."""

    feedback: Sentence


class Gold(Trial):
    """A trial that looks like any ballot, shown after every so many of them."""

    every: Every = 10


class Attention(Table):
    """An instruction to give one answer, shown after every so many ballots: it says so, and asks no memory."""

    answer: str
    instruction: Sentence = Field(
        default_factory=lambda data: (
            f"This checks that you are reading: whatever you see, answer “{str(data.get('answer')).replace('_', ' ')}”."
        )
    )
    every: Every = 10


class Session(Table):
    """One rater's sitting.

    Attributes:
        ballots_per_rater: how many ballots count, without training and checks.
        training: trials with feedback before the first ballot, in this order.
        attention: explicit instructions in between.
        gold: pairs or pictures with a known answer in between.
        minimum_look_ms: how long both pictures must have been on the screen before an answer is taken.
        exposure_ms: how long the pictures stay; in a `timed` study the exposure it starts with. Unlimited by default.
        counterbalance: each arm is as often on the left as on the right for each rater.
        corrections: an answer may be changed until the last one is given; not where arms are told after each vote.
        expected_minutes: what the start page promises; estimated by default.
    """

    ballots_per_rater: int = Field(default=20, ge=1, le=1_000)
    training: list[Training] = Field(default_factory=list, max_length=50)
    attention: list[Attention] = Field(default_factory=list, max_length=50)
    gold: list[Gold] = Field(default_factory=list, max_length=50)
    minimum_look_ms: int = Field(default=400, ge=0, le=60_000)
    exposure_ms: int | None = Field(default=None, ge=10, le=60_000)
    counterbalance: bool = True
    corrections: bool = False
    expected_minutes: float | None = Field(default=None, gt=0, le=600)

    @property
    def checks(self) -> int:
        """How many checks a rater meets."""
        every = [check.every for check in self.attention] + [gold.every for gold in self.gold]
        return sum(self.ballots_per_rater // ballots for ballots in every)


def _address(value: str) -> str:
    """Hold a redirect against what a browser may be sent to."""
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("should be an address without spaces")
    if not re.match(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/|$)", value):
        raise ValueError("should be an https:// address with a plain host")
    if re.search(r"[{}]", _filled(value, dict.fromkeys(PLACEHOLDERS, ""))):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"has a brace that belongs to no placeholder; they are: {known}")
    return value


def _filled(address: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], address)


class Completion(Table):
    """What a rater gets who has answered everything: a code, an address to return to, or both."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    redirect: Annotated[str, Field(max_length=2_000), AfterValidator(_address)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _something(cls, data: Any) -> Any:
        if data == {}:
            raise ValueError("completion needs a code, a redirect, or both")
        return data

    def address(self, **values: str) -> str | None:
        """The redirect with its placeholders filled in; those that are not given are left empty.

        Args:
            values: by name of the placeholder, as the rater's link had them.
        """
        if self.redirect is None:
            return None
        known = {**values, "CODE": self.code or ""}
        return _filled(self.redirect, {name: quote(known.get(name, ""), safe="") for name in PLACEHOLDERS})
