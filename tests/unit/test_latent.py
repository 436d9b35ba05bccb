"""A seed names the same latent vectors for ever."""

import pytest
import torch

from models import latent


def test_a_seed_gives_the_numbers_it_always_gave():
    frozen = torch.tensor([[1.7640524, 0.4001572, 0.978738, 2.2408931]])
    assert torch.equal(latent.sample_z(0, 1, 4), frozen)


def test_the_first_vectors_do_not_depend_on_how_many_are_drawn():
    assert torch.equal(latent.sample_z(7, 16, 64)[:5], latent.sample_z(7, 5, 64))


def test_vectors_are_single_precision_rows():
    z = latent.sample_z(latent.MAX_SEED, 3, 8)
    assert (z.shape, z.dtype, z.device.type) == ((3, 8), torch.float32, "cpu")


def test_seeds_differ_and_numbers_are_normal():
    z = latent.sample_z(1, 500, 64)
    assert not torch.equal(z, latent.sample_z(2, 500, 64))
    assert abs(float(z.mean())) < 0.02
    assert abs(float(z.std()) - 1) < 0.02


def test_torch_global_randomness_is_neither_read_nor_moved():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = latent.sample_z(3, 2, 4)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(1)
    assert torch.equal(latent.sample_z(3, 2, 4), first)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed: int):
    with pytest.raises(ValueError, match=f"seed must lie in 0 … 4294967295, got {seed}"):
        latent.sample_z(seed, 1, 4)
