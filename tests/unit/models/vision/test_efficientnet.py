"""EfficientNet-Lite0 gives the numbers of its package, and its maps add up to its logits."""

import pytest
import torch
from PIL import Image

from assets import sight
from media import images
from models.hub import loading
from models.vision import efficientnet
from models.vision.efficientnet import EfficientNetLite0
from training import import_classifier


@pytest.fixture(scope="module")
def network() -> EfficientNetLite0:
    return loading.load("efficientnet-lite0", source="bundled")


@pytest.fixture(scope="module")
def photos() -> dict[str, Image.Image]:
    return {sample.name: images.read(sample.path) for sample in sight.photos()}


@torch.inference_mode()
def test_it_equals_the_package_on_the_sample_photos(network: EfficientNetLite0, photos: dict[str, Image.Image]):
    reference, full = import_classifier.reference(), EfficientNetLite0().eval()
    full.load_state_dict(import_classifier.state())
    prepare = import_classifier.reference_input()

    for name, photo in photos.items():
        expected = reference(prepare(photo)[None])
        assert torch.allclose(full(prepare(photo)[None]), expected, atol=2e-3), name
        apart = (network(efficientnet.prepare(photo)).softmax(1) - expected.softmax(1)).abs().max()
        assert apart < 0.01, f"{name}: half precision moves a probability by {apart:.3f}"


@torch.inference_mode()
def test_a_class_s_map_and_its_constant_make_its_logit(network: EfficientNetLite0, photos: dict[str, Image.Image]):
    pixels = efficientnet.prepare(photos["dogs"])
    kind = int(network(pixels).argmax())

    levels = efficientnet.activation_map(network, network.features(pixels), kind)

    assert levels.shape == (7, 7)
    assert torch.allclose(levels.mean() + network.head.bias[kind], network(pixels)[0, kind], atol=1e-3)
    assert levels.std() > 0.5, "a map without differences would explain nothing"


def test_the_middle_is_a_square_inside_of_the_picture():
    assert efficientnet.middle((256, 256)) == (16, 16, 240, 240)
    assert efficientnet.middle((512, 256)) == (144, 16, 368, 240)
