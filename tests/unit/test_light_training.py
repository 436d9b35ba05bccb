"""Training the light style network, for a few steps on small squares."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from models import hub
from models.vgg import VGG19
from training import light_pictures
from training.import_pictures import ASSETS
from training.light import Run, Settings

SETTINGS = Settings(steps=4, side=32, paintings=1, photos=2, warm=1)


def run() -> Run:
    vgg = hub.load("vgg19")
    assert isinstance(vgg, VGG19)
    paintings = light_pictures.read(sorted((ASSETS / "paintings").glob("*.jpg"))[:2])
    photos = light_pictures.read(sorted((ASSETS / "photos").glob("*.jpg"))[:2])
    return Run(SETTINGS, paintings, photos, vgg, device=torch.device("cpu"))


def weights(trained: Run) -> dict[str, Tensor]:
    *_, last = trained.progress()
    return {name: tensor.clone() for name, tensor in last.weights().items()}


@pytest.fixture(scope="module")
def whole() -> dict[str, Tensor]:
    return weights(run())


def test_a_run_repeats_to_the_bit(whole: dict[str, Tensor]):
    again = weights(run())
    assert all(torch.equal(again[name], tensor) for name, tensor in whole.items())


def test_a_run_that_was_stopped_ends_at_the_same_weights(whole: dict[str, Tensor]):
    stopped, resumed = run(), run()
    progress = stopped.progress()
    for _ in range(3):
        next(progress)
    resumed.load_state_dict(stopped.state_dict())
    assert resumed.step == 2
    ended = weights(resumed)
    assert all(torch.equal(ended[name], tensor) for name, tensor in whole.items())


def test_a_step_moves_what_the_network_adds(whole: dict[str, Tensor]):
    assert whole["leave.weight"].abs().max() > 0


def test_no_picture_that_the_app_ships_is_learnt_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Folder:
        def fetch(self) -> Path:
            return tmp_path

    for name in ("436535.jpg", "1.jpg", "left01.jpg", "met-2.jpg"):  # the first is the wheat field
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    monkeypatch.setattr(light_pictures, "FOLDERS", {Folder(): "*.jpg"})
    painted, others = light_pictures.found()
    assert [path.name for path in painted] == ["met-2.jpg"]
    assert [path.name for path in others] == ["1.jpg"]


def test_squares_come_in_the_asked_size_within_range():
    random = torch.Generator().manual_seed(0)
    picture = torch.randint(0, 256, (3, 512, 700), generator=random, dtype=torch.uint8)
    for _ in range(8):
        square = light_pictures.recoloured(light_pictures.cut(picture, 64, random), random)
        assert square.shape == (1, 3, 64, 64)
        assert square.min() >= 0
        assert square.max() <= 1
