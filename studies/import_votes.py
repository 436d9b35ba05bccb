"""The command `import`: votes that were cast elsewhere, from a CSV table."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from evaluation.qualitative.imported.reading import FIELDS, ImportedVote, TableError, read
from evaluation.qualitative.imported.storing import store_votes
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `python -m studies`."""
    command = commands.add_parser("import", help="import votes that were cast elsewhere; all or none are stored")
    command.add_argument("file", type=Path, help="CSV with a header and a row for each answer")
    command.add_argument("--study", required=True, metavar="NAME", help="the study that they belong to")
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help=f"name of a column, as in rater=worker_id; fields: {', '.join(FIELDS)}",
    )
    command.add_argument("--arm", action="append", default=[], metavar="WORD=ARM", help="an arm as the table calls it")
    command.add_argument("--choice", action="append", default=[], metavar="WORD=CHOICE", help="an answer likewise")
    command.add_argument("--dry-run", action="store_true", help="check the table and store nothing")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Check the table, and store all of it or nothing.

    Raises:
        ValueError: the table, the study or an option is wrong.
        StoreUnavailableError: the database does not answer.
    """
    study = StudyLibrary().read(options.study)
    try:
        content = options.file.read_bytes()
    except OSError as error:
        raise TableError(f"{options.file} can't be read: {error.strerror}") from error
    votes = read(
        content,
        study,
        columns=_pairs("--column", options.column),
        arms=_pairs("--arm", options.arm),
        choices=_pairs("--choice", options.choice),
        name=options.file.name,
    )
    print(_summary(votes))
    if options.dry_run:
        print("Nothing was stored: this was a dry run.")
        return
    store = Store.open(os.environ.get("DATABASE_URL"))
    try:
        stored = store_votes(store, study, votes, content)
    finally:
        store.close()
    print(f"{stored:,} votes are stored in {study.name}, marked as imported.")


def _summary(votes: Sequence[ImportedVote]) -> str:
    raters = len({vote.rater for vote in votes})
    arms = len({arm for vote in votes for arm in vote.arms})
    times = sum(vote.response_ms is not None for vote in votes)
    return f"{len(votes):,} votes by {raters:,} raters on {arms} arms; {times:,} have a response time"


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        left, sign, right = text.partition("=")
        if not (left and sign and right):
            raise TableError(f"{option} {text!r:.80} should have the form A=B")
        pairs[left] = right
    return pairs
