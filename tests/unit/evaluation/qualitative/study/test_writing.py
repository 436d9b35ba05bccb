"""A study file from the answers to a short form: read like any other, and refused like any other."""

import pytest

from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.reading import parse
from evaluation.qualitative.study.writing import Source, compose, slug

REAL = Source(data="mnist-digits", title="Real digits")
EARLY = Source(model="mnist-dcgan", step=500, title="DCGAN, 500 steps")


def written(**changes: object) -> tuple[str, str]:
    return compose(**{"title": "Class 9b", "question": "Which one?", "sources": [REAL, EARLY], **changes})


def test_the_file_says_what_the_form_said():
    name, text = written(ballots=12, consent="Do you\n\n“agree”?", reveal="after_session")

    study = parse(text, name)
    assert (study.title, study.question, study.reveal) == ("Class 9b", "Which one?", "after_session")
    assert study.consent == "Do you\n\n“agree”?"
    assert study.session.ballots_per_rater == 12
    assert [(arm.id, arm.title) for arm in study.arms] == [
        ("mnist-digits", "Real digits"),
        ("mnist-dcgan-500", "DCGAN, 500 steps"),
    ]


def test_without_consent_anybody_votes_at_once():
    name, text = written()
    assert parse(text, name).casual


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sources": [REAL]}, "at least 2 items"),
        ({"sources": [REAL, REAL]}, "chosen twice"),
        ({"title": "???"}, "needs letters or digits"),
        ({"question": " "}, "question"),
        ({"ballots": 0}, "ballots_per_rater"),
        ({"reveal": "soon"}, "reveal"),
        ({"sources": [REAL, Source(model="mnist-dcgan", step=501, title="x")]}, "no snapshot 501"),
        ({"sources": [REAL, *(Source(model="m", step=i, title="x") for i in range(12))]}, "up to 12 sources"),
    ],
)
def test_what_makes_no_study_is_refused_in_a_sentence(changes: dict, sentence: str):
    with pytest.raises(StudyError, match=sentence):
        written(**changes)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Handwriting, class 9b", "handwriting-class-9b"),
        ("Härte – Übung", "harte-ubung"),
        ("日本", ""),
        ("a" * 80, "a" * 64),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str):
    assert slug(title) == name
