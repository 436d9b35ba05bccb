"""What planning, importing and releases do not know of sets of four pictures, they say in a sentence."""

from pathlib import Path

import pytest

from evaluation.qualitative.imported.reading import read as read_votes
from evaluation.qualitative.planning.design import design_of
from evaluation.qualitative.planning.preregistration import _analysis
from evaluation.qualitative.release import archive
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.reading import read

STUDY = read("digits-best-of-four")


def test_a_plan_is_refused():
    with pytest.raises(ValueError, match="shows four pictures at once"):
        design_of(STUDY)


def test_a_release_is_refused(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    analysis = Analyses(StudyLibrary(uploaded=tmp_path), store).of(STUDY.name)
    with pytest.raises(ValueError, match="not yet sets of four"):
        archive.build(analysis, store)


def test_the_preregistration_names_the_model():
    assert _analysis(STUDY)["model"].startswith("sequential best-worst choice")


def test_an_import_is_refused():
    with pytest.raises(ValueError, match="shows four at once"):
        read_votes(b"rater,choice\n", STUDY)
