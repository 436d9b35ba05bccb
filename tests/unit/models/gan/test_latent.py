"""A seed names the same latent vectors for ever."""

from collections.abc import Callable

import pytest
import torch

from models.gan import latent


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


def ends(z_dim: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    start, end = latent.sample_z(5, 2, z_dim)
    return start, end


@pytest.mark.parametrize("way", [latent.lerp, latent.slerp])
def test_a_way_begins_and_ends_exactly(way: Callable[..., torch.Tensor]):
    start, end = ends()
    assert torch.equal(way(start, end, 0.0), start)
    torch.testing.assert_close(way(start, end, 1.0), end, rtol=0, atol=0 if way is latent.slerp else 1e-6)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_the_way_round_keeps_the_length_and_the_straight_one_does_not(share: float):
    start, end = (8 * z / z.norm() for z in ends())
    assert latent.slerp(start, end, share).norm().item() == pytest.approx(8, rel=1e-6)
    assert latent.lerp(start, end, share).norm().item() < 7.8


def test_the_way_round_has_even_steps():
    start, end = (z / z.norm() for z in ends())
    angles = [torch.acos(start.double() @ latent.slerp(start, end, share).double()) for share in (0.25, 0.5, 1.0)]
    assert (4 * angles[0]).item() == pytest.approx(angles[2].item(), rel=1e-4)
    assert (2 * angles[1]).item() == pytest.approx(angles[2].item(), rel=1e-4)


@pytest.mark.parametrize("factor", [1.0, 2.0, -1.0])
def test_ends_on_one_line_are_joined_by_it(factor: float):
    start, _ = ends()
    torch.testing.assert_close(latent.slerp(start, factor * start, 0.5), (1 + factor) / 2 * start)


def test_truncation_shrinks_towards_the_one_average_picture():
    z = latent.sample_z(0, 3, 8)
    assert torch.equal(latent.truncated(z, 1.0), z)
    assert not latent.truncated(z, 0.0).any()
    torch.testing.assert_close(latent.truncated(z, 0.5).norm(dim=1), z.norm(dim=1) / 2)


@pytest.mark.parametrize("psi", [-0.1, 1.1])
def test_a_truncation_out_of_range_is_refused(psi: float):
    with pytest.raises(ValueError, match=r"psi must lie in 0 … 1"):
        latent.truncated(torch.zeros(1, 4), psi)


def test_the_first_direction_is_the_one_that_changes_the_features_most():
    z = latent.sample_z(0, 400, 6)
    strength = torch.tensor([0.1, 5.0, 1.0, 0.2, 0.3, 3.0])
    hidden = torch.nn.functional.pad(z * strength, (0, 30))  # features of which most never change

    directions = latent.principal_directions(z, hidden, 3)

    assert directions.abs().argmax(dim=1).tolist() == [1, 5, 2]
    torch.testing.assert_close(directions.norm(dim=1), torch.ones(3))
    assert (directions.amax(dim=1) == directions.abs().amax(dim=1)).all()


def test_a_direction_is_found_behind_a_layer_that_is_not_linear():
    z = latent.sample_z(0, 400, 4)
    features = torch.nn.functional.relu(z @ torch.tensor([[0.0, 0], [4, -4], [1, 0], [0, 1]]))

    (direction,) = latent.principal_directions(z, features, 1)

    assert direction.abs().argmax().item() == 1
    assert direction.max() > 0.95


@pytest.mark.parametrize("count", [0, 7])
def test_more_directions_than_numbers_are_refused(count: int):
    with pytest.raises(ValueError, match=r"count must lie in 1 … 6"):
        latent.principal_directions(torch.eye(6), torch.eye(6), count)
