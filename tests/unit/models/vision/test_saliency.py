"""U²-Netp gives the output of its ONNX original and finds the subject."""

import numpy as np
import onnxruntime
import pytest
import torch

from assets.samples import ASSETS
from models.hub import loading
from models.vision import saliency
from models.vision.saliency import SIDE, U2Netp
from training import import_saliency
from training.import_pretrained import square


@pytest.fixture(scope="module")
def network() -> U2Netp:
    return loading.load("u2netp", source="bundled")


@pytest.fixture(scope="module")
def full() -> U2Netp:
    network = U2Netp().eval().requires_grad_(False)
    network.load_state_dict(import_saliency.state())
    return network


@pytest.fixture(scope="module")
def coffee() -> torch.Tensor:
    return square(ASSETS / "photos/coffee.jpg", SIDE)


def test_it_equals_the_onnx_original(full: U2Netp, coffee: torch.Tensor):
    original = onnxruntime.InferenceSession(import_saliency.original(), providers=["CPUExecutionProvider"])
    normalised = saliency.normalise(coffee)
    expected = original.run(None, {original.get_inputs()[0].name: normalised.numpy()})[0]
    actual = full(normalised).numpy()
    assert expected.max() - expected.min() > 0.5, "the two must be compared on a picture with a subject"
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-3)


def test_half_precision_weights_keep_the_mask(full: U2Netp, network: U2Netp, coffee: torch.Tensor):
    apart = (saliency.subject_mask(network, coffee) - saliency.subject_mask(full, coffee)).abs()
    assert 0 < apart.max() <= 0.08  # a pixel on the border of the cup
    assert apart.mean() <= 1e-3


def test_the_subject_is_the_astronaut(network: U2Netp):
    mask = saliency.subject_mask(network, square(ASSETS / "photos/astronaut.jpg", 200))[0, 0]
    assert mask.shape == (200, 200)
    assert (float(mask.min()), float(mask.max())) == pytest.approx((0, 1), abs=0.02)
    assert mask[60:140, 60:120].mean() > 0.8  # her face and suit
    assert mask[:40, 150:].mean() < 0.5


@pytest.mark.parametrize("size", [(40, 333), (333, 40), (97, 64)])
def test_a_mask_has_the_size_of_its_picture(network: U2Netp, size: tuple[int, int]):
    pictures = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    mask = saliency.subject_mask(network, pictures)
    assert mask.shape == (2, 1, *size)
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_a_black_picture_stays_finite(network: U2Netp):
    assert saliency.subject_mask(network, torch.zeros(1, 3, 32, 32)).isfinite().all()
