"""The pair of digit classifiers: as stored, one cares where a digit is and the other hardly does."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from assets import digits
from models.hub import loading, manifest
from models.vision.shift_pair import REACH, SIDE, STRIDE, ConvolutionalClassifier, ShiftPair, accuracies, on_canvas
from training import shift_pair


@pytest.fixture(scope="module")
def pair() -> ShiftPair:
    network = loading.load("shift-pair", source="bundled")
    assert isinstance(network, ShiftPair)
    return network


@pytest.fixture(scope="module")
def ten() -> torch.Tensor:
    """The ten digits of the page, `(10, 1, 28, 28)`."""
    with Image.open(digits.FILE) as strip:
        pixels = torch.from_numpy(np.array(strip)).float() / 255
    return torch.stack(pixels.split(digits.SIDE, dim=1))[:, None]


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    return json.loads((manifest.FOLDER / "shift-pair" / "places.json").read_text())["classifiers"]


def test_both_know_the_digits_of_the_page_in_the_centre(pair: ShiftPair, ten: torch.Tensor):
    for logits in pair(on_canvas(ten)):
        assert (logits.argmax(dim=1) == torch.arange(10)).sum() >= 9


def test_moved_to_the_corner_only_the_convolutional_one_knows_them(pair: ShiftPair, ten: torch.Tensor):
    dense, convolutional = (
        (logits.argmax(dim=1) == torch.arange(10)).sum() for logits in pair(on_canvas(ten, right=REACH, down=-REACH))
    )

    assert dense <= 5
    assert convolutional >= 8


def test_a_move_by_the_stride_changes_nothing_and_by_a_pixel_little(pair: ShiftPair, ten: torch.Tensor):
    centred, by_stride, by_pixel = (pair(on_canvas(ten, right=right))[1].softmax(dim=1) for right in (0, STRIDE, 1))

    torch.testing.assert_close(by_stride, centred, rtol=0, atol=1e-5)
    assert (by_pixel - centred).abs().max() > 1e-3, "the poolings are not exact for one pixel"


def test_the_two_are_equally_good_in_the_centre(measured: dict[str, dict]):
    assert abs(measured["dense"]["in_the_centre"] - measured["convolutional"]["in_the_centre"]) <= 0.005
    assert measured["dense"]["in_the_centre"] > 0.97


def test_elsewhere_they_are_not_and_the_pooling_is_the_reason(measured: dict[str, dict]):
    assert measured["dense"]["mean_over_places"] < 0.6
    assert measured["convolutional"]["worst_place"] > 0.9
    assert measured["unpooled"]["mean_over_places"] < measured["convolutional"]["mean_over_places"] - 0.2


def test_the_file_is_small():
    assert (manifest.FOLDER / "shift-pair" / "model.safetensors").stat().st_size <= 600_000


def test_a_digit_keeps_its_ink_wherever_it_is_put(ten: torch.Tensor):
    for right, down in ((0, 0), (REACH, -REACH), (-REACH, 3)):
        canvases = on_canvas(ten, right=right, down=down)
        assert canvases.shape == (10, 1, SIDE, SIDE)
        torch.testing.assert_close(canvases.sum(dim=(1, 2, 3)), ten.sum(dim=(1, 2, 3)))
    with pytest.raises(ValueError, match=r"10 pixels at most, not by \(11, 0\)"):
        on_canvas(ten, right=REACH + 1)


def test_a_map_has_a_share_for_each_place():
    class LeftHalf(nn.Module):
        """Takes everything for a 1 whose ink is in the left half, else for a 0."""

        def forward(self, canvases: torch.Tensor) -> torch.Tensor:
            left = (canvases[..., : SIDE // 2].sum(dim=(1, 2, 3)) > 0).float()
            return torch.stack([0.5 * torch.ones_like(left), left], dim=1)

    dot = torch.zeros(2, 1, 28, 28)
    dot[:, :, 14, 14] = 1  # in the centred canvas at column 24, the first of the right half

    shares = accuracies(LeftHalf(), dot, torch.tensor([1, 0]))

    assert np.shape(shares) == (2 * REACH + 1, 2 * REACH + 1)
    assert {share for row in shares for share in row} == {0.5}
    assert accuracies(LeftHalf(), dot[:1], torch.tensor([1]))[0] == [1.0] * REACH + [0.0] * (REACH + 1)


def test_training_learns_and_writes_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two classes that a single stroke tells apart."""
    monkeypatch.setitem(shift_pair.PLANS, "convolutional", (30, 1e-2, 0.0, 0.0))
    monkeypatch.setattr(shift_pair, "BATCH", 8)
    pictures = torch.zeros(16, 1, 28, 28)
    pictures[:8, :, 8:20, 14] = 1
    pictures[8:, :, 14, 8:20] = 1
    labels = torch.tensor([0] * 8 + [1] * 8)
    torch.manual_seed(0)
    small = ShiftPair(hidden=8, width=2, features=4)

    shift_pair.train("convolutional", small.convolutional, pictures, labels)
    folder = shift_pair.write(
        small, ConvolutionalClassifier(2, 4, pool=False), pictures[::4], labels[::4], folder=tmp_path
    )

    report = json.loads((folder / "places.json").read_text())
    assert report["classifiers"]["convolutional"]["in_the_centre"] == 1
    assert report["mapped_digits"] == 4
    assert np.shape(report["classifiers"]["dense"]["places"]) == (21, 21)
    assert "100.00%" in (folder / "README.md").read_text()
