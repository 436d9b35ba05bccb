"""A self-attending generator from the weights folder is sampled like every other, and shows where it looks."""

import functools
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from models.gan import sagan
from models.hub import loading, manifest
from serving.local import LocalEngine, sampling
from serving.local.sampling import faded
from training import weights_folder


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEngine]:
    """An engine whose manifest has the bundled default and a small SAGAN."""
    torch.manual_seed(0)
    network = sagan.Generator(z_dim=12, width=8, channels=3, size=32)
    about = weights_folder.About("Small SAGAN", "a test's", "mit", "none", "Small.")
    weights_folder.write(
        "small-sagan", network, {0: network.state_dict(), 5: network.state_dict()}, about, folder=tmp_path
    )
    entries = {sampling.DEFAULT: manifest.read()[sampling.DEFAULT], **manifest.read(tmp_path)}
    bundled = SimpleNamespace(entries=lambda: entries, load=functools.partial(loading.load, folder=tmp_path))
    monkeypatch.setattr(sampling, "loading", bundled)
    sampling.bundled.cache_clear()
    yield LocalEngine()
    sampling.bundled.cache_clear()


def test_a_sagan_is_offered_and_drawn_in_colour(engine: LocalEngine):
    default, small = engine.generators()
    assert (small.name, small.z_dim, small.size, small.steps, small.attends) == ("small-sagan", 12, 32, (0, 5), True)
    assert not default.attends
    drawn = engine.sample("small-sagan", step=5, seed=0, count=2).pictures
    assert [(picture.mode, picture.size) for picture in drawn] == [("RGB", (32, 32))] * 2
    assert sorted(engine.influential("small-sagan", count=12)) == list(range(12))


def test_each_place_looks_elsewhere(engine: LocalEngine):
    pictures = {
        engine.attention("small-sagan", step=5, seed=0, index=1, place=place).tobytes()
        for place in ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))
    }
    assert len(pictures) == 3


def test_what_is_looked_at_stays_and_the_rest_fades():
    shares = torch.zeros(4, 4)
    shares[0, 0] = 1.0
    pixels = np.asarray(faded(Image.new("RGB", (32, 32), "red"), shares))
    assert tuple(pixels[0, 0]) == (255, 0, 0)
    assert tuple(pixels[-1, -1]) == (153, 102, 102)  # a fifth red, the rest grey
