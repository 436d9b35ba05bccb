"""The files of a release, and the zip that holds them. The same votes give the same numbers and the same tables."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.qualitative import software
from evaluation.qualitative.planning.uploaded import file_of
from evaluation.qualitative.release import analysis as script
from evaluation.qualitative.release import paragraph as texts
from evaluation.qualitative.release.card import card
from evaluation.qualitative.release.participants import COLUMNS as PARTICIPANT_COLUMNS
from evaluation.qualitative.release.participants import addresses, names_of, participants
from evaluation.qualitative.release.published import published
from evaluation.qualitative.release.questions import published_answers
from evaluation.qualitative.release.sources import (
    METRIC_COLUMNS,
    PICTURE_COLUMNS,
    WEIGHT_COLUMNS,
    Draw,
    metrics,
    pictures,
    seeds,
    weights,
)
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.drawings import drawings
from evaluation.qualitative.results.export import harmless
from evaluation.qualitative.store.answers import COLUMNS as ANSWER_COLUMNS
from evaluation.qualitative.store.declarations import declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.vote_table import COLUMNS
from evaluation.qualitative.study.seeds import Seeds

LICENCE = "unknown"  # the owner of the data decides
_MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file in the zip: the oldest that the format knows
SEED_COLUMNS = {
    "seed": "as in the votes",
    "drawn_from": "the seed from which the generators drew the pictures: a secret of the study moved it",
}
VOTE_COLUMNS = {
    **{name: text for name, text in COLUMNS.items() if name != "reason"},
    "address": "a number for the network address, the same for the same address on one day; empty if unknown",
}


def build(
    analysis: Analysis, store: Store, *, draw: Draw | None = None, licence: str = LICENCE, reasons: bool = False
) -> dict[str, bytes]:
    """Return the files of a release, by their path.

    While a study is open, digests of pictures would let a rater look up which arm drew the picture on the screen: they
    are left out until it has closed.

    Args:
        analysis: the study, its votes, and their summary.
        store: the database that the votes come from.
        draw: draws an arm's picture of an item, for the digests of pictures; None leaves them out.
        licence: of the data, as the Hub spells it.
        reasons: also publish what raters wrote in their own words, which may name somebody.

    Raises:
        StudyError: the file of the preregistration can't be read, or a picture can't be drawn.
        StoreUnavailableError: the database does not answer.
    """
    study, votes = analysis.study, analysis.votes
    reached, text = texts.flow(store, analysis), texts.paragraph(store, analysis)
    votes = votes.assign(address=addresses(store, study.name, votes))
    columns = {
        "votes.csv": {**VOTE_COLUMNS, **({"reason": COLUMNS["reason"]} if reasons else {})},
        "participants.csv": PARTICIPANT_COLUMNS,
        "answers.csv": ANSWER_COLUMNS,
        "pictures.csv": PICTURE_COLUMNS,
        "weights.csv": WEIGHT_COLUMNS,
        "metrics.csv": METRIC_COLUMNS,
        "seeds.csv": SEED_COLUMNS,
    }
    names = names_of(store, study.name, votes)
    people = participants(store, study.name, votes, names)
    answered = published_answers(store, study, names, words=reasons)
    files = {
        "votes.csv": _csv(columns["votes.csv"], votes.to_dict("records")),
        "participants.csv": _csv(columns["participants.csv"], people.to_dict("records")),
        "flow.json": _json(asdict(reached)),
        "published.json": _json(published(study, analysis.votes, analysis.summary, reached, beside=analysis.numbers)),
        "analysis.py": Path(script.__file__).read_bytes(),
        "methods.txt": f"{text}\n".encode(),
        "study.toml": study.origin.text.encode(),
        "pictures.csv": _csv(
            columns["pictures.csv"], pictures(study, votes, draw if study.state() == "closed" else None)
        ),
        "weights.csv": _csv(columns["weights.csv"], weights(study, votes)),
        "metrics.csv": _csv(METRIC_COLUMNS, metrics(study)),
        "provenance.json": _json(_provenance(analysis)),
    }
    if study.state() == "closed" and study.items.kind == "seeds":
        files["seeds.csv"] = Seeds.of(study, store.key).published(seeds(votes)).encode()
    if study.asks_questions or len(answered):
        files["answers.csv"] = _csv(columns["answers.csv"], answered.to_dict("records"))
    registered = file_of(study, declared(store, study.name), texts.first_vote(analysis))
    if registered is not None:
        files["preregistration.json"] = registered
    for drawing in drawings(analysis):
        files[f"figures/{drawing.name}.svg"] = drawing.file.encode()
    files["README.md"] = card(analysis, licence=licence, files=files, columns=columns, paragraph=text).encode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    return {**files, "SHA256SUMS": sums.encode()}


def pack(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return a zip with the files in a folder of their own."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{path}", _MOMENT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _provenance(analysis: Analysis) -> dict[str, Any]:
    digests = analysis.votes["study_digest"].value_counts()
    return {
        "software": "Just Look",
        "version": software.version(),
        "commit": software.commit(),
        "packages": software.packages(),
        "released_at": datetime.now(UTC).isoformat(),
        "study_digests": {str(digest): int(votes) for digest, votes in digests.items()},
    }


def _csv(columns: Iterable[str], rows: Iterable[Mapping[Any, Any]]) -> bytes:
    """Write a table; text that a spreadsheet would run gets an apostrophe in front."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    names = list(columns)
    table.writerow(names)
    for row in rows:
        table.writerow([_cell(row[name]) for name in names])
    return written.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return harmless(value)
    if value is None or pd.isna(value):
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str).encode() + b"\n"
