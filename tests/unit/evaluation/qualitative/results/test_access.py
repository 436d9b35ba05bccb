from datetime import UTC, datetime, timedelta

import pytest

from evaluation.qualitative.results.access import Viewer, viewer
from evaluation.qualitative.study.reading import read
from evaluation.qualitative.study.schema import Study
from tests.support.folders import STUDIES

SESSION = read("session-of-pairs", STUDIES)
CASUAL = read("two-of-a-kind", STUDIES)


def closed(study: Study, **values: object) -> Study:
    return study.replaced(closes=datetime.now(UTC) - timedelta(hours=1), **values)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", "secret")
    monkeypatch.setenv("JUST_LOOK_OWNERS", "site-owner")


@pytest.mark.parametrize("token", ["", None, "Secret", "secret ", "sécret", "\ud800", 0])
def test_only_the_very_token_is_trusted(token: object):
    assert not viewer(token).owns_all
    assert viewer("secret").owns_all


def test_without_a_token_set_an_empty_one_opens_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("JUST_LOOK_OWNER_TOKEN")
    assert not viewer("").owns_all


def test_names_come_from_the_study_and_from_the_site():
    assert viewer("", "nobody-here").owns(SESSION)
    assert not viewer("", "nobody-here").owns(CASUAL)
    assert viewer("", "site-owner").owns(CASUAL)
    assert not viewer("", "somebody").owns(SESSION)


def test_a_casual_study_is_for_all_eyes():
    assert Viewer().may_see(CASUAL)


def test_a_running_session_is_public_only_where_its_file_says_so():
    assert not Viewer().may_see(SESSION)
    assert Viewer().may_see(SESSION.replaced(results="public"))
    default = SESSION.model_fields_set - {"results"}
    unsaid = Study.model_validate({name: getattr(SESSION, name) for name in default})
    assert not Viewer().may_see(unsaid)


def test_a_closed_session_is_public_unless_it_is_its_owners_alone():
    assert Viewer().may_see(closed(SESSION, results="after_close"))
    assert not Viewer().may_see(closed(SESSION, results="owner"))
    assert not Viewer().may_see(SESSION.replaced(results="after_close", closes=datetime.now(UTC) + timedelta(hours=1)))
