"""Export of a study's votes as CSV (plain, or for spreadsheets), JSON lines or Parquet, in pieces."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, Literal, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.qualitative.numbers_vs_eyes.comparison import NumbersVsEyes
from evaluation.qualitative.numbers_vs_eyes.sentences import sentences
from evaluation.qualitative.store import vote_table
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.vote_table import COLUMNS

Format = Literal["csv", "jsonl", "parquet", "spreadsheet"]
MEDIA_TYPES: dict[str, str] = {
    "csv": "text/csv",
    "spreadsheet": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the computer's own code page
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such text (OWASP, 'CSV injection')
FOUR_SEEDS = ("third_seed", "fourth_seed")
_TYPES = {
    **dict.fromkeys(COLUMNS, pa.string()),
    **dict.fromkeys(
        ("response_ms", "exposure_ms", "position", "left_seed", "right_seed", "revision", *FOUR_SEEDS), pa.int64()
    ),
    **dict.fromkeys(("issued_at", "cast_at"), pa.timestamp("us", tz="UTC")),
    "pair_probability": pa.float64(),
}
SCHEMA = pa.schema([pa.field(name, _TYPES[name], metadata={"description": text}) for name, text in COLUMNS.items()])


class ExportError(ValueError):
    """There is no such format."""


def export(store: Store, study: str, *, form: str = "csv") -> Iterator[bytes]:
    """Yield a file with all votes of a study, checks and training included, in the order they came.

    Args:
        store: the database.
        study: name of the study.
        form: `csv` (text that a spreadsheet would run gets an apostrophe in front), `jsonl`, `parquet` (its schema
            describes each column), or `spreadsheet`: CSV with a byte-order mark, for Excel, where ids that begin with
            a sign of a formula have an apostrophe too. `vote_table.COLUMNS` describes the columns.

    Raises:
        ExportError: the format is none of these.
        StoreUnavailableError: the database does not answer.
    """
    if form not in get_args(Format):
        raise ExportError(f"There is no format {form!r:.40}: take one of {', '.join(get_args(Format))}.")
    writers = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "spreadsheet": _spreadsheet}
    return writers[form](_pieces(store, study))


def _pieces(store: Store, study: str) -> Iterator[pd.DataFrame]:
    with store.reading() as connection:
        yield from vote_table.pieces_of(connection, study)


def _spreadsheet(pieces: Iterator[pd.DataFrame]) -> Iterator[bytes]:
    yield BYTE_ORDER_MARK
    yield from _csv(pieces, ids=("ballot", "rater"))


def _csv(pieces: Iterator[pd.DataFrame], *, ids: tuple[str, ...] = ()) -> Iterator[bytes]:
    for number, piece in enumerate(pieces):
        table = _timed(piece)
        for name in ("reason", "item", "left", "right", "third", "fourth", *ids):
            table[name] = table[name].map(harmless)
        yield table.to_csv(index=False, header=number == 0, lineterminator="\r\n").encode()


def _jsonl(pieces: Iterator[pd.DataFrame]) -> Iterator[bytes]:
    for piece in pieces:
        table = _timed(piece).astype(object)
        for row in table.where(table.notna(), None).to_dict("records"):
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _parquet(pieces: Iterator[pd.DataFrame]) -> Iterator[bytes]:
    written = _Pipe()
    with pq.ParquetWriter(written, SCHEMA) as writer:
        for piece in pieces:
            writer.write_table(pa.Table.from_pandas(piece, schema=SCHEMA, preserve_index=False))
            yield written.take()
    yield written.take()


class _Pipe(io.RawIOBase):
    """A file in memory that is written at its end and read piece by piece."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        written = bytes(data)
        self._kept += written
        self._position += len(written)
        return len(written)

    def take(self) -> bytes:
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def _timed(piece: pd.DataFrame) -> pd.DataFrame:
    """Return a piece with its times as ISO 8601 in UTC, for the formats that are text."""
    table = piece.copy()
    for name in ("issued_at", "cast_at"):
        table[name] = [moment.isoformat() for moment in piece[name]]
    return table


def numbers_csv(numbers: NumbersVsEyes) -> str:
    """Return a study's scores by people and the metrics of its arms as CSV, a row for each arm that has both."""
    table = numbers.table()
    table["title"] = table["title"].map(harmless)
    return table.to_csv(index=False, lineterminator="\r\n")


def numbers_json(numbers: NumbersVsEyes) -> str:
    """Return the same with the rank correlations as JSON, and what the data allow to say."""
    return json.dumps({**numbers.numbers(), "says": sentences(numbers)}, indent=2)


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
