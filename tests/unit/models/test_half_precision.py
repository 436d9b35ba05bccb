"""Storing kernels in half precision does not show in the pictures."""

import pytest
import torch

from assets.samples import ASSETS
from models import checkpoint
from models.gan.dcgan import Generator
from models.hub import loading
from models.style import adain, loss
from models.style.adain import Decoder
from models.style.options import Weights
from models.style.terms import Style
from models.style.vgg import VGG19
from training import weights_folder
from training.import_pretrained import decoder_state, square, vgg19_state

LEVEL = 1 / 255


@pytest.fixture(scope="module")
def full() -> tuple[VGG19, Decoder]:
    encoder, decoder = VGG19(), Decoder()
    encoder.load_state_dict(vgg19_state())
    decoder.load_state_dict(decoder_state())
    return encoder.requires_grad_(False), decoder.requires_grad_(False)


@pytest.mark.parametrize(("content", "style"), [("coffee", "irises"), ("astronaut", "wheat-field")])
def test_stylised_pictures_differ_by_at_most_two_levels(full: tuple[VGG19, Decoder], content: str, style: str):
    photo, painting = square(ASSETS / f"photos/{content}.jpg", 160), square(ASSETS / f"paintings/{style}.jpg", 160)
    half = loading.load("vgg19", source="bundled"), loading.load("adain-decoder", source="bundled")

    expected, actual = (
        adain.restyle(encoder, decoder, photo, adain.style_moments(encoder, painting))
        for encoder, decoder in (full, half)
    )

    assert expected.std() > 0.05, "the two must be compared on a real picture"
    assert 0 < (actual - expected).abs().max() <= 2 * LEVEL


def test_vectors_stay_in_full_precision():
    """Among them statistics and biases that half precision would turn into infinity and zero."""
    generator = Generator(z_dim=4, width=2, size=8).eval()
    state = generator.state_dict()
    state["layers.1.running_var"].fill_(1e5)
    state["layers.1.running_mean"].fill_(1e-9)

    halved = weights_folder.halve(state)

    assert torch.equal(halved["layers.1.running_var"], state["layers.1.running_var"])
    assert torch.equal(halved["layers.1.running_mean"], state["layers.1.running_mean"])
    assert halved["layers.0.weight"].dtype == torch.float16
    assert halved["layers.1.num_batches_tracked"].dtype == torch.int64


def test_a_kernel_too_large_for_half_precision_is_refused():
    with pytest.raises(ValueError, match=r"kernel does not fit half precision: its largest number is 70000"):
        weights_folder.halve({"kernel": torch.full((2, 2), 7e4)})


def test_the_stored_type_and_the_computing_type_are_independent():
    path = loading.locate("adain-decoder", source="bundled").path
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        decoder = checkpoint.load(Decoder, {}, path, dtype=dtype)
        assert {p.dtype for p in decoder.parameters()} == {dtype}


def test_half_precision_arithmetic_does_not_show():
    """What CUDA does: float16 products. PSNR of at least 40 dB is a difference that nobody sees."""
    encoder, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    photo, painting = (square(ASSETS / path, 64) for path in ("photos/coffee.jpg", "paintings/irises.jpg"))
    results = []
    for half in (False, True):
        with torch.inference_mode(), torch.autocast("cpu", torch.float16, enabled=half):
            style = adain.moments(adain.encode(encoder, painting).float())
            features = adain.encode(encoder, photo).float()
            results.append(adain.decode(decoder, features, style, strength=1.0).float().clamp(0, 1))
    noise = (results[0] - results[1]).square().mean()
    assert noise > 0
    assert 10 * torch.log10(1 / noise) >= 40


def test_a_painting_s_loss_in_bfloat16_is_within_one_percent(monkeypatch: pytest.MonkeyPatch):
    """What a processor with bfloat16 units, or a GPU, measures paintings by."""
    encoder = loading.load("vgg19")
    photo, painting, other = (
        square(ASSETS / f"{path}.jpg", 64) for path in ("photos/coffee", "paintings/irises", "photos/astronaut")
    )
    measured = []
    for half in (False, True):
        monkeypatch.setattr(
            loss, "training_autocast", lambda _, half=half: torch.autocast("cpu", torch.bfloat16, enabled=half)
        )
        objective = loss.Objective(encoder, photo, [Style(painting)], weights=Weights())
        measured.append(objective.gradient(other))
        exact = loss.Objective(encoder, photo, [Style(painting)], weights=Weights(), exact=True)
        assert exact(other).total == measured[0][0].total
    (losses, slope), (half_losses, half_slope) = measured
    assert losses.total != half_losses.total
    for full, halved in zip(losses, half_losses, strict=True):
        assert float(halved) == pytest.approx(float(full), rel=0.01)
    assert slope is not None
    assert half_slope is not None
    assert torch.cosine_similarity(half_slope.flatten(), slope.flatten(), dim=0) > 0.98
