"""A preregistration is written once, has a digest, and each later change of the study or the file is told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.planning.design import PlanError
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.reading import read_file
from evaluation.qualitative.study.schema import Study
from tests.support.sessions import EARLY_AND_LATE

TEXT = (
    """
title = "Early and late"
question = "Which is better?"
maximum_raters = 40
"""
    + EARLY_AND_LATE
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT)
    return path


def register(path: Path, **options) -> tuple[Study, dict]:
    study = read_file(path)
    fields = preregistration.content(study, **options)
    preregistration.write(path, study, fields)
    return study, fields


def changed(path: Path, before: str, after: str) -> preregistration.Registration:
    path.write_text(path.read_text().replace(before, after))
    registration = preregistration.find(read_file(path))
    assert registration is not None
    return registration


def test_it_names_arms_raters_stopping_exclusions_and_analysis(path: Path):
    study, fields = register(path, hypothesis="Late wins.", software="1.0")
    written = json.loads((path.parent / "mine.preregistration.json").read_text())
    assert written == fields
    assert [arm["id"] for arm in written["arms"]] == ["early", "late"]
    assert written["sample"] == {"raters": 40, "ballots_per_rater": 20, "votes": 800}
    assert "40 raters" in written["stopping"]
    assert written["exclusions"]["thresholds"]["fast_ms"] == 300
    assert written["analysis"]["resamples"] == 1000
    assert written["study_file"] == study.origin.text
    assert written["sha256"] == preregistration.digest(written)


def test_an_unchanged_study_says_so_with_the_digest(path: Path):
    study, fields = register(path)
    registration = preregistration.find(study)
    assert registration is not None
    assert registration.digest == fields["sha256"]
    sentence = registration.sentence(registration.at + timedelta(hours=1))
    assert fields["sha256"] in sentence
    assert sentence.endswith("the study file has not been changed since.")


def test_comments_and_layout_are_no_change(path: Path):
    register(path)
    assert changed(path, "maximum_raters = 40", "# planned with the pilot\nmaximum_raters    = 40").changed == ()


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        ("maximum_raters = 40", "maximum_raters = 60", ("maximum_raters",)),
        ("maximum_raters = 40", "", ("maximum_raters",)),
        ("step = 20_000", "step = 10_000", ("arms 2.step",)),
        ('question = "Which', 'reveal = "never"\nquestion = "What', ("question", "reveal")),
        ('[[arms]]\nid = "late"', '[session]\nballots_per_rater = 9\n[[arms]]\nid = "late"', None),
    ],
)
def test_each_changed_key_is_named(path: Path, before: str, after: str, keys: tuple[str, ...] | None):
    register(path)
    registration = changed(path, before, after)
    assert registration.intact
    assert registration.changed == (keys or ("session.ballots_per_rater",))
    assert registration.changed[0] in registration.sentence(None)


def test_a_vote_before_it_is_told(path: Path):
    study, _ = register(path)
    registration = preregistration.find(study)
    assert registration is not None
    assert "after the first vote had been cast" in registration.sentence(registration.at - timedelta(minutes=1))
    assert "after the first vote" not in registration.sentence(registration.at + timedelta(minutes=1))


def test_a_changed_file_is_told(path: Path):
    register(path)
    file = path.parent / "mine.preregistration.json"
    file.write_text(file.read_text().replace('"raters": 40', '"raters": 30'))
    registration = preregistration.find(read_file(path))
    assert registration is not None
    assert not registration.intact
    assert "its file was changed after it was written" in registration.sentence(None)


def test_it_is_never_replaced(path: Path):
    study, fields = register(path)
    before = (path.parent / "mine.preregistration.json").read_bytes()
    with pytest.raises(PlanError, match="is there already"):
        preregistration.write(path, study, {**fields, "hypothesis": "another"})
    assert (path.parent / "mine.preregistration.json").read_bytes() == before


def test_a_study_without_one_has_none(path: Path):
    assert preregistration.find(read_file(path)) is None


def test_a_number_of_raters_is_needed(path: Path):
    path.write_text(TEXT.replace("maximum_raters = 40", ""))
    with pytest.raises(PlanError, match="how many raters"):
        preregistration.content(read_file(path))
    assert preregistration.content(read_file(path), raters=12)["sample"]["raters"] == 12


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "another"}', "\0"])
def test_a_file_that_is_none_is_called_so(path: Path, content: str):
    (path.parent / "mine.preregistration.json").write_text(content)
    with pytest.raises(StudyError, match=r"mine\.preregistration\.json is no preregistration"):
        preregistration.find(read_file(path))


def test_the_digest_depends_on_nothing_but_the_content(path: Path):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    first, same = (preregistration.content(read_file(path), now=now) for _ in range(2))
    assert first["sha256"] == same["sha256"]
    assert preregistration.content(read_file(path), now=now, raters=41)["sha256"] != first["sha256"]
