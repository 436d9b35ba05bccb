"""Masks of any make end as one kind, and share the picture."""

import numpy as np
import pytest
import torch
from PIL import Image

from models.style import adain, masks
from models.style.adain import Moments
from models.style.masks import MaskError


def drawn(width: int = 40, height: int = 20, box: tuple[int, int, int, int] = (0, 0, 20, 20)) -> Image.Image:
    layer = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    layer.paste((0, 0, 0, 255), box)  # black on nothing: its opacity counts, not its colour
    return layer


def test_what_is_drawn_on_a_layer_is_the_mask():
    mask = masks.from_picture(drawn())
    assert (mask.shape, mask.dtype) == ((1, 1, 20, 40), torch.float32)
    assert torch.equal(mask[0, 0, :, :20], torch.ones(20, 20))
    assert torch.equal(mask[0, 0, :, 20:], torch.zeros(20, 20))


def test_an_opaque_picture_is_a_mask_by_its_lightness():
    levels = np.tile(np.arange(0, 240, 6, dtype=np.uint8), (20, 1))
    torch.testing.assert_close(masks.from_picture(Image.fromarray(levels))[0, 0] * 255, torch.tensor(levels).float())


@pytest.mark.parametrize("layer", [Image.new("RGBA", (9, 9), (255, 0, 0, 0)), Image.new("L", (9, 9), 0)])
def test_an_empty_mask_is_refused_with_what_to_do(layer: Image.Image):
    with pytest.raises(MaskError, match=r"^The mask is empty\. Draw over the part"):
        masks.from_picture(layer)


def test_a_mask_of_another_size_is_stretched():
    mask = masks.sized(masks.from_picture(drawn()), (41, 82))
    assert mask.shape == (1, 1, 41, 82)
    assert mask[..., :38].min() > 0.99
    assert mask[..., 44:].max() < 0.01


def test_a_mask_of_another_proportion_is_refused():
    with pytest.raises(MaskError, match="40 × 20 pixels, the picture 30 × 30"):
        masks.sized(masks.from_picture(drawn()), (30, 30))


def test_feathering_softens_the_border_and_keeps_the_area():
    hard = masks.from_picture(drawn())
    soft = masks.feathered(hard, 6)
    assert torch.equal(masks.feathered(hard, 0), hard)
    assert 0.3 < soft[0, 0, 10, 19] < 0.7
    assert soft[0, 0, 10, 0] > 0.99
    assert float(soft.mean()) == pytest.approx(float(hard.mean()), abs=0.01)


def test_masks_that_overlap_share_the_pixel():
    full = torch.ones(1, 1, 4, 4)
    both = masks.shares([full, full * 0.5])
    torch.testing.assert_close(sum(both), full)
    torch.testing.assert_close(both[0], 2 * both[1])
    torch.testing.assert_close(masks.shares([full * 0.5])[0], full * 0.5)


def test_each_region_takes_its_own_style():
    content = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    left = torch.zeros(1, 1, 8, 8)
    left[..., :4] = 1
    styles = [Moments(torch.full((1, 4, 1, 1), mean), torch.full((1, 4, 1, 1), 0.1)) for mean in (5.0, -5.0)]
    painted = adain.adain_regions(content, styles, [left, 1 - left])
    assert painted[..., :4].min() > 4
    assert painted[..., 4:].max() < -4
    assert torch.equal(adain.adain_regions(content, styles[:1], [left])[..., 4:], content[..., 4:])


def test_mixed_styles_lie_between_them_by_their_weights():
    styles = [Moments(torch.full((1, 2, 1, 1), mean), torch.ones(1, 2, 1, 1)) for mean in (0.0, 10.0)]
    assert adain.mix(styles, [1, 3]).mean.unique().tolist() == [7.5]
    assert torch.equal(adain.mix(styles, [2, 0]).mean, styles[0].mean)


@pytest.mark.parametrize(
    ("weights", "reason"),
    [([0, 0], "every style has the weight 0"), ([1], "2 styles and 1 weights"), ([1, -1], "from 0 up, got 1, -1")],
)
def test_weights_that_mean_nothing_are_refused(weights: list[float], reason: str):
    styles = [Moments(torch.zeros(1, 2, 1, 1), torch.ones(1, 2, 1, 1))] * 2
    with pytest.raises(ValueError, match=reason):
        adain.mix(styles, weights)
