"""A link names a sample of the GAN tab; a wrong value is refused with a sentence."""

import pytest

from demos.gan import link
from demos.gan.selection import FIRST_SEED, Selected, Selection
from serving.engine.sampling import GeneratorInfo

INFOS = [
    GeneratorInfo(name="first", title="The first", z_dim=24, size=32, steps=(0, 100, 20_000)),
    GeneratorInfo(name="other", title="The other", z_dim=8, size=32, steps=(500,)),
]


@pytest.fixture
def selection() -> Selection:
    return Selection(INFOS)


@pytest.mark.parametrize(
    ("selected", "moved", "side"),
    [
        (Selected("first", 100, 7, 0), {}, 4),
        (Selected("first", 0, 4_294_967_295, 15), {3: -4.0, 23: 0.5}, 4),
        (Selected("other", 500, 0, 4), {0: 1.2}, 3),
        (Selected("other", 500, 0, 63), {}, 8),
    ],
)
def test_a_link_restores_the_sample_and_the_grid(
    selection: Selection, selected: Selected, moved: dict[int, float], side: int
):
    text = link.query(selected, moved, side)
    named = dict(pair.split("=") for pair in text.split("&"))
    assert link.read(named, selection) == (selected, moved, side)


def test_a_model_and_a_seed_are_enough(selection: Selection):
    opened = link.read({"tab": "gan", "model": "other", "seed": "7"}, selection)
    assert opened == (Selected("other", 500, 7, 0), {}, 4)
    assert link.read({"tab": "gan", "model": "first"}, selection) == (Selected("first", 20_000, FIRST_SEED, 0), {}, 4)


@pytest.mark.parametrize("query", [{}, {"tab": "gan"}, {"tab": "style", "seed": "7"}])
def test_other_links_name_none(selection: Selection, query: dict[str, str]):
    assert link.read(query, selection) is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("model", "nobody", "no generator 'nobody'"),
        ("step", "200", "no snapshot after 200 steps"),
        ("step", "-1", "step must be a whole number"),
        ("seed", "7.5", "seed must be a whole number from 0"),
        ("seed", "4294967296", "seed must be a whole number from 0"),
        ("held", "17", "held must be a whole number from 1 to 16"),
        ("side", "5", "side must be one of 2, 3, 4, 6, 8"),
        ("side", "100", "side must be a whole number from 2 to 8"),
        ("z.24", "1", "there is no 'z.24'"),
        ("z.3", "nan", "z.3 must be a number from -4 to 4"),
        ("z.3", "5", "z.3 must be a number from -4 to 4"),
    ],
)
def test_a_wrong_value_is_named(selection: Selection, name: str, value: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        link.read({"tab": "gan", "seed": "7", name: value}, selection)


def test_a_larger_grid_has_more_samples_to_hold(selection: Selection):
    query = {"tab": "gan", "seed": "7", "side": "8", "held": "64"}
    assert link.read(query, selection) == (Selected("first", 20_000, 7, 63), {}, 8)
    with pytest.raises(ValueError, match="held must be a whole number from 1 to 4,"):
        link.read({**query, "side": "2"}, selection)
