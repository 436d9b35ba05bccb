"""Gram matrices against a reference written out by hand."""

import pytest
import torch

from models.hub import loading
from models.style import gram
from models.style.vgg import VGG19


@pytest.fixture(scope="module")
def vgg() -> VGG19:
    return loading.load("vgg19", source="bundled")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["contiguous", "last"])
def test_the_gradient_is_autograds(layout: torch.memory_format):
    features = drawn(2, 3, 4, 5).double().contiguous(memory_format=layout).requires_grad_()
    slope = drawn(2, 3, 3, seed=1).double()
    columns = features.flatten(2)
    (expected,) = torch.autograd.grad(columns @ columns.mT, features, slope)
    (actual,) = torch.autograd.grad(gram.products(features), features, slope)
    torch.testing.assert_close(actual, expected)
    assert actual.is_contiguous(memory_format=layout)


def test_half_precision_is_summed_in_full():
    features = drawn(1, 4, 40, 40).bfloat16().requires_grad_()
    matrix = gram.gram(features)
    assert matrix.dtype == torch.float32
    torch.testing.assert_close(matrix, gram.gram(features.detach().float()))
    assert torch.autograd.grad(matrix.sum(), features)[0].dtype == torch.bfloat16


def test_each_entry_is_the_mean_product_of_two_filters():
    features = drawn(2, 3, 4, 5)
    matrix = gram.gram(features)
    for picture in range(2):
        for i in range(3):
            for j in range(3):
                products = [
                    float(features[picture, i, y, x] * features[picture, j, y, x]) for y in range(4) for x in range(5)
                ]
                assert float(matrix[picture, i, j]) == pytest.approx(sum(products) / 20, rel=1e-5)


def test_the_layout_of_the_memory_does_not_matter():
    features = drawn(1, 8, 6, 7)
    torch.testing.assert_close(gram.gram(features.to(memory_format=torch.channels_last)), gram.gram(features))


def test_places_drop_out():
    features = drawn(1, 4, 6, 6)
    moved = features.flatten(2)[..., torch.randperm(36, generator=torch.Generator().manual_seed(1))].view_as(features)
    torch.testing.assert_close(gram.gram(moved), gram.gram(features))
    torch.testing.assert_close(gram.gram(features.repeat(1, 1, 2, 3)), gram.gram(features))


def test_a_mask_of_ones_and_zeros_looks_at_its_region_alone():
    features = drawn(1, 4, 6, 6)
    mask = torch.zeros(1, 1, 6, 6)
    mask[..., 1:4, 2:6] = 1
    torch.testing.assert_close(gram.gram(features, mask), gram.gram(features[..., 1:4, 2:6]))


def test_a_uniform_mask_changes_nothing():
    features = drawn(1, 4, 6, 6)
    torch.testing.assert_close(gram.gram(features, torch.full((1, 1, 6, 6), 0.3)), gram.gram(features))


def test_an_empty_mask_is_refused():
    with pytest.raises(ValueError, match="the mask is empty"):
        gram.gram(drawn(1, 4, 6, 6), torch.zeros(1, 1, 6, 6))


def test_matrices_have_a_row_for_each_filter(vgg: VGG19):
    matrices = gram.matrices(vgg, drawn(1, 3, 24, 40))
    assert {layer: tuple(matrix.shape) for layer, matrix in matrices.items()} == {
        "relu1_1": (64, 64),
        "relu2_1": (128, 128),
        "relu3_1": (256, 256),
        "relu4_1": (512, 512),
        "relu5_1": (512, 512),
    }
    for matrix in matrices.values():
        torch.testing.assert_close(matrix, matrix.mT)
        assert (matrix >= 0).all()


def test_the_order_puts_filters_that_fire_together_side_by_side():
    """Two groups of filters, interleaved: every filter of a group fires where the others of it do."""
    activity = drawn(2, 400, seed=3) ** 4
    features = torch.stack([activity[i % 2] * (1 + i / 10) + 0.01 * drawn(400, seed=i) for i in range(12)])
    order = gram.order(features @ features.mT / 400)
    assert sorted(order.tolist()) == list(range(12))
    groups = [i % 2 for i in order.tolist()]
    changes = sum(a != b for a, b in zip(groups, groups[1:] + groups[:1], strict=True))
    assert changes == 2, "each group stands together, going round"


def test_heat_compares_pictures_on_the_scale_of_one():
    style = torch.tensor([[16.0, 1.0], [1.0, 4.0]])
    torch.testing.assert_close(gram.for_display(style, like=style), (style / 16) ** 0.25)
    torch.testing.assert_close(gram.for_display(2 * style, like=style).max(), torch.tensor(1.0))
    assert gram.for_display(torch.zeros(2, 2), like=torch.zeros(2, 2)).isfinite().all()
