"""`python -m studies check` says what a study amounts to, its questions among it."""

import sys

import pytest

from studies.__main__ import main
from tests.support.folders import ROOT


def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: str) -> str:
    monkeypatch.setattr(sys, "argv", ["studies", "check", str(ROOT / file)])
    main()
    return capsys.readouterr().out


def test_the_questions_are_counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    text = printed(capsys, monkeypatch, "tests/studies/session-with-questions.toml")
    assert "questions  1 question before, 1 question about the instructions, 3 questions after" in text


def test_four_pictures_at_once_need_fewer_ballots(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    text = printed(capsys, monkeypatch, "studies/digits-best-of-four.toml")
    assert "four of 7 competing arms at once" in text
    assert "175 ballots" in text
