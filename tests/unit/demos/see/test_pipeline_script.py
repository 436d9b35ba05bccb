"""'Copy as Python': the script that the page offers gives the page's pixels, for many orders of the steps."""

import io
import itertools
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from assets import samples
from demos.see import pipeline_script
from media import images
from serving.engine import preprocessing
from serving.local import LocalEngine

SIDE = 192
STEPS: dict[str, dict[str, Any]] = {
    "crop": {"crop": (0.13, 0.05, 0.9, 0.77)},
    "rotate": {"rotate": 33.0},
    "scale": {"scale": 0.65},
    "greyscale": {"greyscale": True},
    "light": {"gamma": 1.7, "brightness": 0.8, "contrast": 1.3},
}


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    return LocalEngine()


def page(engine: LocalEngine, photo: Path, values: list[dict[str, Any]]) -> tuple[Image.Image, str]:
    """What the page shows at the end of a pipeline, and the script that it offers."""
    picture, steps = images.read(photo, max_side=SIDE), preprocessing.steps(values)
    pictures = [picture, *(step.picture for step in engine.preprocess(picture, steps))]
    script = pipeline_script.script(steps, [after.size for after in pictures], side=SIDE)
    return pictures[-1], script


def run(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Image.Image:
    monkeypatch.chdir(folder)
    exec(compile(script, "script", "exec"), {})
    return Image.open(folder / "preprocessed.png")


def same(first: Image.Image, second: Image.Image) -> bool:
    return first.mode == second.mode and np.array_equal(np.asarray(first), np.asarray(second))


def test_every_order_of_five_steps_gives_the_same_pixels(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "photo.jpg").write_bytes(Path(samples.photos()[1].path).read_bytes())
    results = set()
    for order in itertools.permutations(STEPS):
        result, script = page(engine, tmp_path / "photo.jpg", [STEPS[name] for name in order])

        assert same(run(script, tmp_path, monkeypatch), result), order
        results.add(result.tobytes())
    assert len(results) > 20  # or the order would make no difference


def test_other_values_and_shorter_pipelines_give_the_same_pixels(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "photo.jpg").write_bytes(Path(samples.photos()[4].path).read_bytes())
    chance = random.Random(0)
    for _ in range(40):
        left, top = chance.uniform(0, 0.45), chance.uniform(0, 0.45)
        steps = [
            {"crop": (left, top, 1 - chance.uniform(0, 0.45), 1 - chance.uniform(0, 0.45))},
            {"rotate": float(chance.choice([-180, -90, 90, 180, 360 / 7, chance.randint(-180, 180)]))},
            {"scale": round(chance.uniform(0.05, 1), 2)},
            {"greyscale": True},
            {key: round(chance.uniform(0.2, 2), 2) for key in ("gamma", "brightness", "contrast")},
        ]
        chosen = chance.sample(steps, chance.randint(0, len(steps)))
        result, script = page(engine, tmp_path / "photo.jpg", chosen)

        assert same(run(script, tmp_path, monkeypatch), result), chosen


@pytest.mark.parametrize("place", range(3))
def test_the_background_is_removed_by_the_same_network(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
):
    (tmp_path / "photo.jpg").write_bytes(Path(samples.photos()[1].path).read_bytes())
    values: list[dict[str, Any]] = [{"rotate": 20.0}, {"brightness": 0.7}]
    values.insert(place, {"cut_out": True})
    result, script = page(engine, tmp_path / "photo.jpg", values)

    assert same(run(script, tmp_path, monkeypatch), result)
    assert (np.asarray(result) == (255 if place == 2 else 178)).all(axis=-1).mean() > 0.2  # white, then darkened or not


def test_without_a_cut_out_the_script_needs_no_checkout(engine: LocalEngine, tmp_path: Path):
    (tmp_path / "photo.jpg").write_bytes(Path(samples.photos()[1].path).read_bytes())
    result, script = page(engine, tmp_path / "photo.jpg", list(STEPS.values()))

    (tmp_path / "script.py").write_text(script)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, env={"OMP_NUM_THREADS": "1"})

    assert same(Image.open(tmp_path / "preprocessed.png"), result)


def test_a_picture_without_a_subject_keeps_its_background(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    Image.new("RGB", (64, 48), (90, 120, 150)).save(tmp_path / "photo.jpg", "PNG")
    result, script = page(engine, tmp_path / "photo.jpg", [{"cut_out": True}])

    assert same(run(script, tmp_path, monkeypatch), result)
    assert len(result.getcolors()) == 1
    (step,) = engine.preprocess(result, preprocessing.steps([{"cut_out": True}]))
    assert step.problem.startswith("No subject was found")


def large(file: Path) -> None:
    Image.open(samples.photos()[0].path).resize((1100, 800)).save(file, "JPEG", quality=90)


def turned(file: Path) -> None:
    picture = Image.open(samples.photos()[0].path).resize((300, 200))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(file, "JPEG", exif=exif)


def with_swapped_colours(file: Path) -> None:
    """A photo with a colour profile of its own: red and green are exchanged, which nobody can overlook."""
    picture = Image.open(samples.photos()[0].path).resize((300, 200))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert profile.count(b"rXYZ") == profile.count(b"gXYZ") == 1
    swapped = profile.replace(b"rXYZ", b"xxxx").replace(b"gXYZ", b"rXYZ").replace(b"xxxx", b"gXYZ")
    picture.save(file, "JPEG", icc_profile=swapped)


def transparent(file: Path) -> None:
    picture = Image.open(samples.photos()[0].path).resize((300, 200)).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(file, "PNG")


def with_palette(file: Path) -> None:
    ImageOps.posterize(Image.open(samples.photos()[0].path).resize((300, 200)), 3).quantize(32).save(file, "GIF")


@pytest.mark.parametrize("make", [large, turned, with_swapped_colours, transparent, with_palette])
def test_an_own_photo_is_read_as_the_page_reads_it(
    make: Callable[[Path], None], engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    make(tmp_path / "photo.jpg")
    result, script = page(engine, tmp_path / "photo.jpg", [{"rotate": 12.0}])

    assert same(run(script, tmp_path, monkeypatch), result)
    plain = io.BytesIO()
    Image.open(tmp_path / "photo.jpg").convert("RGB").save(plain, "PNG")
    plain.seek(0)
    unread = engine.preprocess(images.fit(Image.open(plain), SIDE), preprocessing.steps([{"rotate": 12.0}]))
    assert make is with_palette or not same(unread[0].picture, result)  # or there was nothing to see to


def test_the_script_of_a_sample_fetches_it(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sample, steps = samples.photos()[2], preprocessing.steps([{"rotate": 50.0}, {"cut_out": True}])
    photo = images.read(sample.path, max_side=SIDE)
    pictures = [photo, *(step.picture for step in engine.preprocess(photo, steps))]
    sizes = [picture.size for picture in pictures]

    script = pipeline_script.script(steps, sizes, side=SIDE, address=Path(sample.path).as_uri())

    assert same(run(script, tmp_path, monkeypatch), pictures[-1])
