"""The answers to the questions besides the ballots, as a release publishes them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evaluation.qualitative.store.answers import answers
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study


def published_answers(store: Store, study: Study, names: Mapping[str, str], *, words: bool) -> pd.DataFrame:
    """Return the answers under the names that the raters have in the other tables of a release.

    Args:
        store: the database.
        study: its questions say which answers are chosen from a list or a scale.
        names: of the raters, from `participants.names_of`; answers of others came later and are left out.
        words: also those that raters wrote in their own words, which may name somebody.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    table = answers(store, study.name)
    table = table[table["rater"].isin(list(names))]
    if not words:
        chosen = {question.id for question in (*study.before, *study.asked_after) if question.kind != "text"}
        table = table[(table["part"] == "comprehension") | table["question"].isin(chosen)]
    return table.assign(rater=table["rater"].map(names))
