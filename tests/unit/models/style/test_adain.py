"""AdaIN moves statistics and nothing else."""

import pytest
import torch

from models.hub import loading
from models.style import adain
from models.style.adain import MIN_SIDE, Decoder, Moments
from models.style.vgg import VGG19


def features(seed: int, *, channels: int = 4, size: int = 8, gain: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    noise = torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(seed))
    return noise * gain + shift


def picture(seed: int, *, height: int = 24, width: int = 24) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def encoder() -> VGG19:
    return loading.load("vgg19")


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return loading.load("adain-decoder")


def test_full_strength_takes_the_style_statistics():
    style = features(1, gain=3.0, shift=5.0)
    restyled = adain.adain(features(0), adain.moments(style))

    expected_std, expected_mean = torch.std_mean(style, dim=(2, 3))
    std, mean = torch.std_mean(restyled, dim=(2, 3))
    torch.testing.assert_close(mean, expected_mean, rtol=0, atol=1e-4)
    torch.testing.assert_close(std, expected_std, rtol=1e-3, atol=0)


def test_zero_strength_changes_nothing():
    content = features(0)
    assert torch.equal(adain.adain(content, adain.moments(features(1, gain=3.0)), strength=0.0), content)


def test_half_strength_lies_half_way():
    content, style = features(0), adain.moments(features(1, gain=3.0, shift=5.0))
    half = adain.adain(content, style, strength=0.5)
    torch.testing.assert_close(half, (content + adain.adain(content, style)) / 2)


def test_a_flat_channel_stays_finite():
    assert adain.adain(torch.zeros(1, 4, 8, 8), adain.moments(features(1))).isfinite().all()


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_the_unit_interval_is_refused(strength: float):
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        adain.adain(features(0), adain.moments(features(1)), strength=strength)


def test_mismatched_channels_are_named():
    with pytest.raises(ValueError, match="4 channels, style has 3"):
        adain.adain(features(0), adain.moments(features(1, channels=3)))


@pytest.mark.parametrize(("height", "width"), [(24, 24), (25, 31), (MIN_SIDE, 40), (33, MIN_SIDE)])
def test_the_result_has_the_size_of_the_content(encoder: VGG19, decoder: Decoder, height: int, width: int):
    style = adain.style_moments(encoder, picture(1, height=17, width=50))
    result = adain.restyle(encoder, decoder, picture(0, height=height, width=width), style)
    assert result.shape == (1, 3, height, width)
    assert result.min() >= 0
    assert result.max() <= 1


def test_too_small_a_picture_is_refused(encoder: VGG19, decoder: Decoder):
    small = picture(0, height=MIN_SIDE - 1)
    with pytest.raises(ValueError, match="at least 9 pixels a side, got 8"):
        adain.style_moments(encoder, small)
    with pytest.raises(ValueError, match="at least 9 pixels a side, got 8"):
        adain.restyle(encoder, decoder, small, adain.style_moments(encoder, picture(1)))


def test_one_style_serves_a_batch_of_contents(encoder: VGG19, decoder: Decoder):
    style = adain.style_moments(encoder, picture(2))
    both = adain.restyle(encoder, decoder, torch.cat([picture(0), picture(1)]), style)
    torch.testing.assert_close(both[1:], adain.restyle(encoder, decoder, picture(1), style), rtol=0, atol=1e-4)


def test_a_dark_style_darkens(encoder: VGG19, decoder: Decoder):
    content = picture(0, height=64, width=64)
    dark, light = (adain.style_moments(encoder, picture(1, height=64, width=64) * 0.2 + shift) for shift in (0, 0.8))
    assert (
        adain.restyle(encoder, decoder, content, dark).mean() < adain.restyle(encoder, decoder, content, light).mean()
    )


def test_moments_move_between_devices():
    moved = Moments(torch.ones(1, 4, 1, 1), torch.ones(1, 4, 1, 1)).to("meta")
    assert {moved.mean.device.type, moved.std.device.type} == {"meta"}


def test_a_library_user_can_restyle_in_half_precision(encoder: VGG19, decoder: Decoder):
    """Under autocast the features are in half precision, and moments from before it are not."""
    style = adain.style_moments(encoder, picture(1))
    with torch.inference_mode():
        expected = adain.restyle(encoder, decoder, picture(0), style, strength=0.7)
        with torch.autocast("cpu", torch.bfloat16):
            actual = adain.restyle(encoder, decoder, picture(0), style, strength=0.7)
    assert actual.dtype == torch.bfloat16
    assert (actual.float() - expected).abs().mean() < 0.01
