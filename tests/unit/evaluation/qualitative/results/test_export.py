"""Votes leave as CSV, JSON lines and Parquet, all with the same content, and no spreadsheet runs a rater's words."""

import csv
import io
import json
from collections.abc import Iterator

import pandas as pd
import pyarrow.parquet as pq
import pytest

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.results.export import ExportError, export
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store import vote_table
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.vote_table import COLUMNS
from evaluation.qualitative.study import reading

DIGITS = reading.read("digits-by-training-step")
REASONS = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", 'two "words",\nand a line', "schärfer ‘ja’", ""]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    for number, reason in enumerate(REASONS):
        ballot = store.issue(draw(DIGITS, rater=new_rater()))
        response_ms = 100 * number if number else None
        store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=response_ms, reason=reason)
    yield store
    store.close()


def exported(store: Store, form: str) -> bytes:
    return b"".join(export(store, DIGITS.name, form=form))


def test_csv_holds_every_vote_and_no_formula(store: Store):
    rows = list(csv.DictReader(io.StringIO(exported(store, "csv").decode(), newline="")))

    assert list(rows[0]) == list(COLUMNS)
    assert [row["reason"] for row in rows[:4]] == [f"'{reason}" for reason in REASONS[:4]]
    assert [row["reason"] for row in rows[4:]] == REASONS[4:]
    assert [row["response_ms"] for row in rows] == ["", "100", "200", "300", "400", "500", "600"]
    assert rows[1]["flags"] == "too_fast"


def test_the_csv_for_spreadsheets_is_the_same_behind_a_byte_order_mark(store: Store):
    marked, plain = exported(store, "spreadsheet"), exported(store, "csv")

    assert marked.startswith(b"\xef\xbb\xbf")
    assert not plain.startswith(b"\xef\xbb\xbf")
    tables = [
        list(csv.DictReader(io.StringIO(raw.decode(encoding), newline="")))
        for raw, encoding in ((marked, "utf-8-sig"), (plain, "utf-8"))
    ]
    for row, same in zip(*tables, strict=True):
        assert not row["ballot"].startswith(("=", "+", "-", "@"))
        assert {**row, "ballot": row["ballot"].removeprefix("'")} == same


def test_json_lines_hold_every_vote_as_it_is(store: Store):
    lines = [json.loads(line) for line in exported(store, "jsonl").decode().splitlines()]

    assert [line["reason"] for line in lines] == REASONS
    assert lines[0]["response_ms"] is None
    assert lines[0]["pair_probability"] == 1 / 21
    assert pd.Timestamp(lines[0]["cast_at"]) == store.results(DIGITS.name)["cast_at"][0]


def test_parquet_equals_the_results_and_explains_its_columns(store: Store):
    table = pq.read_table(io.BytesIO(exported(store, "parquet")))

    frame, expected = table.to_pandas(), store.results(DIGITS.name)
    assert frame["reason"].tolist() == REASONS
    assert frame["cast_at"].tolist() == expected["cast_at"].tolist()
    assert frame["left_seed"].tolist() == expected["left_seed"].tolist()
    assert {field.name: field.metadata[b"description"].decode() for field in table.schema} == COLUMNS


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "spreadsheet"])
def test_a_file_in_pieces_holds_the_same_as_one_at_once(store: Store, form: str, monkeypatch: pytest.MonkeyPatch):
    whole = exported(store, form)
    pieces = vote_table.pieces_of
    monkeypatch.setattr(vote_table, "pieces_of", lambda *named: pieces(*named, rows_at_once=2))

    parts = list(export(store, DIGITS.name, form=form))

    assert len(parts) >= 4
    if form == "parquet":
        assert pq.read_table(io.BytesIO(b"".join(parts))).equals(pq.read_table(io.BytesIO(whole)))
    else:
        assert b"".join(parts) == whole


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_study_without_votes_gives_a_file_without_rows(store: Store, form: str):
    written = b"".join(export(store, "another-study", form=form))
    expected = {"csv": ",".join(COLUMNS).encode() + b"\r\n", "jsonl": b""}
    if form == "parquet":
        assert pq.read_table(io.BytesIO(written)).column_names == list(COLUMNS)
    else:
        assert written.strip(b"\n") == expected[form].strip(b"\n")


@pytest.mark.parametrize("form", ["xlsx", "", "CSV", "x" * 1000])
def test_an_unknown_format_is_refused(store: Store, form: str):
    with pytest.raises(ExportError, match="take one of csv, jsonl, parquet"):
        export(store, DIGITS.name, form=form)
