"""The torch scripts of the sections draw what the engine draws, and the links name what the sections need."""

import runpy
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageSequence

from assets import flags
from demos.gan import attention, battle, blend, reproduce, translate, walk
from demos.gan.explorer import film, points, project
from demos.gan.sampling import alike, truncation
from demos.gan.selection import SAMPLES, Selected
from media import sheet
from serving.local import LocalEngine

DIGITS = Selected("mnist-dcgan", 2000, 11, 2)
SAMPLE = {"tab", "model", "step", "seed", "held", "section"}


def drawn_by(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Image.Image]:
    """The pictures that a script writes, by their files' names."""
    monkeypatch.chdir(folder)
    (folder / "script.py").write_text(text)
    runpy.run_path(str(folder / "script.py"))
    return {path.stem: Image.open(path) for path in folder.glob("*.png")}


def assert_same(drawn: Image.Image, expected: Image.Image) -> None:
    levels = [np.asarray(picture.convert("RGB"), dtype=int) for picture in (drawn, expected)]
    assert levels[0].shape == levels[1].shape
    assert np.abs(levels[0] - levels[1]).max() <= 1  # kernels differ by the size of a batch
    assert levels[1].std() > 1


def named_in(html: str) -> set[str]:
    """What the link of a folded part names."""
    query = html.partition("?")[2].partition('"')[0].replace("&amp;", "&")
    return set(parse_qs(query, strict_parsing=True))


def test_truncated_samples(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    drawn = drawn_by(truncation.torch_script(DIGITS, 0.35), tmp_path, monkeypatch)

    model, step, seed, _ = DIGITS
    pictures = engine.truncated(model, step=step, seed=seed, count=SAMPLES, psi=0.35).pictures
    assert_same(drawn["mnist-dcgan-seed-11-truncated-0.35"], sheet.lay_out(pictures, scale=2, gap=truncation.GAP))
    assert named_in(truncation.again_html(DIGITS, 3, 0.35)) == SAMPLE | {"psi"}


def test_where_a_generator_looks(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fashion, place = Selected("sagan-fashion", 10_000, 11, 2), (0.3, 0.8)
    (drawn,) = drawn_by(reproduce.attention_script(fashion, place), tmp_path, monkeypatch).values()

    picture = engine.attention(fashion.model, step=fashion.step, seed=11, index=2, place=place)
    scale = sheet.scale_to(picture, attention.SIDE)
    assert_same(drawn, attention.marked(sheet.lay_out([picture], scale=scale), place))
    assert named_in(attention.again_html(fashion, 5, place)) == SAMPLE | {"place"}


def test_a_sample_of_a_larger_sheet_has_a_link_that_names_the_sheet():
    assert "held=40&side=8" in reproduce.of_sample("attention", DIGITS._replace(position=39))


@pytest.mark.parametrize("flag", [3, None], ids=["flag", "own picture"])
def test_a_translation(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: int | None):
    there, back = engine.translators()
    picture = flags.flags(there.source)[flag or 0].resize((100, 70))
    picture.save(tmp_path / "picture.jpg")
    with Image.open(tmp_path / "picture.jpg") as brought:
        sent = brought.copy() if flag is None else flags.flags(there.source)[flag]

    drawn = drawn_by(translate.torch_script(there, back, 4, flag), tmp_path, monkeypatch)

    done = engine.translate(sent, model=there.name, step=there.steps[4])
    assert_same(drawn["there"], translate.enlarged(done.there))
    assert_same(drawn["back"], translate.enlarged(done.back))
    html = translate.again_html(there, back, 4, flag)
    assert named_in(html) == {"tab", "way", "snapshot", "section"} | ({"flag"} if flag else set())
    assert ("stays private" in html) is (flag is None)


def test_a_battle(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    steps = {"mnist-dcgan": 20_000, "mnist-control": 2_000}
    text = reproduce.pair_script(steps, 11, count=SAMPLES, side=battle.CELL, gap=battle.GAP)
    drawn = drawn_by(text, tmp_path, monkeypatch)

    for model, step in steps.items():
        pictures = engine.sample(model, step=step, seed=11, count=SAMPLES).pictures
        assert_same(drawn[f"{model}-seed-11-step-{step}"], sheet.lay_out(pictures, scale=2, gap=battle.GAP))
    assert named_in(battle.again_html(("mnist-dcgan", "mnist-control"), [1, 2], 11)) == {"tab", "battle", "section"}


def test_a_link_names_a_battle():
    models = [scored for name in ("mnist-dcgan", "mnist-control") if (scored := battle.read(name))]
    assert battle.asked_for("mnist-dcgan,mnist-control,7", models) == (("mnist-dcgan", "mnist-control"), 7)
    for text in ("", "mnist-dcgan", "mnist-dcgan,nobody,7", "mnist-dcgan,mnist-dcgan,7"):
        with pytest.raises(ValueError, match="two generators that have a battle"):
            battle.asked_for(text, models)
    with pytest.raises(ValueError, match="a whole number"):
        battle.asked_for("mnist-dcgan,mnist-control", models)


def test_blended_labels(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (info,) = (info for info in engine.generators() if info.name == "painted-eyes")
    eyes, mix = Selected(info.name, info.steps[-1], 11, 2), (info.labels, "blue", "brown", 35)
    (drawn,) = drawn_by(blend.torch_script(eyes, *mix), tmp_path, monkeypatch).values()

    shares = blend.shares(*mix)
    pictures = engine.blend(info.name, step=eyes.step, seed=11, count=blend.SAMPLES, shares=shares).pictures
    scale = sheet.scale_to(pictures[0], blend.CELL)
    assert_same(drawn, sheet.lay_out(pictures, scale=scale, gap=blend.GAP))
    assert named_in(blend.again_html(eyes, 0, *mix)) == SAMPLE | {"first", "second", "share"}


@pytest.mark.parametrize("was_clicked", [False, True], ids=["held", "clicked"])
def test_samples_like_another(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was_clicked: bool):
    model, step, seed, position = DIGITS
    z = engine.latent(model, seed=99 if was_clicked else seed, index=position)
    clicked = z if was_clicked else None
    (drawn,) = drawn_by(alike.torch_script(DIGITS, clicked, 0.4, 5), tmp_path, monkeypatch).values()

    pictures = engine.alike(model, step=step, z=z, count=alike.COUNT, spread=0.4, seed=5).pictures
    assert_same(drawn, sheet.lay_out(pictures, scale=2, gap=alike.GAP))
    link = named_in(alike.again_html(DIGITS, 3, clicked, 0.4, 5))
    assert link == SAMPLE | {"spread", "roll"} | ({"around"} if was_clicked else set())
    assert alike.numbers_of(points.from_numbers(z).text) == z


@pytest.mark.parametrize("text", ["", "42:1", "z:!", "z:" + "A" * 10_000])
def test_a_link_gives_a_point_by_its_numbers(text: str):
    with pytest.raises(ValueError, match="a point by its numbers"):
        alike.numbers_of(text)


def test_the_nearest_picture(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    digit = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(digit).line([(20, 12), (44, 12), (28, 52)], fill="black", width=7)
    digit.save(tmp_path / "picture.jpg")
    with Image.open(tmp_path / "picture.jpg") as picture:
        *_, projection = engine.project(DIGITS.model, step=DIGITS.step, picture=picture.convert("RGB"))

    drawn = drawn_by(reproduce.projection_script(DIGITS.model, DIGITS.step), tmp_path, monkeypatch)

    assert_same(drawn["nearest"], projection.picture)
    assert named_in(project.again_html(DIGITS, 3, projection)) == {"tab", "model", "step", "seed", "point", "section"}


def test_a_film(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seeds = film.seeds_of(4_294_967_295, 2)
    assert seeds == [4_294_967_295, 0]
    stops = [engine.latent(DIGITS.model, seed=seed, index=2) for seed in seeds]
    film.write(
        engine.round_walk(DIGITS.model, step=DIGITS.step, stops=stops, frames=film.SECONDS * film.RATES["gif"]),
        tmp_path / "page.gif",
        "gif",
        {},
    )

    drawn_by(reproduce.film_script(DIGITS.model, DIGITS.step, 2, seeds, "gif"), tmp_path, monkeypatch)

    with Image.open(tmp_path / "walk.gif") as drawn, Image.open(tmp_path / "page.gif") as expected:
        pairs = zip(ImageSequence.Iterator(drawn), ImageSequence.Iterator(expected), strict=True)
        for own, on_page in pairs:
            assert_same(own, on_page)
    assert named_in(film.again_html(DIGITS, 3, 2, "gif")) == SAMPLE | {"stops", "kind"}


def test_a_walk(engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    drawn = drawn_by(reproduce.walk_script(DIGITS, 6, count=3, side=walk.SIDE), tmp_path, monkeypatch)

    assert len(drawn) == 6
    for way in ("slerp", "lerp"):
        on_page = engine.walk(DIGITS.model, step=DIGITS.step, seed=DIGITS.seed, ends=(2, 6), count=3, way=way)
        for i, point in enumerate(on_page):
            assert_same(drawn[f"{way}-{i}"], sheet.lay_out([point.picture], scale=2))
    assert named_in(walk.again_html(DIGITS, 3, 6)) == SAMPLE | {"walk"}
