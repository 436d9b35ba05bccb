"""Reading votes from a table of another tool: which column is which, and what is wrong in which line.

A table has a header and one row for each answer, as CSV with commas, semicolons or tabs, in UTF-8. All of it is checked
before anything is stored.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evaluation.qualitative.ballot import DAY_MS, VoteError, check_response_time, valid_reason
from evaluation.qualitative.study.schema import Study

FIELDS = {
    "rater": "who answered: any text, the same for the same person",
    "left": "id or title of the arm on the left, of the only one, or of the first of four",
    "right": "id or title of the arm on the right, or of the second of four; studies of single pictures have none",
    "third": "id or title of the third of four arms",
    "fourth": "id or title of the fourth of four arms",
    "choice": "the answer: one that the study allows, or the arm that won",
    "best": "the best of four: an arm, or its place from 1 to 4; with 'worst' instead of 'choice'",
    "worst": "the worst of four, likewise",
    "item": "what the pictures showed, if it is known",
    "response_ms": "milliseconds from the pictures being shown to the answer, if they were measured",
    "exposure_ms": "how long the pictures were shown, in milliseconds, if they disappeared",
    "cast_at": "when the answer was given, in ISO 8601, if it is known; without a time zone it is UTC",
    "reason": "in the rater's words",
}
MAX_BYTES, MAX_ROWS, MAX_FAULTS = 64 * 2**20, 1_000_000, 10
FOUR = ("left", "right", "third", "fourth")
_BEST_WORST = ("best", "worst")
_MAX_RATER, _MAX_ITEM = 200, 200


class TableError(ValueError):
    """The table can't be imported; each line of the message names a line of the table."""


@dataclass(frozen=True, kw_only=True)
class ImportedVote:
    """One answer of the table, checked against its study.

    Attributes:
        line: of the table, from 1 for the header.
        rater: as the table names the person.
        left: id of an arm; the first of four.
        right: id of another arm; the second of four; "" in studies of single pictures.
        choice: one of the study's.
        item: "" if it is not known.
        response_ms: None if it was not measured.
        exposure_ms: None if the pictures did not disappear.
        cast_at: UTC; None if it is not known.
        reason: in the rater's words, or "".
        third: id of the third of four arms; else "".
        fourth: id of the fourth.
    """

    line: int
    rater: str
    left: str
    right: str
    choice: str
    item: str
    response_ms: int | None
    exposure_ms: int | None
    cast_at: datetime | None
    reason: str
    third: str = ""
    fourth: str = ""

    @property
    def arms(self) -> tuple[str, ...]:
        """Ids of its arms, in the order of their places."""
        return tuple(arm for arm in (self.left, self.right, self.third, self.fourth) if arm)


def read(
    content: bytes,
    study: Study,
    *,
    columns: Mapping[str, str] | None = None,
    arms: Mapping[str, str] | None = None,
    choices: Mapping[str, str] | None = None,
    name: str = "the table",
) -> list[ImportedVote]:
    """Read a table of votes.

    Args:
        content: the file.
        study: whose arms and answers the votes name.
        columns: names of columns, by field of `FIELDS`; a field without one has the column of its own name.
        arms: ids of arms, by what the table calls them.
        choices: answers of the study, by what the table calls them.
        name: of the file, in errors.

    Raises:
        TableError: up to `MAX_FAULTS` faults, each with its line.
    """
    columns, arms, choices = columns or {}, dict(arms or {}), dict(choices or {})
    if unknown := [field for field in columns if field not in FIELDS]:
        raise TableError(f"there is no field {unknown[0]!r:.80}; there are: {', '.join(FIELDS)}")
    names = {arm.title: arm.id for arm in study.competing} | {arm.id: arm.id for arm in study.competing}
    for word, arm in arms.items():
        if arm not in {known.id for known in study.competing}:
            raise TableError(f"{word!r:.80} should be an arm of {study.name}: {', '.join(sorted(set(names.values())))}")
    for word, choice in choices.items():
        if choice not in study.choices:
            raise TableError(f"{word!r:.80} should be an answer of {study.name}: {', '.join(study.choices)}")
    places, width, rows = _table(content, columns, name, study)
    reader = _Reader(study, places, width, {**names, **arms}, choices)
    votes: list[ImportedVote] = []
    faults: list[str] = []
    for line, cells in rows:
        if len(votes) >= MAX_ROWS:
            raise TableError(f"{name} has more than {MAX_ROWS:,} rows")
        try:
            votes.append(reader.vote(line, cells))
        except TableError as error:
            faults.append(f"{name}, line {line}: {error}")
            if len(faults) == MAX_FAULTS:
                faults.append("… and perhaps more")
                break
    if faults:
        raise TableError("\n".join(faults))
    if not votes:
        raise TableError(f"{name} has a header and no votes")
    return votes


def _pictures(study: Study) -> tuple[str, ...]:
    """Return the fields that name the pictures of an answer."""
    return FOUR if study.protocol == "best_worst" else FOUR[: 2 if study.pairwise else 1]


def _required(study: Study, columns: Mapping[str, str], header: list[str]) -> tuple[str, ...]:
    """Return the fields that a table must have: of four pictures best and worst, or a choice."""
    named = study.protocol == "best_worst" and any(columns.get(field, field) in header for field in _BEST_WORST)
    return ("rater", *_pictures(study), *(_BEST_WORST if named else ("choice",)))


def _table(
    content: bytes, columns: Mapping[str, str], name: str, study: Study
) -> tuple[dict[str, int], int, Iterator[tuple[int, list[str]]]]:
    """Return which field is in which column, how many columns there are, and the rows with their lines."""
    if len(content) > MAX_BYTES:
        raise TableError(f"{name} is larger than {MAX_BYTES // 2**20} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TableError(f"{name}, line {line}: this is not UTF-8; save the table as CSV in UTF-8") from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = [column.strip() for column in _next(reader, name) or []]
    required, places = _required(study, columns, header), {}
    unused = () if study.protocol == "best_worst" else (*FOUR[2:], *_BEST_WORST)
    for field in (field for field in FIELDS if field not in unused):
        column = columns.get(field, field)
        if column in header:
            if header.count(column) > 1:
                raise TableError(f"{name}, line 1: there are two columns {column!r:.80}")
            places[field] = header.index(column)
        elif field in columns or field in required:
            known = ", ".join(header)
            raise TableError(
                f"{name}, line 1: there is no column {column!r:.80} for {field} ({FIELDS[field]}); "
                f"the columns are: {known:.300}"
            )
    return places, len(header), _rows(reader, name)


def _rows(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1
        cells = _next(reader, name)
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _next(reader: Any, name: str) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise TableError(f"{name}, line {reader.line_num}: {error}") from error


class _Reader:
    """Turns rows into votes of one study."""

    def __init__(
        self, study: Study, places: Mapping[str, int], width: int, arms: Mapping[str, str], choices: Mapping[str, str]
    ) -> None:
        self._study = study
        self._places = places
        self._width = width
        self._arms = arms
        self._choices = choices

    def vote(self, line: int, cells: list[str]) -> ImportedVote:
        """Return a row as a vote.

        Raises:
            TableError: what is wrong with it.
        """
        if len(cells) != self._width:
            raise TableError(f"{len(cells)} cells, the header has {self._width}")
        row = {field: cells[place].strip().removeprefix("'") for field, place in self._places.items()}
        rater, item = row["rater"], row.get("item", "")
        if not 0 < len(rater) <= _MAX_RATER:
            raise TableError(f"the rater should have 1 to {_MAX_RATER} characters")
        if len(item) > _MAX_ITEM or not (item == "" or item.isprintable()):
            raise TableError(f"the item should be plain text of at most {_MAX_ITEM} characters")
        pictures = {place: self._arm(row[place], place) for place in _pictures(self._study)}
        pictured = list(pictures.values())
        if twice := [arm for arm in pictured if pictured.count(arm) > 1]:
            raise TableError(f"{'both' if len(pictured) == 2 else 'two'} pictures are of {twice[0]!r}")
        try:
            reason = valid_reason(row.get("reason"))
        except VoteError as error:
            raise TableError(str(error)) from error
        return ImportedVote(
            line=line,
            rater=rater,
            left=pictured[0],
            right=pictures.get("right", ""),
            third=pictures.get("third", ""),
            fourth=pictures.get("fourth", ""),
            choice=self._choice(row, pictured),
            item=item,
            response_ms=_milliseconds(row.get("response_ms", ""), "response_ms"),
            exposure_ms=_milliseconds(row.get("exposure_ms", ""), "exposure_ms"),
            cast_at=_moment(row.get("cast_at", "")),
            reason=reason,
        )

    def _arm(self, word: str, side: str) -> str:
        if word not in self._arms:
            known = ", ".join(sorted(set(self._arms.values())))
            raise TableError(f"{side} is {word!r:.80}, which is no arm of {self._study.name}; they are: {known:.300}")
        return self._arms[word]

    def _choice(self, row: Mapping[str, str], pictured: list[str]) -> str:
        if row.get("best") or row.get("worst"):
            best, worst = (self._place(row[field], field, pictured) for field in _BEST_WORST)
            if best == worst:
                raise TableError(f"the best and the worst are both {pictured[best - 1]!r}")
            return f"best_{best}_worst_{worst}"
        if "choice" not in row:
            raise TableError("there is neither a best nor a worst picture")
        word = row["choice"]
        named = self._choices.get(word, word)
        if named in self._study.choices:
            return named
        lowered = named.lower().replace(" ", "_")
        if lowered in self._study.choices:
            return lowered
        winner = self._arms.get(named)
        if len(pictured) == 2 and winner in pictured:
            return ("left", "right")[pictured.index(winner)]
        known = ", ".join(self._study.choices)
        raise TableError(f"choice is {word!r:.80}, which is no answer of {self._study.name}; they are: {known}")

    def _place(self, word: str, field: str, pictured: list[str]) -> int:
        """Return the place of the picture that a word names, from 1."""
        arm = self._arms.get(word)
        if arm in pictured:
            return pictured.index(arm) + 1
        if word in ("1", "2", "3", "4"):
            return int(word)
        raise TableError(f"{field} is {word!r:.80}; it should be one of the four arms, or a place from 1 to 4")


def _milliseconds(text: str, field: str) -> int | None:
    if not text:
        return None
    try:
        value = float(text)
        whole = int(value) if value == int(value) else -1
        check_response_time(whole)
    except (ValueError, OverflowError) as error:
        raise TableError(f"{field} is {text!r:.40}; it should be milliseconds, 0 to {DAY_MS:,}") from error
    return whole


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TableError(f"cast_at is {text!r:.40}; it should be a time such as 2026-03-01T09:30:00Z") from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if moment > datetime.now(UTC):
        raise TableError(f"cast_at is {text!r:.40}, which is in the future")
    return moment
