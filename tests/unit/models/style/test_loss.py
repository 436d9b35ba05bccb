"""The loss of a painting against a reference written out by hand, and what masks and weights do to it."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from models.hub import loading
from models.style import gram
from models.style.layers import LAYERS, reach
from models.style.loss import Objective, total_variation
from models.style.options import Weights
from models.style.terms import Style
from models.style.tiled_loss import TiledObjective, tiles
from models.style.vgg import VGG19

pytestmark = pytest.mark.usefixtures("float32")

SHALLOW = Weights(content_layers={"relu2_2": 1}, style_layers={"relu1_1": 1, "relu2_1": 3}, variation=5.0)


@pytest.fixture(scope="module")
def vgg() -> VGG19:
    return loading.load("vgg19", source="bundled")


def picture(seed: int, height: int = 48, width: int = 48) -> Tensor:
    """Blurred noise."""
    noise = torch.rand(1, 3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, (height, width), mode="bilinear")


def left_half(size: int = 48) -> Tensor:
    mask = torch.zeros(1, 1, size, size)
    mask[..., : size // 2] = 1
    return mask


def gradient(objective: Objective, x: Tensor) -> Tensor:
    slope = objective.gradient(x)[1]
    assert slope is not None
    return slope


def test_the_loss_is_the_documented_formula(vgg: VGG19):
    x, content, style = picture(0), picture(1), picture(2, 32, 64)
    losses = Objective(vgg, content, [Style(style)], weights=Weights(variation=7.0))(x)

    with torch.no_grad():
        f, p, a = (vgg(image, LAYERS) for image in (x, content, style))
    expected_content = float(((f["relu4_2"] - p["relu4_2"]) ** 2).mean())
    expected_style = 0.0
    for layer in ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"):
        filters = f[layer].shape[1]
        g, target = (torch.einsum("cm,dm->cd", *2 * [t[layer][0].flatten(1)]) / t[layer][0, 0].numel() for t in (f, a))
        expected_style += float(((g - target) ** 2).mean()) / (16 * filters) / 5
    right, down = x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]
    expected_variation = float((right**2).mean() + (down**2).mean())

    assert float(losses.content) == pytest.approx(expected_content, rel=1e-4)
    assert float(losses.style) == pytest.approx(expected_style, rel=1e-4)
    assert float(losses.variation) == pytest.approx(expected_variation, rel=1e-4)
    expected = expected_content + 10_000 * expected_style + 7 * expected_variation
    assert float(losses.total) == pytest.approx(expected, rel=1e-4)


def test_the_gradient_is_the_slope_of_the_loss(vgg: VGG19):
    objective = Objective(vgg, picture(1), [Style(picture(2))], weights=SHALLOW)
    x, direction = picture(0), picture(3) - 0.5
    slope = float((gradient(objective, x) * direction).sum())
    with torch.no_grad():
        ahead, behind = (float(objective(x + h * direction).total) for h in (1e-3, -1e-3))
    assert (ahead - behind) / 2e-3 == pytest.approx(slope, rel=0.02)


def test_the_content_itself_has_no_content_loss_and_the_style_itself_no_style_loss(vgg: VGG19):
    content, style = picture(1), picture(2)
    objective = Objective(vgg, content, [Style(style)], weights=Weights())
    with torch.no_grad():
        assert float(objective(content).content) == 0 < float(objective(content).style)
        assert float(objective(style).style) == pytest.approx(0, abs=1e-9)
        assert float(objective(style).content) > 0


def test_weights_of_layers_are_relative(vgg: VGG19):
    x, content, style = picture(0), picture(1), picture(2)
    once, tenfold = (
        Objective(vgg, content, [Style(style)], weights=Weights(style_layers={"relu1_1": a, "relu2_1": 3 * a}))(x)
        for a in (1, 10)
    )
    assert float(once.style) == pytest.approx(float(tenfold.style), rel=1e-5)


def test_two_halves_of_a_style_are_one(vgg: VGG19):
    x, content, style = picture(0), picture(1), picture(2)
    whole = Objective(vgg, content, [Style(style)], weights=SHALLOW)(x)
    halves = Objective(vgg, content, [Style(style, 2.0), Style(style, 6.0)], weights=SHALLOW)(x)
    assert float(halves.style) == pytest.approx(float(whole.style), rel=1e-5)


def test_a_style_without_weight_is_not_there(vgg: VGG19):
    x, content, style = picture(0), picture(1), picture(2)
    alone = Objective(vgg, content, [Style(style)], weights=SHALLOW)(x)
    beside = Objective(vgg, content, [Style(style), Style(picture(5), 0.0)], weights=SHALLOW)(x)
    assert float(beside.style) == float(alone.style)


def test_the_same_style_in_two_regions_pulls_as_hard_as_in_the_whole(vgg: VGG19):
    """On a picture that looks the same on both sides, whose matrices are then the same."""
    half = picture(0, 48, 24)
    x = torch.cat([half, half.flip(-1)], -1)
    style = picture(2)
    left = left_half()
    whole = Objective(vgg, x, [Style(style)], weights=SHALLOW)(x)
    regions = Objective(vgg, x, [Style(style, where=left), Style(style, where=1 - left)], weights=SHALLOW)(x)
    assert float(regions.style) == pytest.approx(float(whole.style), rel=0.1)


def test_a_region_alone_is_painted(vgg: VGG19):
    weights = Weights(content=0, style_layers={"relu1_1": 1, "relu2_1": 1})
    objective = Objective(vgg, picture(1), [Style(picture(2), where=left_half())], weights=weights)
    slope = gradient(objective, picture(0)).abs().amax((0, 1, 2))  # of each column
    assert slope[:24].min() > 0
    assert slope[24 + reach("relu2_1") + 1 :].max() == 0


def test_a_region_of_the_painting_alone_is_imitated(vgg: VGG19):
    left, right = picture(2, 48, 24), picture(3, 48, 24)
    weights = Weights(style_layers={"relu1_1": 1})
    part = Objective(vgg, picture(1), [Style(torch.cat([left, right], -1), of=left_half())], weights=weights)
    with torch.no_grad():
        own = gram.gram(vgg(torch.cat([left, right], -1), ["relu1_1"])["relu1_1"][..., :24])
    torch.testing.assert_close(part.terms[0].targets["relu1_1"], own)


def test_content_is_kept_to_where_its_mask_is(vgg: VGG19):
    weights = Weights(style=0, content_layers={"relu2_2": 1})
    objective = Objective(vgg, picture(1), [], weights=weights, content_mask=left_half())
    slope = gradient(objective, picture(0)).abs().amax((0, 1, 2))
    assert slope[:24].min() > 0
    assert slope[24 + reach("relu2_2") + 1 :].max() == 0


def test_variation_is_that_of_neighbours():
    x = torch.zeros(1, 3, 4, 4)
    x[..., 2:] = 0.5
    assert float(total_variation(x)) == pytest.approx(0.25 / 3)
    assert float(total_variation(x.mT)) == pytest.approx(0.25 / 3)


@pytest.mark.parametrize("layer", ["relu1_2", "relu2_1", "relu3_2", "relu4_2", "relu5_1"])
def test_a_layer_sees_no_further_than_its_reach_and_that_far(vgg: VGG19, layer: str):
    side = 2 * reach(layer) + 48
    x = picture(0, side - side % 16, side - side % 16).requires_grad_()
    features = vgg(x, [layer])[layer]
    middle = features.shape[-1] // 2
    features[..., middle, middle].square().sum().backward()
    columns = x.grad.abs().amax((0, 1, 2)).nonzero().flatten()
    stride = x.shape[-1] // features.shape[-1]
    assert middle * stride - int(columns.min()) <= reach(layer)
    assert int(columns.max()) - ((middle + 1) * stride - 1) <= reach(layer)
    assert int(columns.max() - columns.min()) >= reach(layer)


@pytest.mark.parametrize(("height", "width"), [(96, 96), (70, 133), (200, 33)])
def test_tiles_cover_every_place_once(height: int, width: int):
    for layer, stride in {"relu1_1": 1, "relu3_1": 4, "relu5_1": 16}.items():
        covered = torch.zeros(1, 1, -(-height // stride), -(-width // stride))
        for tile in tiles(height, width, side=48, margin=20):
            tile.of(covered, layer).add_(1)
            assert tile.outer_rows.start <= max(0, tile.rows.start - 20)
            assert tile.outer_columns.stop >= min(width, tile.columns.stop + 20)
        assert (covered == 1).all()


def test_tiles_find_the_loss_and_the_gradient_of_the_whole(vgg: VGG19):
    content, x = picture(1, 100, 136), picture(0, 100, 136)
    region = torch.zeros(1, 1, 100, 136)
    region[..., 20:90] = torch.linspace(0, 1, 70)
    styles = [Style(picture(2, 112, 80)), Style(picture(3), 2.0, where=region), Style(picture(4), of=left_half())]
    weights = Weights(content_layers={"relu2_2": 1, "relu3_1": 1}, style_layers=SHALLOW.style_layers, variation=3.0)
    whole = Objective(vgg, content, styles, weights=weights, content_mask=1 - region)
    tiled = TiledObjective(vgg, content, styles, weights=weights, content_mask=1 - region, tile=48)
    (losses, slope), (own_losses, own_slope) = whole.gradient(x), tiled.gradient(x)
    for actual, expected in zip(own_losses, losses, strict=True):
        assert float(actual) == pytest.approx(float(expected), rel=1e-4)
    assert slope is not None
    assert own_slope is not None
    assert float((own_slope - slope).abs().max()) < 1e-4 * float(slope.abs().max())


def test_tiles_without_enough_overlap_would_show(vgg: VGG19, monkeypatch: pytest.MonkeyPatch):
    """That the reach matters: the comparison above can fail."""
    content, x = picture(1, 96, 96), picture(0, 96, 96)
    weights = Weights(content_layers={"relu3_1": 1}, style_layers={"relu3_1": 1})
    slope = gradient(Objective(vgg, content, [Style(picture(2))], weights=weights), x)
    monkeypatch.setattr("models.style.tiled_loss.reach", lambda layer: 0)
    blind = gradient(TiledObjective(vgg, content, [Style(picture(2))], weights=weights, tile=48), x)
    assert float((blind - slope).abs().max()) > 1e-2 * float(slope.abs().max())


def test_a_measure_without_a_gradient_is_the_same(vgg: VGG19):
    objective = Objective(vgg, picture(1), [Style(picture(2))], weights=SHALLOW)
    with_it, without = objective.gradient(picture(0))[0], objective.gradient(picture(0), wanted=False)
    assert without[1] is None
    assert [float(a) for a in without[0]] == pytest.approx([float(a) for a in with_it], rel=1e-5)


REFUSED: dict[str, tuple[Callable[[VGG19], object], str]] = {
    "nothing to paint by": (lambda v: Weights(content=0, style=0), "both 0: nothing is left to paint by"),
    "a negative weight": (lambda v: Weights(style=-1), "the style weight must be a number from 0 up, got -1"),
    "a weight that is no number": (lambda v: Weights(content=float("nan")), "from 0 up, got nan"),
    "an endless weight": (lambda v: Weights(variation=float("inf")), "the variation weight .* got inf"),
    "an unknown layer": (lambda v: Weights(style_layers={"conv9": 1}), "no layer 'conv9'; it has relu1_1"),
    "no style layer": (lambda v: Weights(style_layers={}), "no style layer is chosen: choose one, or set the style"),
    "no content layer": (lambda v: Weights(content_layers={"relu4_2": 0}), "no content layer is chosen"),
    "a layer's negative weight": (lambda v: Weights(content_layers={"relu4_2": -2}), "the weight of relu4_2"),
    "no style": (lambda v: Objective(v, picture(0), [], weights=Weights()), "no style counts"),
    "styles without weight": (
        lambda v: Objective(v, picture(0), [Style(picture(1), 0.0)], weights=Weights()),
        "no style counts",
    ),
    "a style's negative weight": (
        lambda v: Objective(v, picture(0), [Style(picture(1), -1.0)], weights=Weights()),
        "a style's weight must be a number from 0 up",
    ),
    "a mask of another size": (
        lambda v: Objective(v, picture(0), [Style(picture(1), where=left_half(32))], weights=Weights()),
        "where a style goes has 32 × 32 pixels, its picture 48 × 48",
    ),
    "an empty mask": (
        lambda v: Objective(v, picture(0), [Style(picture(1), of=0 * left_half())], weights=Weights()),
        "the mask of a painting is empty: paint a larger region, or leave the mask out",
    ),
    "a mask beyond one": (
        lambda v: Objective(v, picture(0), [Style(picture(1))], weights=Weights(), content_mask=2 * left_half()),
        r"the content's mask must lie in \[0, 1\]",
    ),
    "a picture too small": (
        lambda v: Objective(v, picture(0, 16, 48), [Style(picture(1))], weights=Weights()),
        "48 × 16 pixels are too few; these layers need 17 a side",
    ),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_contradicts_itself_is_refused(vgg: VGG19, make: Callable[[VGG19], object], reason: str):
    with pytest.raises(ValueError, match=reason):
        make(vgg)
