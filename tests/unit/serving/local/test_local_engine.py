"""The engine of this process keeps the promises of `serving.engine.Engine`, with the bundled weights."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assets import samples
from media import images
from models.gan import latent
from models.hub import loading
from models.style import adain
from serving.engine.errors import EngineError
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine, sampling

MODEL = "mnist-dcgan"
LAST = 20_000


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return images.read(samples.photos()[1].path, max_side=192)


@pytest.fixture(scope="module")
def painting() -> Image.Image:
    return images.read(samples.paintings()[0].path, max_side=96)


def difference(a: Image.Image, b: Image.Image) -> float:
    return float(np.abs(np.asarray(a, dtype=float) - np.asarray(b, dtype=float)).mean())


def restyle(engine: LocalEngine, photo: Image.Image, painting: Image.Image, *, strength: float, side: int):
    return engine.restyled(photo, [painting], RestyleSettings(strength=strength, side=side, network="adain")).after


def test_the_default_generator_describes_itself(engine: LocalEngine):
    info = engine.generators()[0]
    assert (info.name, info.size, info.z_dim, info.steps[0], info.steps[-1]) == (MODEL, 32, 24, 0, LAST)
    assert list(info.steps) == sorted(set(info.steps))


def test_a_generator_says_how_large_its_file_for_a_browser_is(engine: LocalEngine):
    for info in engine.generators():
        if info.in_browser:
            assert len(engine.browser_file(info.name, step=info.steps[-1])) == pytest.approx(
                info.browser_bytes, rel=0.02
            )
        else:
            with pytest.raises(EngineError, match="does not run in a browser"):
                engine.browser_file(info.name, step=info.steps[-1])


@pytest.mark.parametrize("step", [0, 1_000, LAST])
def test_the_same_seed_gives_the_same_pictures_on_any_engine(engine: LocalEngine, step: int):
    first = engine.sample(MODEL, step=step, seed=42, count=16)
    assert first == LocalEngine().sample(MODEL, step=step, seed=42, count=16)
    assert [(p.mode, p.size) for p in first.pictures] == [("L", (32, 32))] * 16
    assert len({p.tobytes() for p in first.pictures}) == 16
    assert first != engine.sample(MODEL, step=step, seed=43, count=16)


def test_trained_samples_are_ink_on_paper(engine: LocalEngine):
    for picture in engine.sample(MODEL, step=LAST, seed=0, count=16).pictures:
        levels = np.asarray(picture)
        assert levels.min() < 64
        assert np.median(levels) > 240


def test_snapshots_draw_the_same_z_differently(engine: LocalEngine):
    steps = engine.generators()[0].steps
    assert len({engine.sample(MODEL, step=step, seed=1, count=1).pictures[0].tobytes() for step in steps}) == len(steps)


@pytest.mark.parametrize("index", [0, 7, 15])
def test_a_sample_with_nothing_moved_is_the_one_on_the_sheet(engine: LocalEngine, index: int):
    sheet = engine.sample(MODEL, step=LAST, seed=42, count=16).pictures
    alone = engine.move(MODEL, step=LAST, seed=42, index=index, moved={})
    apart = np.abs(np.asarray(alone, dtype=int) - np.asarray(sheet[index], dtype=int))
    assert apart.max() <= 1  # a batch of 16 and a batch of one may round differently


def test_moving_z_changes_the_picture_and_moving_it_back_does_not(engine: LocalEngine):
    i, own = engine.influential(MODEL, count=1)[0], engine.latent(MODEL, seed=42, index=3)
    still = engine.move(MODEL, step=LAST, seed=42, index=3, moved={})
    assert engine.move(MODEL, step=LAST, seed=42, index=3, moved={i: own[i]}) == still
    assert (
        difference(engine.move(MODEL, step=LAST, seed=42, index=3, moved={i: -4.0 if own[i] > 0 else 4.0}), still) > 2
    )


def test_the_latent_is_the_one_that_was_drawn(engine: LocalEngine):
    z = engine.latent(MODEL, seed=9, index=5)
    assert z == latent.sample_z(9, 16, 24)[5].tolist()
    assert tuple(z) == engine.sample(MODEL, step=LAST, seed=9, count=16).z[5]


@pytest.mark.parametrize("way", ["slerp", "lerp"])
def test_a_walk_leads_from_one_sample_to_another(engine: LocalEngine, way: str):
    sheet = engine.sample(MODEL, step=LAST, seed=42, count=16).pictures
    walked = engine.walk(MODEL, step=LAST, seed=42, ends=(2, 9), count=7, way=way)
    assert len(walked) == 7
    assert difference(walked[0].picture, sheet[2]) <= 1
    assert difference(walked[-1].picture, sheet[9]) <= 1
    assert len({waypoint.picture.tobytes() for waypoint in walked}) == 7


def test_the_way_round_keeps_z_long_and_the_straight_way_does_not(engine: LocalEngine):
    lengths = {
        way: [waypoint.length for waypoint in engine.walk(MODEL, step=LAST, seed=42, ends=(2, 9), count=7, way=way)]
        for way in ("slerp", "lerp")
    }
    assert lengths["slerp"][0] == lengths["lerp"][0]
    assert min(lengths["slerp"]) >= min(lengths["slerp"][0], lengths["slerp"][-1]) - 1e-3
    assert lengths["lerp"][3] < 0.85 * lengths["slerp"][3]


def test_only_what_attends_shows_attention(engine: LocalEngine):
    with pytest.raises(EngineError, match="DCGAN on MNIST has no attention to show"):
        engine.attention(MODEL, step=LAST, seed=0, index=0, place=(0.5, 0.5))


def test_every_generator_samples_moves_and_walks_at_every_snapshot(engine: LocalEngine):
    for info in engine.generators():
        for step in info.steps:
            samples = engine.sample(info.name, step=step, seed=3, count=2)
            moved = engine.move(info.name, step=step, seed=3, index=1, moved={info.z_dim - 1: 4.0})
            walked = engine.walk(info.name, step=step, seed=3, ends=(0, 1), count=3, way="slerp")
            pictures = [*samples.pictures, moved, *(point.picture for point in walked)]
            assert {picture.size for picture in pictures} == {(info.size, info.size)}, (info.name, step)
            assert [len(z) for z in samples.z] == [info.z_dim] * 2


def test_the_written_directions_are_those_that_are_found_today(engine: LocalEngine):
    written = torch.tensor(engine.directions(MODEL, count=6))

    fresh = sampling.principal(MODEL, LAST)[:6]

    assert (written * fresh).sum(dim=1).tolist() == pytest.approx([1] * 6, abs=1e-3)


def test_directions_that_were_written_for_other_weights_are_found_anew(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = engine.directions(MODEL, count=2)
    (tmp_path / "principal.json").write_text(json.dumps({"sha256": "0" * 64, "vectors": [[1.0] * 24] * 24}))
    monkeypatch.setattr(sampling, "PRINCIPAL", str(tmp_path / "principal.json"))
    sampling._directions.cache_clear()

    again = engine.directions(MODEL, count=2)

    sampling._directions.cache_clear()
    assert again == [pytest.approx(vector, abs=0.01) for vector in before]


def test_influential_numbers_are_distinct_and_a_prefix_of_each_other(engine: LocalEngine):
    every = engine.influential(MODEL, count=24)
    assert sorted(every) == list(range(24))
    assert engine.influential(MODEL, count=4) == every[:4]


REFUSED: dict[str, tuple[Callable[[LocalEngine], object], str]] = {
    "sample of an unknown model": (
        lambda e: e.sample("stylegan", step=0, seed=0, count=1),
        "no generator 'stylegan'; there are: mnist-dcgan",
    ),
    "latent of an unknown model": (lambda e: e.latent("stylegan", seed=0, index=0), "no generator 'stylegan'"),
    "influential of an unknown model": (lambda e: e.influential("stylegan", count=1), "no generator 'stylegan'"),
    "sample after an unknown step": (
        lambda e: e.sample(MODEL, step=1234, seed=0, count=1),
        "no snapshot after 1,234 steps; there are: 0, 500, .*20,000",
    ),
    "move after an unknown step": (
        lambda e: e.move(MODEL, step=7, seed=0, index=0, moved={}),
        "no snapshot after 7 steps",
    ),
    "z index too high": (
        lambda e: e.move(MODEL, step=LAST, seed=0, index=0, moved={24: 0.0}),
        "z_0 to z_23; there is no z_24",
    ),
    "z index negative": (lambda e: e.move(MODEL, step=LAST, seed=0, index=0, moved={-1: 0.0}), "there is no z_-1"),
    "z too large": (
        lambda e: e.move(MODEL, step=LAST, seed=0, index=0, moved={0: 4.01}),
        "z_0 must lie between -4 and 4, got 4.01",
    ),
    "z not a number": (
        lambda e: e.move(MODEL, step=LAST, seed=0, index=0, moved={0: float("nan")}),
        "must lie between -4 and 4, got nan",
    ),
}


@pytest.mark.parametrize(("request_", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_cannot_be_answered_says_why(
    engine: LocalEngine, request_: Callable[[LocalEngine], object], reason: str
):
    with pytest.raises(EngineError, match=reason):
        request_(engine)


@pytest.mark.parametrize("size", [(123, 77), (64, 96), (17, 33), (16, 16)])
def test_a_restyled_picture_has_the_size_of_the_photo(
    engine: LocalEngine, photo: Image.Image, painting: Image.Image, size: tuple[int, int]
):
    restyled = restyle(engine, photo.resize(size), painting, strength=1.0, side=128)
    assert (restyled.mode, restyled.size) == ("RGB", size)


def test_a_larger_photo_is_scaled_down_to_the_side(engine: LocalEngine, painting: Image.Image):
    restyled = restyle(engine, Image.new("RGB", (246, 154), "teal"), painting, strength=1.0, side=123)
    assert restyled.size == (123, 77)


def test_strength_leads_from_the_photo_to_the_painting(engine: LocalEngine, photo: Image.Image, painting: Image.Image):
    none, half, full = (restyle(engine, photo, painting, strength=s, side=192) for s in (0.0, 0.5, 1.0))
    assert difference(none, photo) < difference(half, photo) < difference(full, photo)
    assert difference(none, full) > 10


def test_restyling_again_gives_the_same_picture(engine: LocalEngine, photo: Image.Image, painting: Image.Image):
    again = restyle(LocalEngine(), photo.copy(), painting.copy(), strength=0.7, side=96)
    assert again == restyle(engine, photo, painting, strength=0.7, side=96)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The size of each picture that the encoder has seen."""
    sizes: list[tuple[int, ...]] = []

    def counted(encoder, pictures, encode=adain.encode):
        sizes.append(tuple(pictures.shape[-2:]))
        return encode(encoder, pictures)

    monkeypatch.setattr(adain, "encode", counted)
    return sizes


def test_a_new_strength_encodes_nothing_again(
    encoded: list[tuple[int, ...]], photo: Image.Image, painting: Image.Image
):
    engine = LocalEngine()
    for strength in (0.0, 0.5, 1.0):
        restyle(engine, photo, painting, strength=strength, side=96)
    assert sorted(encoded) == sorted(images.fit(p, 96).size[::-1] for p in (photo, painting))


def test_a_new_photo_encodes_the_style_no_second_time(
    encoded: list[tuple[int, ...]], photo: Image.Image, painting: Image.Image
):
    engine = LocalEngine()
    restyle(engine, photo, painting, strength=1.0, side=96)
    encoded.clear()
    restyle(engine, photo.resize((40, 32)), painting, strength=1.0, side=96)
    assert encoded == [(32, 40)]


def test_pictures_with_the_same_bytes_but_another_shape_are_told_apart(engine: LocalEngine, painting: Image.Image):
    wide, tall = Image.new("RGB", (64, 32), "teal"), Image.new("RGB", (32, 64), "teal")
    assert wide.tobytes() == tall.tobytes()
    restyled = [restyle(engine, picture, painting, strength=1.0, side=96).size for picture in (wide, tall)]
    assert restyled == [(64, 32), (32, 64)]


def test_warming_up_loads_all_that_the_first_requests_need(
    engine: LocalEngine, photo: Image.Image, painting: Image.Image, monkeypatch: pytest.MonkeyPatch
):
    engine.warm_up()
    monkeypatch.setattr(loading, "load", None)  # nothing is loaded from here on
    assert engine.sample(MODEL, step=LAST, seed=5, count=1).pictures
    assert engine.influential(MODEL, count=4)
    assert restyle(engine, photo, painting, strength=0.3, side=64).size == images.fit(photo, 64).size
