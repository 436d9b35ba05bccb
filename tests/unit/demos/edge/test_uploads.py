import os
import time
from pathlib import Path

import pytest

from demos.edge import uploads


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    (tmp_path / "gradio/abc").mkdir(parents=True)
    return tmp_path / "gradio"


def test_files_that_the_page_shows_are_found_in_values_and_in_html(folder: Path):
    config = {
        "components": [
            {"props": {"value": {"path": f"{folder}/abc/first.png", "meta": {"_type": "gradio.FileData"}}}},
            {"props": {"value": f'<img src="gradio_api/file={folder}/abc/a.png"><img src="x={folder}/abc/b.jpg?1">'}},
            {"props": {"value": "/elsewhere/c.png"}},
        ]
    }
    assert uploads.shown_at_start(config) == {folder / "abc" / name for name in ("first.png", "a.png", "b.jpg")}


def test_a_call_renews_the_age_of_the_files_that_it_names_and_of_no_others(folder: Path, tmp_path: Path):
    old = time.time() - 5000
    used, other, outside = folder / "abc/used.png", folder / "abc/other.png", tmp_path / "outside.png"
    for path in (used, other, outside):
        path.write_bytes(b"x")
        os.utime(path, (old, old))

    uploads.keep([1, {"path": str(used)}, [{"image": {"path": f"{folder}/../outside.png"}}], {"path": "\0"}, "text"])

    assert used.stat().st_mtime > old + 4000
    assert other.stat().st_mtime == pytest.approx(old)
    assert outside.stat().st_mtime == pytest.approx(old)
