"""Export of the answers to the questions besides the ballots."""

from __future__ import annotations

from evaluation.qualitative.results.export import harmless
from evaluation.qualitative.store.answers import answers
from evaluation.qualitative.store.store import Store


def answers_csv(store: Store, study: str) -> str:
    """Return the answers as CSV, with the columns of `store.answers.COLUMNS`.

    Text that a spreadsheet would run gets an apostrophe in front.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    table = answers(store, study)
    table["answer"] = [harmless(answer) if isinstance(answer, str) else answer for answer in table["answer"]]
    table["answered_at"] = [moment.isoformat() for moment in table["answered_at"]]
    return table.to_csv(index=False, lineterminator="\r\n")
