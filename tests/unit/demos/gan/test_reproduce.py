"""The scripts beside a picture draw its very pixels."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demos.gan import reproduce
from demos.gan.history import record
from demos.gan.selection import SAMPLES
from media import sheet
from serving.local import LocalEngine

MODEL, STEP, SEED = "mnist-dcgan", 2000, 11


def run(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "script.py").write_text(text.replace(reproduce.STEP, str(STEP)))
    runpy.run_path(str(folder / "script.py"))


def levels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), dtype=int)


def test_the_sheet(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = reproduce.sheet_script([MODEL], SEED, count=SAMPLES, side=record.SIDE, gap=record.GAP)
    run(text, tmp_path, monkeypatch)
    with Image.open(tmp_path / f"{MODEL}-seed-{SEED}-step-{STEP}.png") as drawn:
        assert np.array_equal(levels(drawn), levels(record.drawn(engine, MODEL, STEP, SEED)))


def test_a_point(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    z = engine.latent(MODEL, seed=SEED, index=4)
    run(reproduce.point_script(MODEL, STEP, z, side=256), tmp_path, monkeypatch)
    (waypoint,) = engine.draw(MODEL, step=STEP, z=[z])
    with Image.open(tmp_path / "point.png") as drawn:
        assert np.array_equal(levels(drawn), levels(sheet.lay_out([waypoint.picture], scale=8)))


def test_the_texts_are_escaped_and_the_link_names_the_section():
    html = reproduce.html(reproduce.at_step(reproduce.query("timeline", seed=7)), 'print("<a>")', "1 < 2")
    assert "<a>" not in html
    assert "?tab=gan&amp;seed=7&amp;section=timeline&amp;at={step}" in html
