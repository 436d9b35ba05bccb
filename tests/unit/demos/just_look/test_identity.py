"""Nobody acts for another rater with what exports and results pages show."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from demos.just_look.rating import RatingActions
from demos.just_look.reports.reports import Reports
from demos.just_look.results import ResultsActions
from evaluation.qualitative.ballot import InvalidRaterError, VoteError, rater_id
from evaluation.qualitative.store import events, rows
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from serving.local import LocalEngine
from tests.support.sessions import EARLY_AND_LATE, REQUEST

STUDY, OTHER = "handwriting", "handwriting-again"
FILE = (
    """
title = "Handwriting"
question = "Which sheet looks more like real handwriting?"
consent = "Do you agree?"
results = "public"
[session]
ballots_per_rater = 2
minimum_look_ms = 0
[completion]
code = "C0DE-OKAPI"
"""
    + EARLY_AND_LATE
)


class Site:
    """The actions of raters and viewers over one database, as the page and the API call them."""

    def __init__(self, folder: Path, engine: LocalEngine) -> None:
        self.store = Store(f"sqlite:///{folder / 'votes.sqlite3'}")
        self.library = StudyLibrary(folder, folder / "brought")
        self.rating = RatingActions(self.library, self.store, engine)
        self.results = ResultsActions(self.library, self.store, Reports(self.library, self.store), None)

    def take_part(self, *, answers: int, study: str = STUDY, secret: str = "", **link: str) -> str:
        """Consent and answer; return the rater's secret."""
        secret = self.rating.open(study, secret, link, REQUEST)["rater"]
        payload = self.rating.act(study, secret, "consent", REQUEST)
        for _ in range(answers):
            self.rating.answer(secret, payload["ballot"]["ballot"], "left", 900, None)
            payload = self.rating.open(study, secret, link, REQUEST)
        return secret

    def exported(self, study: str = STUDY) -> list[dict[str, Any]]:
        text = self.results.export(study, "jsonl", "", True)["text"]
        return [json.loads(line) for line in text.splitlines()]

    def stored(self) -> tuple[list[Any], str]:
        """Everything in the database and in its journal."""
        assert self.store.journal is not None
        with self.store.reading() as connection:
            return list(rows.all_lines(connection)), self.store.journal.path.read_text()


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    return LocalEngine()


@pytest.fixture
def site(tmp_path: Path, engine: LocalEngine) -> Iterator[Site]:
    for name in (STUDY, OTHER):
        (tmp_path / f"{name}.toml").write_text(FILE)
    site = Site(tmp_path, engine)
    yield site
    site.store.close()


def acts(site: Site, rater: str, ballot: str) -> list[Callable[[], object]]:
    """Everything that somebody can ask in the name of a rater."""
    rating = site.rating
    return [
        lambda: rating.question(STUDY, rater, REQUEST),
        lambda: rating.open(STUDY, rater, {}, REQUEST),
        lambda: rating.open(STUDY, rater, {"SESSION_ID": "evil"}, REQUEST),
        lambda: rating.cast(rater, ballot, "right", 900, None),
        lambda: rating.cast(rater, ballot, "skip", None, None),
        lambda: rating.answer(rater, ballot, "right", 900, None),
        lambda: rating.change(rater, ballot, "right", 900, None),
        lambda: rating.ahead(STUDY, rater, ballot, REQUEST),
        lambda: rating.last_answer(STUDY, rater),
        *(
            lambda action=action: rating.act(STUDY, rater, action, REQUEST)
            for action in ("consent", "decline", "instructed", "withdraw")
        ),
    ]


def test_ids_from_the_public_export_change_nothing_and_learn_nothing(site: Site):
    site.take_part(answers=2)
    halfway = site.take_part(answers=1)
    waiting = site.rating.open(STUDY, halfway, {}, REQUEST)["ballot"]["ballot"]
    exported = site.exported()
    before = site.stored()

    for row in exported:
        for ballot in (row["ballot"], waiting):
            for act in acts(site, row["rater"], ballot):
                with pytest.raises(VoteError) as refusal:
                    act()
                assert "C0DE-OKAPI" not in str(refusal.value)

    assert len(exported) == 3
    assert site.stored() == before


def test_the_id_of_a_rater_is_in_nothing_that_others_get(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", "the token")
    raters = [site.take_part(answers=2), site.take_part(answers=1, PROLIFIC_PID="5f2a9c")]

    kinds = ("csv", "jsonl", "parquet", "study", "methods", "figure:intervals")
    files = [site.results.export(STUDY, kind, "", True) for kind in kinds]
    pages = [site.results.page(STUDY, "", True), site.results.overview("the token"), site.results.ranking(STUDY, "")]

    parquet = pq.read_table(io.BytesIO(base64.b64decode(files[2]["base64"]))).to_pandas()
    published = repr(files) + repr(pages) + parquet.to_csv()
    assert not [rater for rater in raters if rater in published]
    assert set(parquet["rater"]) == {row["rater"] for row in site.exported()}


def test_the_id_of_a_secret_is_one_in_a_study_and_another_in_the_next(site: Site):
    secret = site.take_part(answers=2)
    with pytest.raises(VoteError):  # the page keeps one secret for each study with a session
        site.rating.act(OTHER, secret, "consent", REQUEST)
    other = site.take_part(answers=2, study=OTHER, fresh=secret)
    assert other == secret

    pseudonyms = {row["rater"] for study in (STUDY, OTHER) for row in site.exported(study)}
    assert len(pseudonyms) == 2
    assert pseudonyms == {rater_id(site.store.key, study, secret) for study in (STUDY, OTHER)}


def test_only_its_rater_withdraws_from_a_published_study_and_the_methods_say_so(site: Site):
    rater = site.take_part(answers=2, PROLIFIC_PID="5f2a9c")
    other = site.take_part(answers=2)
    early = site.take_part(answers=1)
    site.rating.act(STUDY, early, "withdraw", REQUEST)
    site.library.close(STUDY)
    before = site.stored()

    for kept in ("", other, "invented-rater-000001"):
        refused = site.rating.open(STUDY, kept, {"PROLIFIC_PID": "5f2a9c"}, REQUEST)
        assert (refused["rater"], set(refused)) == ("", {"rater", "html"})
        assert "A session with your id has begun in another browser." in refused["html"]
    for name in ("invented-rater-000001", "5f2a9c-5f2a9c-5f2a9c"):
        site.rating.act(STUDY, name, "withdraw", REQUEST)
    assert site.stored() == before
    assert "after the study had closed" not in site.results.export(STUDY, "methods", "", True)["text"]

    assert "C0DE-OKAPI" in site.rating.open(STUDY, rater, {"PROLIFIC_PID": "5f2a9c"}, REQUEST)["html"]
    site.rating.act(STUDY, rater, "withdraw", REQUEST)

    assert len(site.exported()) == 2
    closes = site.library.read(STUDY).closes
    assert closes is not None
    assert [at >= closes for at in events.withdrawn_at(site.store, STUDY)] == [False, True]
    methods = ResultsActions(site.library, site.store, Reports(site.library, site.store), None).export(
        STUDY, "methods", "", True
    )["text"]
    assert "3 opened the link, 3 began, 0 declined, 0 dropped out, 2 withdrew" in methods
    assert "1 rater withdrew after the study had closed; the answers were deleted." in methods


def test_withdrawing_again_keeps_the_time_of_the_first(site: Site):
    rater = site.take_part(answers=1)
    site.rating.act(STUDY, rater, "withdraw", REQUEST)
    [first] = events.withdrawn_at(site.store, STUDY)
    site.library.close(STUDY)

    site.rating.act(STUDY, rater, "withdraw", REQUEST)

    assert events.withdrawn_at(site.store, STUDY) == [first]


def test_the_rater_goes_on_with_the_id_of_the_browser(site: Site):
    rater = site.take_part(answers=1)

    assert site.rating.open(STUDY, rater, {}, REQUEST)["ballot"]["index"] == 1
    with pytest.raises(InvalidRaterError):
        site.rating.open(STUDY, site.exported()[0]["rater"], {}, REQUEST)


def test_a_device_that_two_raters_share_finds_the_session_of_each(site: Site):
    first = site.take_part(answers=1, PROLIFIC_PID="first")
    second = site.take_part(answers=0, secret=first, PROLIFIC_PID="second")
    assert second != first

    back = site.rating.open(STUDY, second, {"PROLIFIC_PID": "first", "kept": [second, 7, None, first]}, REQUEST)

    assert (back["rater"], back["ballot"]["index"]) == (first, 1)


def test_a_page_that_sends_no_table_of_parameters_gets_a_sentence(site: Site):
    for link in ([], "x", None):
        with pytest.raises(VoteError, match="without names of its parameters"):
            site.rating.open(STUDY, "", link, REQUEST)  # type: ignore[arg-type]


def test_mechanical_turks_form_is_on_the_last_page(site: Site, tmp_path: Path):
    text = FILE.replace("[completion]", '[platform]\nkind = "mturk"\n[completion]')
    (tmp_path / f"{STUDY}.toml").write_text(text)
    link = {"workerId": "A1", "assignmentId": 'AS"1', "hitId": "H1", "turkSubmitTo": "https://www.mturk.com"}
    preview = site.rating.open(STUDY, "", {**link, "assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"}, REQUEST)
    assert "This is a preview of the task: accept it" in preview["html"]

    secret = site.take_part(answers=2, **link)

    html = site.rating.open(STUDY, secret, link, REQUEST)["html"]
    assert 'method="post" action="https://www.mturk.com/mturk/externalSubmit"' in html
    assert 'name="assignmentId" value="AS&quot;1"' in html
    assert 'name="code" value="C0DE-OKAPI"' in html
