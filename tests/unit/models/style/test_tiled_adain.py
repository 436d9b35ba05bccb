"""A picture painted in tiles is the picture painted whole, by AdaIN and by the light network."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from assets.samples import ASSETS
from models.hub import loading
from models.style import adain, light, tiled_adain
from models.style.adain import Decoder, Moments
from models.style.light import LightStyle
from models.style.vgg import VGG19
from training.import_pretrained import square

SIDE = 10  # features: small tiles, many seams


class Halves(NamedTuple):
    """Either way to restyle in one pass."""

    channels: int
    encode: Callable[[Tensor], Tensor]
    decode: Callable[[Tensor], Tensor]

    def whole(self, photo: Tensor, style: Moments) -> Tensor:
        """Painted at once."""
        painted = self.decode(adain.adain(self.encode(photo), style)).clamp(0, 1)
        return painted[..., : photo.shape[-2], : photo.shape[-1]]

    def tiled(self, photo: Tensor, style: Moments) -> Tensor:
        """Painted tile by tile."""
        features, picture = tiled_adain.empty_features(photo, channels=self.channels), torch.empty_like(photo)
        list(tiled_adain.encoded(self.encode, photo, features=features, side=SIDE))
        steps = tiled_adain.painted(
            lambda tile, own, _: self.decode(adain.adain(tile, style, own=own)).clamp(0, 1),
            features,
            picture=picture,
            side=SIDE,
        )
        assert len(list(steps)) == 9
        return picture


@pytest.fixture(scope="module", params=["light", "adain"])
def halves(request: pytest.FixtureRequest) -> Halves:
    if request.param == "light":
        network = loading.load("light-style")
        assert isinstance(network, LightStyle)
        return Halves(light.FEATURES, network.encode, network.decode)
    encoder, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    assert isinstance(encoder, VGG19)
    assert isinstance(decoder, Decoder)
    return Halves(512, lambda pictures: adain.encode(encoder, pictures), decoder)


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return square(ASSETS / "photos/coffee.jpg", 212)[..., :173]  # neither side is a multiple of 8


@pytest.fixture(scope="module")
def both(halves: Halves, photo: Tensor) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        style = adain.moments(halves.encode(square(ASSETS / "paintings/irises.jpg", 96)))
        return halves.whole(photo, style), halves.tiled(photo, style)


def test_tiles_differ_from_the_whole_by_rounding_only(both: tuple[Tensor, Tensor]):
    whole, tiled = both
    assert whole.std() > 0.05
    assert (whole - tiled).abs().max() < 0.1 / 255


def test_seams_differ_no_more_than_other_places(both: tuple[Tensor, Tensor]):
    apart = (both[0] - both[1]).abs().amax(1)[0]
    pixels = SIDE * tiled_adain.STRIDE
    seam = torch.zeros_like(apart, dtype=torch.bool)
    for at in (pixels, 2 * pixels):
        seam[at - 2 : at + 2] = True
        seam[:, at - 2 : at + 2] = True
    assert apart[seam].mean() <= 2 * apart[~seam].mean() + 1e-7


@pytest.mark.parametrize(("margin", "exact"), [(tiled_adain.SEEN, True), (1, False)])
def test_the_encoder_sees_no_further_than_the_margin(
    halves: Halves, photo: Tensor, monkeypatch: pytest.MonkeyPatch, margin: int, exact: bool
):
    monkeypatch.setattr(tiled_adain, "SEEN", margin)
    features = tiled_adain.empty_features(photo, channels=halves.channels)
    with torch.inference_mode():
        list(tiled_adain.encoded(halves.encode, photo, features=features, side=SIDE))
        apart = (features - halves.encode(photo)).abs().max()
    assert (apart < 1e-3) == exact


def test_windows_cover_every_feature_once():
    covered = torch.zeros(tiled_adain.feature_size(170, 333))
    for window in tiled_adain.windows(170, 333, side=7):
        window.of(covered).add_(1)
    assert torch.equal(covered, torch.ones(22, 42))
