"""Sampling through the API: the same seed, the same picture; a bad value, one sentence."""

from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from evaluation.quantitative import scores
from serving.local import LocalEngine


def bytes_of(path: str) -> bytes:
    return Path(path).read_bytes()


def test_the_same_seed_gives_the_same_picture(client: Client):
    first, again, other = (bytes_of(client.predict(seed, 6, 1, api_name="/sample")) for seed in (7, 7, 8))

    assert first == again
    assert first != other


def test_every_snapshot_draws_its_own_picture(client: Client):
    drawn = {bytes_of(client.predict(7, snapshot, 1, api_name="/sample")) for snapshot in range(7)}

    assert len(drawn) == 7


def test_another_generator_can_be_named(client: Client):
    drawn = {bytes_of(client.predict(7, 6, 1, model, api_name="/sample")) for model in ("mnist-dcgan", "mnist-control")}
    moved = bytes_of(client.predict(7, 6, 3, [60], 4.0, 0, 0, 0, "mnist-control", api_name="/move_z"))

    assert len(drawn) == 2
    assert moved


def test_every_generator_draws_and_moves_at_every_snapshot(client: Client):
    generators = LocalEngine().generators()

    for info in generators:
        for snapshot in range(len(info.steps)):
            assert bytes_of(client.predict(7, snapshot, 1, info.name, api_name="/sample"))
        assert bytes_of(client.predict(7, snapshot, 3, [0], 4.0, 0, 0, 0, info.name, api_name="/move_z"))

    assert len(generators) == 22
    assert {len(info.steps) for info in generators} >= {1, 7}


def test_a_generator_that_does_not_exist_is_refused(client: Client):
    with pytest.raises(AppError, match="not in the list of choices"):
        client.predict(7, 6, 1, "stylegan", api_name="/sample")


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "seven", None])
def test_a_seed_that_is_none_is_refused(client: Client, seed: object):
    with pytest.raises(AppError, match="A seed is a whole number from 0 to 4,294,967,295"):
        client.predict(seed, 6, 1, api_name="/sample")


@pytest.mark.parametrize(("snapshot", "held"), [(99, 1), (-1, 1), (0.5, 1), (6, 0), (6, 17), ("last", 1)])
def test_a_snapshot_or_sample_that_does_not_exist_is_refused(client: Client, snapshot: object, held: object):
    with pytest.raises(AppError, match="must be a"):
        client.predict(7, snapshot, held, api_name="/sample")


def test_a_generator_with_more_snapshots_than_the_first_has_them_all(client: Client):
    drawn = {bytes_of(client.predict(7, snapshot, 1, "mnist-collapse", api_name="/sample")) for snapshot in range(8)}

    assert len(drawn) == 8


def test_a_snapshot_that_only_another_generator_has_is_refused(client: Client):
    with pytest.raises(AppError, match="DCGAN on MNIST has the snapshots 0 to 6, not 7"):
        client.predict(7, 7, 1, "mnist-dcgan", api_name="/sample")


def test_moving_z_changes_the_sample_and_its_own_z_does_not(client: Client):
    def move(value: float, *, indices: list[int]) -> bytes:
        return bytes_of(client.predict(7, 6, 3, indices, value, 0, 0, 0, api_name="/move_z"))

    assert move(4.0, indices=[5]) != move(-4.0, indices=[5])
    assert move(4.0, indices=[]) == move(-4.0, indices=[])


@pytest.mark.parametrize("z", [4.1, -4.1, "far", None])
def test_a_z_out_of_range_is_refused(client: Client, z: object):
    with pytest.raises(AppError, match="must be a number from -4 to 4"):
        client.predict(7, 6, 1, [0], z, 0, 0, 0, api_name="/move_z")


def test_a_z_that_does_not_exist_is_refused(client: Client):
    with pytest.raises(AppError, match="there is no z_24"):
        client.predict(7, 6, 1, [24], 1.0, 0, 0, 0, api_name="/move_z")


def test_a_larger_grid_has_more_samples_to_hold(client: Client):
    sheets = {side: bytes_of(client.predict(7, 6, 1, "mnist-dcgan", side, api_name="/sample")) for side in (2, 8)}

    assert sheets[2] != sheets[8]
    assert bytes_of(client.predict(7, 6, 64, "mnist-dcgan", 8, api_name="/sample")) != sheets[8]
    with pytest.raises(AppError, match="Held sample must be a number from 1 to 4"):
        client.predict(7, 6, 5, "mnist-dcgan", 2, api_name="/sample")
    with pytest.raises(AppError, match="not in the list of choices"):
        client.predict(7, 6, 1, "mnist-dcgan", 100, api_name="/sample")


def test_a_battle_has_two_sheets_and_the_scores_of_both(client: Client):
    first, second, numbers = client.predict("mnist-dcgan", "mnist-control", 7, api_name="/battle")

    assert bytes_of(first) != bytes_of(second)
    recorded = scores.read("mnist-dcgan").battles["mnist-control"]
    assert (numbers["winner"], numbers["r_samples"]) == (recorded.winner, recorded.r_samples)
    assert numbers["mnist-control"]["kinds"] == 10


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (("mnist-dcgan", "mnist-dcgan"), "have no battle: both need a discriminator"),
        (("mnist-dcgan", "emoji-dcgan"), "not in the list of choices"),
    ],
)
def test_a_battle_that_nobody_fought_is_refused(client: Client, pair: tuple[str, str], reason: str):
    with pytest.raises(AppError, match=reason):
        client.predict(*pair, 7, api_name="/battle")


def test_a_translation_without_a_picture_is_refused(client: Client):
    with pytest.raises(AppError, match="Send a picture to translate"):
        client.predict(None, "emoji-cyclegan-twemoji-to-noto", 4, api_name="/translate")


@pytest.mark.parametrize("place", [(-0.1, 0.5), (0.5, 2), (None, 0.5)])
def test_a_place_outside_of_the_picture_is_refused(client: Client, place: tuple[object, object]):
    with pytest.raises(AppError, match="must be a number from 0 to 1"):
        client.predict(7, 5, 1, *place, api_name="/attention")
