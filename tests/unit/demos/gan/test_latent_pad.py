"""The sets of directions that the map moves along."""

import numpy as np
import pytest

from demos.gan import latent_pad
from models.gan.latent import sample_z
from serving.engine.sampling import GeneratorInfo
from serving.local import LocalEngine

EDGE = 3  # steps from the middle of the map


@pytest.fixture(scope="module")
def eyes(engine: LocalEngine) -> GeneratorInfo:
    return next(info for info in engine.generators() if info.labels)


def test_from_the_middle_to_the_edge_lies_another_label(eyes: GeneratorInfo):
    z = sample_z(0, 1_000, eyes.z_dim).numpy()
    first = eyes.z_dim - len(eyes.labels)

    for axis in latent_pad.label_axes(eyes):
        low, high = (eyes.labels.index(label) for label in axis["about"].split(" to "))
        for edge, label in ((-EDGE, low), (EDGE, high)):
            chosen = (z + edge * np.array(axis["vector"]))[:, first:].argmax(axis=1)
            assert (chosen == label).mean() > 0.99
        assert not np.any(axis["vector"][:first])


def test_every_label_is_at_an_end_of_an_axis(eyes: GeneratorInfo):
    ends = [label for axis in latent_pad.label_axes(eyes) for label in axis["about"].split(" to ")]

    assert sorted(ends) == sorted(eyes.labels)
