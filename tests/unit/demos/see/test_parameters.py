"""The counter of parameters counts as torch does."""

import pytest
import torch
from torch import nn

from demos.see import parameters
from demos.see.parameters import Sizes


def counted(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


@pytest.mark.parametrize("side", [8, 28, 64, 224])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("units", "kernel", "filters"), [(1, 1, 1), (10, 3, 64), (1024, 11, 512)])
def test_both_layers_have_as_many_parameters_as_torch_says(
    side: int, channels: int, units: int, kernel: int, filters: int
):
    sizes = Sizes(side, channels, units, kernel, filters)
    with torch.device("meta"):  # shapes without numbers: the largest layer would take terabytes
        connected = nn.Linear(side * side * channels, units)
        convolution = nn.Conv2d(channels, filters, kernel, padding=kernel // 2)
        maps = convolution(torch.empty(1, channels, side, side))
        same = nn.Linear(side * side * channels, maps.numel())

    assert sizes.fully_connected == counted(connected)
    assert sizes.convolution == counted(convolution)
    assert sizes.maps == maps.numel()
    assert sizes.same_maps == counted(same)
    assert sizes.multiplications == convolution.weight.numel() * side * side


def test_the_lectures_numbers():
    assert Sizes(side=64, channels=1).inputs == 4_096
    assert Sizes(side=64, channels=3).inputs == 12_288
    assert "<b>12,288 inputs</b>" in parameters.html(Sizes())
    assert "<b>4,096 inputs</b>" in parameters.html(Sizes(channels=1))


@pytest.mark.parametrize(
    ("count", "text"), [(1, "4 bytes"), (250, "1.0 kB"), (1_792, "7.2 kB"), (12_583_936, "50.3 MB"), (10**12, "4.0 TB")]
)
def test_memory_is_told_in_three_digits(count: int, text: str):
    assert parameters.memory(count) == text


def test_every_size_is_exact_in_the_browser():
    largest = Sizes(*(max(values) for _, _, values, _, _ in parameters.CONTROLS))

    assert max(largest.same_maps, largest.multiplications, largest.fully_connected) < 2**53
