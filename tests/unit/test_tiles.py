"""A picture painted in tiles is the picture painted whole."""

import pytest
import torch

from models import adain, hub, tiles
from models.adain import Decoder
from models.vgg import VGG19
from training.import_pictures import ASSETS
from training.import_pretrained import square

SIDE = 10  # features: small tiles, many seams


@pytest.fixture(scope="module")
def networks() -> tuple[VGG19, Decoder]:
    return hub.load("vgg19"), hub.load("adain-decoder")


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    return square(ASSETS / "photos/coffee.jpg", 212)[..., :173]  # neither side is a multiple of 8


@pytest.fixture(scope="module")
def both(networks: tuple[VGG19, Decoder], photo: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    encoder, decoder = networks
    style = adain.style_moments(encoder, square(ASSETS / "paintings/irises.jpg", 96))
    whole = adain.restyle(encoder, decoder, photo, style)
    features, picture = tiles.empty_features(photo), torch.empty_like(photo)
    list(tiles.encoded(lambda tile: adain.encode(encoder, tile), photo, features=features, side=SIDE))
    steps = list(
        tiles.painted(
            lambda tile, own, _: adain.decode(decoder, tile, style, own=own),
            features,
            picture=picture,
            side=SIDE,
        )
    )
    assert len(steps) == 9
    return whole, picture


def test_tiles_differ_from_the_whole_by_rounding_only(both: tuple[torch.Tensor, torch.Tensor]):
    whole, tiled = both
    assert whole.std() > 0.05
    assert (whole - tiled).abs().max() < 0.1 / 255


def test_seams_differ_no_more_than_other_places(both: tuple[torch.Tensor, torch.Tensor]):
    apart = (both[0] - both[1]).abs().amax(1)[0]
    pixels = SIDE * tiles.STRIDE
    seam = torch.zeros_like(apart, dtype=torch.bool)
    for at in (pixels, 2 * pixels):
        seam[at - 2 : at + 2] = True
        seam[:, at - 2 : at + 2] = True
    assert apart[seam].mean() <= 2 * apart[~seam].mean() + 1e-7


@pytest.mark.parametrize(("margin", "exact"), [(tiles.SEEN, True), (2, False)])
def test_the_encoder_sees_no_further_than_the_margin(
    networks: tuple[VGG19, Decoder], photo: torch.Tensor, monkeypatch: pytest.MonkeyPatch, margin: int, exact: bool
):
    monkeypatch.setattr(tiles, "SEEN", margin)
    features = tiles.empty_features(photo)
    list(tiles.encoded(lambda tile: adain.encode(networks[0], tile), photo, features=features, side=SIDE))
    apart = (features - adain.encode(networks[0], photo)).abs().max()
    assert (apart < 1e-3) == exact


def test_windows_cover_every_feature_once():
    seen = torch.zeros(tiles.feature_size(170, 333))
    for window in tiles.windows(170, 333, side=7):
        window.of(seen).add_(1)
    assert torch.equal(seen, torch.ones(22, 42))
