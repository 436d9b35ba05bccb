"""The schema of a study file: the question, the arms, the items, and the rules of the session."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, PrivateAttr, model_validator

from evaluation.qualitative.study.arms import AnyArm, Arm, MisfitError, Name, StudyError, Table, Text
from evaluation.qualitative.study.exclusion import Exclusion
from evaluation.qualitative.study.items import Items
from evaluation.qualitative.study.platform import Platform
from evaluation.qualitative.study.questionnaire import (
    DEMOGRAPHICS,
    AnyQuestion,
    Comprehension,
    Demographic,
    Question,
)
from evaluation.qualitative.study.session_rules import Completion, Session, Trial

Protocol = Literal["pairwise", "best_worst", "real_or_fake", "timed"]
OptionalAnswer = Literal["tie", "both_bad", "not_sure", "skip"]
Prose = Annotated[str, Field(min_length=1, max_length=10_000)]
Owner = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,95}$")]

GAP = 2  # white pixels around each sample of a sheet
FOUR = range(1, 5)  # places of the pictures of a `best_worst` ballot
SECONDS_PER_QUESTION = 10.0
SECONDS_PER_BALLOT = 8.0  # for an estimate only, until a study has response times of its own


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The file that a study was read from.

    Attributes:
        text: content of the file.
        where: name of the file in errors.
        assets: folder with the pictures that it names.
    """

    text: str = ""
    where: str = ""
    assets: Path | None = None


class Study(Table):
    """A study: its question, its arms and its rules.

    Attributes:
        name: the file's name without `.toml`.
        title: shown to raters, so it must not give the arms away.
        question: what each ballot asks.
        description: shown on the start page.
        protocol: `pairwise` shows two pictures, and raters choose one; `best_worst` shows four, and raters choose the
            best and the worst (best-worst scaling); `real_or_fake` shows one picture, and raters
            call it real or fake; `timed` does so with an exposure that follows the answers (HYPE-time).
        answers: answers that raters may give besides the two that the protocol always has.
        sheet: number of samples in one picture.
        side: width and height in pixels of one sample on a sheet (32 by default), or of one picture (384).
        colour: false: all pictures are grey.
        jpeg_quality: compress every picture as JPEG of this quality, so that compression does not give photographs
            away; no compression by default.
        arms: the sources of the pictures.
        items: the items that every arm draws.
        session: the rules of one rater's session.
        exclusion: thresholds for the raters whose votes count; by default the rater model excludes nobody.
        consent: shown first; without it there is no such step.
        instructions: shown before the first ballot.
        privacy: what is stored about a rater.
        before: questions before the ballots, after the consent.
        comprehension: questions about the instructions; who fails them twice does not take part.
        after: questions after the last ballot.
        demographics: ready questions about the rater, after those.
        platform: the platform whose links bring the participants; Prolific's links are understood without it.
        completion: code and address at the end of the session.
        reveal: when a rater sees what the pictures were; after each vote by default if the study has no session.
        results: who may see the results.
        opens: from when raters may take part.
        closes: until when raters may take part.
        owners: Hugging Face names of those who may see and export everything.
        maximum_raters: number of raters that may take part, those who finished and those who are at it; any number by
            default.
        place_minutes: a rater who gives no answer for so long is not at it any more, and another may take the place.
        stop_early: the study may be closed as soon as one arm stands alone, from `minimum_raters` on.
        minimum_raters: with fewer raters the results are called preliminary.
        preliminary_below: with fewer votes the rank of an arm is called preliminary.
    """

    name: Name
    title: Text
    question: Text
    description: str = Field(default="", max_length=10_000)
    protocol: Protocol = "pairwise"
    answers: list[OptionalAnswer] = Field(default_factory=lambda data: _default_answers(data))
    sheet: int = Field(default=16, ge=1, le=64, description="samples in one picture")
    side: int | None = Field(default=None, ge=8, le=1_024)
    colour: bool = True
    jpeg_quality: int | None = Field(default=None, ge=50, le=100)
    arms: list[AnyArm] = Field(min_length=2, max_length=64)
    items: Items = Field(default_factory=Items)
    session: Session = Field(default_factory=Session)
    exclusion: Exclusion | None = None
    consent: Prose | None = None
    instructions: Prose | None = None
    privacy: Prose | None = None
    before: list[AnyQuestion] = Field(default_factory=list, max_length=50)
    comprehension: list[Comprehension] = Field(default_factory=list, max_length=20)
    after: list[AnyQuestion] = Field(default_factory=list, max_length=50)
    demographics: list[Demographic] = Field(default_factory=list, max_length=len(DEMOGRAPHICS))
    platform: Platform | None = None
    completion: Completion | None = None
    reveal: Literal["after_vote", "after_session", "never"] = Field(
        default_factory=lambda data: "after_vote" if _is_casual(data) else "after_session"
    )
    results: Literal["public", "after_close", "owner"] = "public"
    opens: AwareDatetime | None = None
    closes: AwareDatetime | None = None
    owners: list[Owner] = Field(default_factory=list, max_length=100)
    maximum_raters: int | None = Field(default=None, ge=1, le=1_000_000)
    stop_early: bool = False
    place_minutes: int = Field(default=60, ge=5, le=10_080)
    minimum_raters: int = Field(default=1, ge=1, le=1_000_000)
    preliminary_below: int = Field(default=100, ge=1, le=1_000_000)
    _origin: Origin = PrivateAttr(default_factory=Origin)

    def arm(self, id: str) -> Arm:
        """Return the arm with this id.

        Raises:
            StudyError: there is none.
        """
        for arm in self.arms:
            if arm.id == id:
                return arm
        known = ", ".join(arm.id for arm in self.arms)
        raise StudyError(f"study {self.name!r} has no arm {id!r:.80}; it has: {known}")

    @property
    def origin(self) -> Origin:
        """The file that it was read from."""
        return self._origin

    def come_from(self, origin: Origin) -> None:
        """Set the file that it was read from; only `reading` calls this."""
        self._origin = origin

    def replaced(self, **values: Any) -> Study:
        """Return the study with other values, validated again."""
        fields = {name: getattr(self, name) for name in self.model_fields_set}
        study = Study.model_validate({**fields, **values})
        study.come_from(self.origin)
        return study

    @property
    def files_decide(self) -> bool:
        """Whether the items are file names: every arm is a folder of pictures, and the file gives no other items."""
        only_pictures = all(arm.kind == "pictures" for arm in self.arms)
        return only_pictures and (self.items.kind == "files" or (self.items.kind == "seeds" and not self.items.seeds))

    @property
    def competing(self) -> list[Arm]:
        """The arms that ballots compare and that are ranked; the others are for training and gold checks."""
        return [arm for arm in self.arms if arm.competes]

    @property
    def pairwise(self) -> bool:
        """Whether a ballot shows two pictures."""
        return self.protocol == "pairwise"

    @property
    def judges_one(self) -> bool:
        """Whether a ballot shows one picture, which is real or not."""
        return self.protocol in ("real_or_fake", "timed")

    @property
    def changeable(self) -> bool:
        """Whether raters may change an answer until the last one is given."""
        return self.session.corrections and self.reveal != "after_vote"

    @property
    def choices(self) -> tuple[str, ...]:
        """Every allowed answer, those of the protocol first."""
        if self.protocol == "best_worst":
            places = (f"best_{best}_worst_{worst}" for best in FOUR for worst in FOUR if best != worst)
            return (*places, *self.answers)
        return (*(("left", "right") if self.pairwise else ("real", "fake")), *self.answers)

    @property
    def links(self) -> Platform:
        """The platform of the study, or Prolific, whose links are understood in every study."""
        return self.platform or Platform()

    @property
    def asks_questions(self) -> bool:
        """Whether raters answer questions besides the ballots."""
        return bool(self.before or self.comprehension or self.asked_after)

    @property
    def asked_after(self) -> list[Question]:
        """All questions after the last ballot, demographics last."""
        return [*self.after, *(DEMOGRAPHICS[name] for name in self.demographics)]

    @property
    def casual(self) -> bool:
        """Whether anybody may vote at once: no consent, training, checks, completion or platform."""
        return _is_casual(dict(self))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of every picture, in pixels, the same for all arms."""
        if self.items.kind == "seeds":
            columns = math.isqrt(self.sheet - 1) + 1
            side = columns * ((self.side or 32) + GAP) + GAP
        else:
            side = self.side or 384
        return side, side

    @property
    def mode(self) -> Literal["L", "RGB"]:
        """The mode of every picture, the same for all arms."""
        return "RGB" if self.colour else "L"

    @property
    def expected_minutes(self) -> float:
        """The duration from the file, or an estimate at eight seconds a ballot and ten a question."""
        ballots = self.session.ballots_per_rater + self.session.checks + len(self.session.training)
        questions = len(self.before) + len(self.comprehension) + len(self.asked_after)
        seconds = ballots * SECONDS_PER_BALLOT + questions * SECONDS_PER_QUESTION
        return self.session.expected_minutes or math.ceil(seconds / 60)

    def state(self, now: datetime | None = None) -> Literal["not_yet", "open", "closed"]:
        """Return whether raters may take part at a moment.

        Args:
            now: with its time zone; the current time by default.
        """
        now = now or datetime.now(UTC)
        if self.opens is not None and now < self.opens:
            return "not_yet"
        return "closed" if self.closes is not None and now >= self.closes else "open"

    @model_validator(mode="after")
    def _arms_fit(self) -> Self:
        ids = [arm.id for arm in self.arms]
        if repeated := sorted({arm for arm in ids if ids.count(arm) > 1}):
            raise MisfitError(f"each arm needs an id of its own; more than one has: {', '.join(repeated)}", "arms")
        if self.pairwise and len(self.competing) < 2:
            raise MisfitError("a pairwise study needs at least two arms that compete", "arms")
        if self.protocol == "best_worst" and len(self.competing) < len(FOUR):
            raise MisfitError("a best_worst study needs at least four arms that compete", "arms")
        if self.judges_one and len({arm.real for arm in self.competing}) < 2:
            raise MisfitError(f"a {self.protocol} study needs a real arm and one that is not, both competing", "arms")
        fakes = [arm.id for arm in self.competing if not arm.real]
        if self.protocol == "timed" and len(fakes) > 1:
            raise MisfitError(
                "a timed study compares one generator with real pictures: its exposure cannot follow several at once, "
                f"so make a study for each of {', '.join(fakes)}",
                "arms",
            )
        for i, arm in enumerate(self.arms):
            if arm.kind == "style" and self.items.kind != "style":
                raise MisfitError("restyles photos: items need contents and styles", "arms", i)
            if arm.kind not in ("style", "pictures") and self.items.kind != "seeds":
                raise MisfitError("draws from seeds; the items of this study are of another kind", "arms", i)
        return self

    @model_validator(mode="after")
    def _answers_fit(self) -> Self:
        if len(set(self.answers)) < len(self.answers):
            raise MisfitError("one is listed twice", "answers")
        if not self.pairwise and (odd := {"tie", "both_bad"} & set(self.answers)):
            pictures = "one picture" if self.judges_one else "four pictures"
            raise MisfitError(f"{min(odd)} is for pairs, a {self.protocol} study shows {pictures}", "answers")
        for i, check in enumerate(self.session.attention):
            if check.answer not in self.choices:
                known = ", ".join(self.choices)
                raise MisfitError(f"must be one of {known}", "session", "attention", i, "answer")
            self._check_due(check.every, "session", "attention", i)
        return self

    @model_validator(mode="after")
    def _questions_fit(self) -> Self:
        if len(set(self.demographics)) < len(self.demographics):
            raise MisfitError("one is listed twice", "demographics")
        taken: set[str] = set(self.demographics)
        for key, questions in (("before", self.before), ("after", self.after)):
            for i, question in enumerate(questions):
                if question.id in taken:
                    raise MisfitError("another question has this id", key, i, "id")
                taken.add(question.id)
        if self.comprehension and not self.instructions:
            raise MisfitError("asks about instructions, and this study has none", "comprehension")
        return self

    @model_validator(mode="after")
    def _trials_fit(self) -> Self:
        for i, trial in enumerate(self.session.training):
            self._check_trial(trial, "session", "training", i)
        for i, gold in enumerate(self.session.gold):
            self._check_trial(gold, "session", "gold", i)
            self._check_due(gold.every, "session", "gold", i)
        return self

    @model_validator(mode="after")
    def _policies_fit(self) -> Self:
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            raise MisfitError("must be later than opens", "closes")
        if self.results == "after_close" and self.closes is None:
            raise MisfitError("after_close needs closes, a time with its zone", "results")
        if self.stop_early and not self.pairwise:
            raise MisfitError("one arm stands alone only in a pairwise study", "stop_early")
        if self.results == "owner" and not self.owners:
            raise MisfitError("for the owner alone need owners", "results")
        self._check_way_back()
        if self.protocol == "timed" and self.session.exposure_ms is None:
            raise MisfitError(
                "a timed study needs the exposure to start with (HYPE-time: 500)", "session", "exposure_ms"
            )
        return self

    def _check_way_back(self) -> None:
        links, where = self.links, ("completion", "redirect")
        redirect = (self.completion and self.completion.redirect) or ""
        if self.completion is not None and self.completion.stray(links.placeholders):
            known = ", ".join(f"{{{name}}}" for name in dict.fromkeys(links.placeholders))
            raise MisfitError(f"has a brace that belongs to no placeholder; they are: {known}", *where)
        if links.kind == "mturk" and redirect:
            raise MisfitError("leave it out: Mechanical Turk takes a form, which the app sends", *where)
        code = f"survey_code={{{links.participant}}}"
        if links.kind == "sona" and not {code, "survey_code={PARTICIPANT}"} & set(re.split(r"[?&]", redirect)):
            raise MisfitError(f"Sona gives credit for the participant's code: the address must hold {code}", *where)

    def _check_due(self, every: int, *where: str | int) -> None:
        if every > self.session.ballots_per_rater:
            raise MisfitError(f"every {every} ballots is never: a rater has fewer", *where, "every")

    def _check_trial(self, trial: Trial, *where: str | int) -> None:
        if self.protocol == "best_worst":
            raise MisfitError("a best_worst study has attention checks, and no trials with a known answer", *where)
        wanted = ["better", "worse"] if self.pairwise else ["arm"]
        given = [key for key in ("better", "worse", "arm") if getattr(trial, key) is not None]
        if given != wanted:
            raise MisfitError(f"a {self.protocol} study needs {' and '.join(wanted)} here, and no other arm", *where)
        if trial.better is not None and trial.better == trial.worse:
            raise MisfitError("better and worse are the same arm", *where)
        known = [arm.id for arm in self.arms]
        if unknown := [arm for arm in trial.arms if arm not in known]:
            raise MisfitError(f"there is no arm {unknown[0]!r}; there are: {', '.join(known)}", *where)
        ids = self.items.ids
        if trial.item is not None and not self.files_decide and not self.items.holds(trial.item):
            raise MisfitError(
                f"there is no such item; there are: {', '.join(ids[:5]) if ids else 'seeds'} …", *where, "item"
            )


def _default_answers(data: dict[str, Any]) -> list[OptionalAnswer]:
    defaults: dict[str, list[OptionalAnswer]] = {"pairwise": ["tie", "skip"], "best_worst": ["skip"]}
    return defaults.get(data.get("protocol", "pairwise"), [])


def _is_casual(data: dict[str, Any]) -> bool:
    session = data.get("session") or Session()
    sessions = ("consent", "completion", "platform", "before", "comprehension", "after", "demographics")
    return not (any(data.get(key) for key in sessions) or session.training or session.checks)
