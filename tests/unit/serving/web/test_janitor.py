import os
from pathlib import Path

import pytest

from serving.web.janitor import FileBounds, sweep

NOW = 1_000_000.0
BOUNDS = FileBounds(age_s=3600, bytes=1000, broken_s=300)


def write(path: Path, *, age: float, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (NOW - age, NOW - age))
    return path


def test_files_go_after_their_time_and_so_does_their_folder(tmp_path: Path):
    old, new = write(tmp_path / "a/photo.png", age=3601), write(tmp_path / "b/photo.png", age=3599)
    assert sweep(tmp_path, BOUNDS, keep=set(), now=NOW) == 1
    assert not old.parent.exists()
    assert new.exists()


def test_the_oldest_go_first_where_there_are_too_many_bytes(tmp_path: Path):
    files = [write(tmp_path / f"{age}/film.mp4", age=age, size=400) for age in (300, 200, 100)]
    assert sweep(tmp_path, BOUNDS, keep=set(), now=NOW) == 1
    assert [file.exists() for file in files] == [False, True, True]


def test_an_upload_that_broke_off_goes_soon(tmp_path: Path):
    broken, whole = write(tmp_path / "tmpabc123", age=301), write(tmp_path / "c/tmpabc123", age=301)
    assert sweep(tmp_path, BOUNDS, keep=set(), now=NOW) == 1
    assert not broken.exists()
    assert whole.exists()


def test_a_file_that_cannot_be_removed_keeps_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stuck, old = write(tmp_path / "a/film.mp4", age=5000), write(tmp_path / "b/film.mp4", age=4000)
    remove = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(path)
        remove(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    assert sweep(tmp_path, BOUNDS, keep=set(), now=NOW) == 1
    assert not old.exists()


def test_what_the_page_shows_from_its_start_stays(tmp_path: Path):
    at_start = write(tmp_path / "d/first.png", age=10**6, size=5000)
    assert sweep(tmp_path, BOUNDS, keep={at_start}, now=NOW) == 0
    assert at_start.exists()
