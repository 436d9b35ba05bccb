from pathlib import Path

import pytest

from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import NotWritableError, StudyLibrary
from tests.support.folders import STUDIES

TEXT = (STUDIES / "two-of-a-kind.toml").read_bytes()


@pytest.fixture
def shelf(tmp_path: Path) -> StudyLibrary:
    return StudyLibrary(uploaded=tmp_path / "brought")


def test_the_shipped_studies_are_there(shelf: StudyLibrary):
    assert "digits-by-training-step" in shelf.names()
    assert shelf.casual()[0].casual


def test_a_study_that_was_brought_is_offered(shelf: StudyLibrary):
    shelf.add("mine", TEXT)

    assert shelf.read("mine").title == "Two of a kind"
    assert "mine" in [study.name for study in shelf.casual()]


@pytest.mark.parametrize("name", ["", "../mine", "Mine", "a/b", "x" * 80, ".."])
def test_a_name_that_is_no_name_is_refused(shelf: StudyLibrary, name: str, tmp_path: Path):
    with pytest.raises(StudyError):
        shelf.add(name, TEXT)
    with pytest.raises(StudyError):
        shelf.read(name)
    assert list(tmp_path.rglob("*.toml")) == []


@pytest.mark.parametrize("name", ["../p.zip", "p.tar", "/p.zip", ""])
def test_an_archive_that_would_lie_elsewhere_is_refused(shelf: StudyLibrary, name: str):
    with pytest.raises(StudyError, match="archive"):
        shelf.add("mine", TEXT, archive=(name, b""))


def test_a_study_is_not_replaced(shelf: StudyLibrary):
    shelf.add("mine", TEXT)
    with pytest.raises(StudyError, match="already"):
        shelf.add("mine", TEXT)


def test_a_file_that_does_not_fit_leaves_nothing(shelf: StudyLibrary):
    with pytest.raises(StudyError, match="no generator"):
        shelf.add("mine", TEXT.replace(b"mnist-dcgan", b"mnist-nothing"))
    assert "mine" not in shelf.names()


def test_a_closed_study_stays_closed_after_a_restart(shelf: StudyLibrary, tmp_path: Path):
    shelf.close("digits-by-training-step")

    assert shelf.read("digits-by-training-step").state() == "closed"
    assert StudyLibrary(uploaded=tmp_path / "brought").read("digits-by-training-step").state() == "closed"


def test_a_folder_that_cannot_be_written_is_named_with_what_to_set(tmp_path: Path):
    (tmp_path / "blocked").write_text("a file, not a folder")
    library = StudyLibrary(uploaded=tmp_path / "blocked/brought")

    for act in (lambda: library.add("mine", TEXT), lambda: library.close("digits-by-training-step")):
        with pytest.raises(NotWritableError, match=r"blocked/brought \(Not a directory\): .* sets JUST_LOOK_STUDIES"):
            act()
