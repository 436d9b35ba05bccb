"""The scripts beside a picture draw its very pixels."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demos.gan import link, reproduce, sample, z_sliders
from demos.gan.history import record
from demos.gan.selection import SAMPLES, Selected
from media import sheet, watermark
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


@pytest.mark.parametrize("moved", [{}, {3: 2.5}], ids=["sheet", "moved"])
@pytest.mark.parametrize("model", ["mnist-dcgan", "painted-eyes", "sagan-fashion"])
def test_what_the_page_shows(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, moved: dict[int, float]
):
    (info,) = (info for info in engine.generators() if info.name == model)
    selected = Selected(model, info.steps[-1], SEED, 2)
    drawing = sample.draw(engine, selected, 3)

    run(link.torch_script(selected, drawing.z, moved, 3), tmp_path, monkeypatch)

    (written,) = tmp_path.glob("*.png")
    page = z_sliders.draw_moved(engine, selected, moved) if moved else drawing.grid
    with Image.open(written) as drawn, Image.open(page) as on_page:
        marked = watermark.embedded(drawn)  # which the page's file is, and the script's is not
        assert np.abs(levels(marked) - levels(on_page)).max() <= 2  # kernels differ by the size of a batch


def test_the_texts_are_escaped_and_the_link_names_the_section():
    html = reproduce.html(reproduce.at_step(reproduce.query("timeline", seed=7)), 'print("<a>")', "1 < 2")
    assert "<a>" not in html
    assert "?tab=gan&amp;seed=7&amp;section=timeline&amp;at={step}" in html
