"""Training the light style network, for a few steps on a few squares."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from assets.samples import ASSETS
from models.gan.training import spectral
from models.hub import loading
from models.style import adain, light
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.vgg import VGG19
from training.light import pairs as light_pairs
from training.light import pictures, thinning
from training.light.pairs import PAINTING_SIDE, PHOTO_SIDE, Pairs
from training.light.run import LightRun
from training.light.settings import Settings

SETTINGS = Settings(steps=4, batch=2, warm=1, thinned=2)


def wide() -> tuple[VGG19, Decoder]:
    vgg, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    assert isinstance(vgg, VGG19)
    assert isinstance(decoder, Decoder)
    return vgg, decoder


@pytest.fixture(scope="module", autouse=True)
def _narrow() -> Iterator[None]:
    """A quarter of the channels, for a sixteenth of the arithmetic."""
    with pytest.MonkeyPatch.context() as patch:
        for half in (light.ENCODER, light.DECODER):
            for name, width in half.items():
                patch.setitem(half, name, max(3, width // 4))
        yield


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    paintings = pictures.read(sorted((ASSETS / "paintings").glob("*.jpg"))[:2])
    photos = pictures.read(sorted((ASSETS / "photos").glob("*.jpg"))[:2])
    return light_pairs.make(paintings, photos, *wide(), count=4)


def run(pairs: Pairs) -> LightRun:
    return LightRun(SETTINGS, LightStyle(), pairs, wide()[0], device=torch.device("cpu"))


def resumed(pairs: Pairs, state: dict[str, Any]) -> LightRun:
    again = run(pairs)
    again.load_state_dict(state)
    return again


def weights(trained: LightRun) -> dict[str, Tensor]:
    *_, last = trained.progress()
    return {name: tensor.clone() for name, tensor in last.weights().items()}


@pytest.fixture(scope="module")
def initial(pairs: Pairs) -> dict[str, Any]:
    """A run before its first step, thinned: the slow part."""
    torch.manual_seed(0)
    started = run(pairs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "POSITIONS", 4_000)
        started.start(wide()[1])
    return copy.deepcopy(started.state_dict())


@pytest.fixture(scope="module")
def uninterrupted(pairs: Pairs, initial: dict[str, Any]) -> dict[str, Tensor]:
    return weights(resumed(pairs, initial))


def test_a_run_repeats_to_the_bit(pairs: Pairs, initial: dict[str, Any], uninterrupted: dict[str, Tensor]):
    again = weights(resumed(pairs, initial))
    assert all(torch.equal(again[name], tensor) for name, tensor in uninterrupted.items())


def test_a_stopped_run_ends_with_the_same_weights(
    pairs: Pairs, initial: dict[str, Any], uninterrupted: dict[str, Tensor]
):
    stopped = resumed(pairs, initial)
    progress = stopped.progress()
    for _ in range(3):
        next(progress)
    continued = resumed(pairs, stopped.state_dict())
    assert continued.step == 2
    ended = weights(continued)
    assert all(torch.equal(ended[name], tensor) for name, tensor in uninterrupted.items())


def test_training_changes_both_halves_of_the_thinned_network(
    pairs: Pairs, initial: dict[str, Any], uninterrupted: dict[str, Tensor]
):
    started = resumed(pairs, initial)
    before = started.now().weights()
    assert all(
        torch.allclose(kernels, before[name], atol=1e-3) for name, kernels in spectral.folded(started.network).items()
    )
    assert set(before) == set(LightStyle().state_dict())
    assert all(
        not torch.equal(before[name], tensor) for name, tensor in uninterrupted.items() if name.endswith("weight")
    )


def test_the_restyled_photos_of_the_pairs_are_adain_s(pairs: Pairs):
    vgg, decoder = wide()
    assert pairs.photos.shape == (4, 3, PHOTO_SIDE, PHOTO_SIDE)
    assert pairs.paintings.shape == (4, 3, PAINTING_SIDE, PAINTING_SIDE)
    photos, paintings, restyled = (part[:1].float() / 255 for part in pairs)
    with torch.inference_mode():
        again = adain.restyle(vgg, decoder, photos, adain.style_moments(vgg, paintings))
    assert (again - restyled).abs().mean() < 3 / 255  # both were rounded to eight bits


def test_no_picture_that_the_app_ships_is_a_training_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Folder:
        def fetch(self) -> Path:
            return tmp_path

    for name in ("436535.jpg", "1.jpg", "left01.jpg", "met-2.jpg"):  # the first is the wheat field
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    monkeypatch.setattr(pictures, "FOLDERS", {Folder(): "*.jpg"})
    painted, others = pictures.fetch()
    assert [path.name for path in painted] == ["met-2.jpg"]
    assert [path.name for path in others] == ["1.jpg"]


def test_squares_have_the_requested_size_and_lie_in_0_to_1():
    random = torch.Generator().manual_seed(0)
    picture = torch.randint(0, 256, (3, 512, 700), generator=random, dtype=torch.uint8)
    for _ in range(8):
        square = pictures.recoloured(pictures.cut(picture, 64, random), random)
        assert square.shape == (1, 3, 64, 64)
        assert square.min() >= 0
        assert square.max() <= 1
