"""What the engine says about filters and the pair of digit classifiers."""

import struct

import safetensors.torch
import torch

from models.hub import loading
from models.style import first_filters
from serving.local import LocalEngine


def test_the_filters_are_those_of_the_bundled_network():
    filters = LocalEngine().first_filters()

    folded = first_filters.folded(loading.load("vgg19", source="bundled").state_dict())
    assert len(filters) == 64
    torch.testing.assert_close(torch.tensor([each.weights for each in filters]), folded.weights.flatten(1))
    torch.testing.assert_close(torch.tensor([each.bias for each in filters]), folded.biases)
    assert filters[31].responds_to == "bright places"


def test_the_pair_comes_as_the_file_that_is_bundled():
    content = LocalEngine().shift_pair()

    (length,) = struct.unpack("<Q", content[:8])
    assert length < 10_000
    stored = safetensors.torch.load(content)
    assert stored["dense.hidden.weight"].dtype == torch.float16
    assert stored.keys() == loading.load("shift-pair", source="bundled").state_dict().keys()


def test_the_accuracies_have_a_share_for_each_place():
    measured = LocalEngine().shifted_digits()

    assert measured.digits >= 500
    for classifier in (measured.dense, measured.convolutional, measured.unpooled):
        assert (len(classifier.places), len(classifier.places[0])) == (21, 21)
        assert classifier.worst_place <= classifier.mean_over_places <= 1
