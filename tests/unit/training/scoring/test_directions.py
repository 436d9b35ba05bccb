"""Directions are found where they are, and what they are found from measures what it says."""

import pytest
import torch

from models.gan.latent import sample_z
from training.data import faces
from training.scoring import attributes, directions


def test_the_direction_along_which_a_value_rises_is_found_through_noise():
    z = sample_z(0, 2_000, 5)
    truth = torch.tensor([0.0, 0.6, 0.0, -0.8, 0.0])
    value = (z @ truth + 0.5 * torch.randn(2_000, generator=torch.Generator().manual_seed(0))).sigmoid()

    assert directions.rising(z, value) @ truth > 0.99


def test_a_value_that_never_changes_has_no_direction():
    with pytest.raises(ValueError, match="no direction changes it"):
        directions.rising(sample_z(0, 10, 2), torch.ones(10))


def bar(rows: range, columns: range, lean: float = 0.0) -> torch.Tensor:
    """A white bar on black, `(1, 1, 32, 32)`; `lean` moves each row to the right of the one below."""
    picture = torch.full((1, 1, 32, 32), -1.0)
    for row in rows:
        shift = round(lean * (16 - row))
        picture[0, 0, row, [column + shift for column in columns]] = 1
    return picture


def test_digits_are_measured():
    upright, thick = bar(range(6, 26), range(15, 17)), bar(range(6, 26), range(13, 19))
    right, left = (bar(range(6, 26), range(15, 17), lean) for lean in (0.5, -0.5))

    assert directions.ink(thick) == pytest.approx(3 * directions.ink(upright).item(), rel=1e-4)
    assert directions.width(thick) > directions.width(upright)
    assert directions.slant(right).item() == pytest.approx(0.5, abs=0.05)
    assert directions.slant(left).item() == pytest.approx(-0.5, abs=0.05)
    assert abs(directions.slant(upright).item()) < 0.01


def test_shares_of_attributes_are_counted():
    table = torch.tensor([[1, 0, 2, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 2, 0, 1, 0, 0], [0, 2, 0, 1, 0, 0]])

    shares = attributes.shares(faces.kinds(table))

    assert shares["skin"] == {"lighter": 0.75, "darker": 0.25}
    assert shares["hair"] == {"bald": 0.5, "short": 0.0, "long": 0.5}
    assert shares["glasses"] == {"no glasses": 0.75, "glasses": 0.0, "sunglasses": 0.25}
    assert shares["beard"] == {"no beard": 0.5, "beard": 0.5}
