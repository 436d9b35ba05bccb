import logging

import pytest

from evaluation.qualitative.results import access, tries
from evaluation.qualitative.results.access import viewer
from evaluation.qualitative.results.tries import TooManyTriesError, Tries
from serving.web import visitor


@pytest.fixture(autouse=True)
def _owner(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", "the-owners-token")
    monkeypatch.setattr(access, "_tries", Tries(most=3))


def test_guessing_ends_after_some_tries_from_an_address_and_nowhere_else(caplog: pytest.LogCaptureFixture):
    with visitor.answering("203.0.113.7"), caplog.at_level(logging.WARNING):
        for number in range(3):
            assert not viewer(f"guess-{number}").trusted
        with pytest.raises(TooManyTriesError, match=r"try again in 1?\d minutes"):
            viewer("the-owners-token")
        assert not viewer("").trusted  # who enters no token is not held up
    with visitor.answering("203.0.113.8"):
        assert viewer("the-owners-token").trusted
    assert caplog.text.count(f"a wrong owner's token from visitor {visitor.hashed('203.0.113.7')}") == 3
    assert "203.0.113.7" not in caplog.text
    assert "guess" not in caplog.text


def test_the_right_token_uses_no_try():
    with visitor.answering("203.0.113.7"):
        assert all(viewer("the-owners-token").trusted for _ in range(10))


def test_what_owners_do_is_logged(caplog: pytest.LogCaptureFixture):
    with visitor.answering("203.0.113.7"):
        tries.did("closed", "my-study", name=None)
        tries.did("uploaded", "my-study", name="anna\n2026 forged line")
    first, second = (record.getMessage() for record in caplog.records)
    assert first == f"closed: study 'my-study' by the owner's token from visitor {visitor.hashed('203.0.113.7')}"
    assert "\n" not in second
