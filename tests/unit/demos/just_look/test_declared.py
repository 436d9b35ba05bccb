"""What an owner declares on the results page: for owners alone, in one sentence each, and in the methods paragraph."""

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from demos.just_look.declared.actions import DeclarationActions
from demos.just_look.reports.reports import Reports
from demos.just_look.results import ResultsActions
from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.declarations import Declared, declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from tests.support.sessions import EARLY_AND_LATE

STUDY, TOKEN = "handwriting", "the token"
FILE = (
    """
title = "Handwriting"
question = "Which sheet looks more like real handwriting?"
consent = "Do you agree?"
results = "public"
maximum_raters = 40
[session]
ballots_per_rater = 2
minimum_look_ms = 0
"""
    + EARLY_AND_LATE
)


class Owner:
    """The owner's actions over one database, and what the pages of the study say."""

    def __init__(self, folder: Path) -> None:
        (folder / f"{STUDY}.toml").write_text(FILE)
        self.store = Store(f"sqlite:///{folder / 'votes.sqlite3'}")
        self.library = StudyLibrary(folder, folder / "brought")
        self.sessions = RatingSessions(self.store, self.library.read(STUDY))
        self.actions = DeclarationActions(self.library, self.store)

    @property
    def results(self) -> ResultsActions:
        """The results, with nothing kept of an earlier analysis."""
        return ResultsActions(self.library, self.store, Reports(self.library, self.store), None)

    def page(self, token: str = TOKEN) -> str:
        return self.results.page(STUDY, token, True)["html"]

    def methods(self) -> str:
        return self.results.export(STUDY, "methods", "", True)["text"]

    def file(self, **options: int) -> str:
        fields = preregistration.content(self.library.read(STUDY), **options)
        return base64.b64encode(json.dumps(fields).encode()).decode()

    def take_part(self, pid: str) -> str:
        rater = self.sessions.join(query={"PROLIFIC_PID": pid}).rater
        ballot = self.sessions.consent(rater).ballot
        assert ballot is not None
        self.sessions.answer(ballot.id, rater=rater, choice="left", response_ms=900)
        return rater


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", TOKEN)
    owner = Owner(tmp_path)
    yield owner
    owner.store.close()


@pytest.mark.parametrize("token", ["", "wrong", None])
def test_nobody_else_declares_anything_or_sees_the_forms(owner: Owner, token: str):
    owner.take_part("5f2a9c")
    for act in (
        lambda: owner.actions.invited(STUDY, "12", token),
        lambda: owner.actions.register(STUDY, owner.file(), token),
        lambda: owner.actions.free(STUDY, "5f2a9c", token),
    ):
        with pytest.raises(StudyError, match="Only its owner"):
            act()
    assert declared(owner.store, STUDY) == Declared()
    assert "For the owner" not in owner.page(token)
    assert "For the owner" in owner.page()


def test_the_number_of_people_invited_stands_in_the_form_and_in_the_methods(owner: Owner):
    owner.take_part("first")
    assert "how many were invited is not known" in owner.methods()

    assert owner.actions.invited(STUDY, " 120 ", TOKEN)["message"] == "Stored: 120 people were invited."

    assert 'value="120"' in owner.page()
    assert "120 were invited" in owner.methods()
    assert owner.actions.invited(STUDY, "", TOKEN)["message"] == "Stored: how many people were invited is not known."
    assert "how many were invited is not known" in owner.methods()


@pytest.mark.parametrize("people", ["-1", "1.5", "many", "9" * 5_000, "1000000001", None, [3], True])
def test_a_number_that_is_none_is_refused(owner: Owner, people: object):
    with pytest.raises(StudyError, match="should be a whole number up to 1,000,000,000"):
        owner.actions.invited(STUDY, people, TOKEN)
    assert declared(owner.store, STUDY) == Declared()


def test_a_preregistration_is_checked_quoted_and_kept(owner: Owner):
    for raters in (40, 60):
        reply = owner.actions.register(STUDY, owner.file(raters=raters), TOKEN)["message"]
        assert reply.startswith("Stored, with the digest ")
    quoted = reply.split()[-1].rstrip(".")
    assert quoted in owner.page()
    owner.take_part("first")

    with pytest.raises(StudyError, match="it stays as it is"):
        owner.actions.register(STUDY, owner.file(raters=80), TOKEN)

    assert quoted in owner.methods()
    assert "<code>" + quoted in owner.page()
    assert 'name="file"' not in owner.page()
    for broken in ("not base64!", None, "e30="):
        with pytest.raises(StudyError, match=r"did not arrive completely|is no preregistration"):
            owner.actions.register(STUDY, broken, TOKEN)  # type: ignore[arg-type]


def test_a_late_upload_and_a_changed_study_file_are_said_at_once(owner: Owner, tmp_path: Path):
    file = owner.file()
    owner.take_part("first")
    (tmp_path / f"{STUDY}.toml").write_text(FILE.replace("maximum_raters = 40", "maximum_raters = 50"))

    reply = owner.actions.register(STUDY, file, TOKEN)["message"]

    assert "1 answer came before it, and the methods paragraph says so." in reply
    assert "The study file differs from it: maximum_raters." in reply
    assert (
        "after the first vote had been cast; the study file was changed afterwards: maximum_raters." in owner.methods()
    )


def test_an_id_is_freed_with_a_line_in_the_log(owner: Owner, caplog: pytest.LogCaptureFixture):
    rater = owner.take_part("5f2a9c")
    with caplog.at_level(logging.WARNING):
        reply = owner.actions.free(STUDY, " 5f2a9c ", TOKEN)["message"]

    assert f"The session so far, of {rater}, has 1 answer; they stay." in reply
    assert rater in caplog.text
    assert "5f2a9c" not in caplog.text
    again = owner.take_part("5f2a9c")
    assert again != rater
    assert "1 platform id was freed by the researchers" in owner.methods()
    assert "1 id freed so far." in owner.page()


@pytest.mark.parametrize("given", ["", "unknown", "undefined", "{{%PROLIFIC_PID%}}", "two words", "x" * 101, None, 7])
def test_an_id_that_nobody_came_with_frees_nothing(owner: Owner, given: object):
    owner.take_part("5f2a9c")
    with owner.store.reading() as connection:
        before = list(rows.all_lines(connection))

    with pytest.raises(StudyError, match=r"nobody has begun with this id|is not an id of the platform"):
        owner.actions.free(STUDY, given, TOKEN)  # type: ignore[arg-type]

    with owner.store.reading() as connection:
        assert list(rows.all_lines(connection)) == before


def test_a_release_that_was_built_before_is_built_anew(owner: Owner):
    owner.take_part("first")
    results = owner.results
    before = results.export(STUDY, "release", "", True)["base64"]
    owner.actions.invited(STUDY, "120", TOKEN)
    assert results.export(STUDY, "release", "", True)["base64"] != before
