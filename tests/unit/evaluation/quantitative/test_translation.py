"""A translation is scored by its distance to the true pair, beside two that know nothing of drawing."""

import pytest
import torch

from evaluation.quantitative.translation import distance, pair_distances, recoloured


def drawn(count: int = 8, seed: int = 0) -> torch.Tensor:
    return 0.4 * torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed)) - 0.5


def test_a_perfect_translation_has_no_distance_and_the_identity_its_own():
    pictures = drawn()
    pairs = pictures + 0.5
    scored = pair_distances(lambda x: x + 0.5, pictures, pairs, reference=drawn(20, seed=1), batch=3)
    assert scored.translated == pytest.approx(0, abs=1e-6)
    assert scored.identity == pytest.approx(0.25)
    assert scored.wins == 1


def test_the_identity_never_wins_against_itself():
    pictures = drawn()
    scored = pair_distances(lambda x: x, pictures, -pictures, reference=pictures)
    assert scored.translated == scored.identity
    assert scored.wins == 0


def test_black_and_white_are_one_apart():
    assert distance(torch.ones(2, 3, 4, 4), -torch.ones(2, 3, 4, 4)).tolist() == [1, 1]


def test_recolouring_gives_each_picture_the_other_set_s_colours():
    reference = drawn(30, seed=1) * torch.tensor([0.5, 1.0, 1.5]).view(1, 3, 1, 1)
    deviation, mean = torch.std_mean(recoloured(drawn(), reference), dim=(2, 3), correction=0)
    expected_deviation, expected_mean = (
        statistic.mean(dim=0) for statistic in torch.std_mean(reference, dim=(2, 3), correction=0)
    )
    torch.testing.assert_close(mean, expected_mean.expand_as(mean), atol=1e-4, rtol=0)
    torch.testing.assert_close(deviation, expected_deviation.expand_as(deviation), atol=1e-4, rtol=0)


def test_a_picture_of_one_colour_only_moves():
    moved = recoloured(torch.full((1, 3, 4, 4), 0.3), drawn())
    assert moved.isfinite().all()
    assert len(moved.flatten(2).unique(dim=2)[0, 0]) == 1


@pytest.mark.parametrize("pairs", [drawn(7), drawn()[..., :4]])
def test_pictures_without_their_pairs_are_refused(pairs: torch.Tensor):
    with pytest.raises(ValueError, match="every picture needs its pair"):
        pair_distances(lambda x: x, drawn(), pairs, reference=pairs)
