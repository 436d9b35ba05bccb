"""The sentences and captions of the sections below the samples."""

import pytest
from PIL import Image

from demos.gan.sampling import nearest, seed_wall, truncation, verdicts
from models.gan.seeds import MAX_SEED
from serving.engine.judging import SampleVerdicts
from serving.engine.nearest import NearestPictures
from serving.engine.variety import SampleVariety

PICTURE = Image.new("L", (32, 32))


def test_a_verdict_is_a_probability_or_a_critics_score():
    assert verdicts.caption(SampleVerdicts((0.0, 2.0), (0.5, 0.881)), 1) == "88 %"
    assert verdicts.caption(SampleVerdicts((-1.26, 2.0), None), 0) == "−1.3"


def test_the_variety_is_a_measured_number():
    words = truncation.in_words(SampleVariety(200, 44.8, 9, 10), 0.3)
    assert "At ψ = 0.3 two samples differ by **45 %**" in words
    assert "**9 of 10** kinds" in words
    assert "kinds" not in truncation.in_words(SampleVariety(200, 44.8, None, None), 0.3)


@pytest.mark.parametrize(("distance", "verdict"), [(0.1, "So near that it may be a copy"), (1.8, "No copy")])
def test_only_a_sample_much_nearer_than_usual_is_called_a_copy(distance: float, verdict: str):
    result = NearestPictures(PICTURE, (PICTURE,), (distance,), 1.7, 60_000)
    assert nearest.in_words(result).startswith(f"{verdict}: the nearest of 60,000 training pictures")
    assert nearest.result_html(result, {}).count("<figure") == 2


@pytest.mark.parametrize(
    ("first", "ends"), [(0, (0, 23)), (-24, (0, 23)), (48, (48, 71)), (1e30, (MAX_SEED - 23, MAX_SEED))]
)
def test_the_wall_has_as_many_seeds_wherever_it_starts(first: float, ends: tuple[int, int]):
    seeds = seed_wall.seeds_from(first)
    assert (seeds[0], seeds[-1]) == ends
