"""The first and last layers of a DCGAN compute what the convolutions they replace do, gradients included."""

import pytest
import torch
from torch import nn

from models.gan import dcgan

LAYERS = [
    (lambda: dcgan.FromPicture(3, 5), nn.Conv2d, (2, 3, 16, 12), (2, 5, 8, 6)),
    (lambda: dcgan.FromPicture(1, 4), nn.Conv2d, (3, 1, 8, 8), (3, 4, 4, 4)),
    (lambda: dcgan.ToPicture(5, 3), nn.ConvTranspose2d, (2, 5, 8, 6), (2, 3, 16, 12)),
    (lambda: dcgan.ToPicture(4, 1), nn.ConvTranspose2d, (3, 4, 4, 4), (3, 1, 8, 8)),
    (lambda: dcgan.FromLatent(7, 6, 4), nn.ConvTranspose2d, (2, 7, 1, 1), (2, 6, 4, 4)),
    (lambda: dcgan.ToVerdict(6, 4), nn.Conv2d, (2, 6, 4, 4), (2, 1)),
]


@pytest.mark.parametrize(("build", "plain", "taken", "given"), LAYERS)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["contiguous", "last"])
def test_a_layer_is_the_convolution_it_replaces(build, plain, taken, given, layout):
    torch.manual_seed(0)
    layer = build().to(memory_format=layout)
    maps = torch.randn(taken).contiguous(memory_format=layout).requires_grad_()
    ours, theirs = layer(maps), plain.forward(layer, maps)
    assert ours.shape == given
    torch.testing.assert_close(ours, theirs.view(given), rtol=1e-4, atol=1e-5)
    wanted = [maps, *layer.parameters()]
    pull = torch.randn(given)
    for mine, its in zip(
        torch.autograd.grad(ours, wanted, pull),
        torch.autograd.grad(theirs, wanted, pull.view(theirs.shape)),
        strict=True,
    ):
        torch.testing.assert_close(mine, its, rtol=1e-4, atol=1e-5)


def test_the_state_dict_is_the_convolutions():
    layer = dcgan.ToPicture(4, 1)
    nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1).load_state_dict(layer.state_dict())
