"""Exploring: any latent vector is drawn, sums keep their length, kinds are counted, a picture becomes a point."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from serving.engine.errors import EngineError
from serving.engine.exploring import MOST_POINTS, MOST_STOPS
from serving.local import LocalEngine

MODEL, STEP, Z_DIM = "mnist-dcgan", 20_000, 24


def z(engine: LocalEngine, index: int = 0) -> list[float]:
    return engine.latent(MODEL, seed=42, index=index)


def test_a_seeds_vector_draws_the_seeds_sample(engine: LocalEngine):
    (waypoint,) = engine.draw(MODEL, step=STEP, z=[z(engine, 3)])
    sample = engine.sample(MODEL, step=STEP, seed=42, count=4).pictures[3]
    difference = np.abs(np.asarray(waypoint.picture, dtype=int) - np.asarray(sample, dtype=int))
    assert difference.max() <= 1
    assert waypoint.length == pytest.approx(math.dist(z(engine, 3), [0] * Z_DIM), rel=1e-5)


def test_both_ways_begin_and_end_at_their_points(engine: LocalEngine):
    start, end = z(engine, 0), z(engine, 1)
    for way in ("slerp", "lerp"):
        reached = engine.between(MODEL, step=STEP, start=start, end=end, count=5, way=way)
        assert reached[0][1] == pytest.approx(start)
        assert reached[-1][1] == pytest.approx(end)
        assert all(math.hypot(*point) == pytest.approx(waypoint.length, rel=1e-4) for waypoint, point in reached)
    straight = engine.between(MODEL, step=STEP, start=start, end=end, count=5, way="lerp")
    around = engine.between(MODEL, step=STEP, start=start, end=end, count=5, way="slerp")
    assert straight[2][0].length < around[2][0].length


def test_a_round_walk_ends_where_it_starts(engine: LocalEngine):
    stops = [z(engine, i) for i in range(3)]
    walked = list(engine.round_walk(MODEL, step=STEP, stops=stops, frames=4))
    assert len(walked) == 12
    assert [waypoint.length for waypoint in walked[::4]] == pytest.approx([math.hypot(*stop) for stop in stops])


def test_a_sum_has_the_direction_of_the_sum_and_a_usual_length(engine: LocalEngine):
    a, b, c = (np.array(z(engine, i)) for i in range(3))
    total = np.array(engine.combine(MODEL, weights=[1, -1, 1], z=[a, b, c]))
    lengths = [np.linalg.norm(point) for point in (a, b, c)]
    assert np.linalg.norm(total) == pytest.approx(np.mean(lengths), rel=1e-5)
    assert total @ (a - b + c) / np.linalg.norm(total) / np.linalg.norm(a - b + c) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("model", "step", "judge", "kinds", "fewest", "most"),
    [
        ("mnist-dcgan", 20_000, "mnist-classifier", 10, 10, 10),
        ("mnist-collapse", 100_000, "mnist-classifier", 10, 1, 2),
        ("stacked-collapse", 100_000, "mnist-classifier", 1000, 1, 20),
        ("stacked-cured", 100_000, "mnist-classifier", 1000, 100, 200),
    ],
)
def test_kinds_are_counted(engine: LocalEngine, model: str, step: int, judge: str, kinds: int, fewest: int, most: int):
    counts = engine.kinds(model, step=step, judge=judge)
    assert len(counts) == kinds
    assert sum(counts) == 200
    assert fewest <= sum(count > 0 for count in counts) <= most


def test_a_sample_of_the_generator_is_found_again(engine: LocalEngine):
    sample = engine.sample(MODEL, step=STEP, seed=5, count=1).pictures[0].resize((200, 200))
    projections = list(engine.project(MODEL, step=STEP, picture=sample))
    first, last = projections[0], projections[-1]
    assert (first.step, last.step) == (0, last.steps)
    assert last.error < 25
    assert last.error < first.error
    assert last.target.size == last.picture.size == (32, 32)
    (again,) = engine.draw(MODEL, step=STEP, z=[last.z])
    assert np.abs(np.asarray(again.picture, dtype=int) - np.asarray(last.picture, dtype=int)).max() <= 1


def test_a_coloured_generator_takes_a_coloured_picture(engine: LocalEngine):
    (sample,) = engine.sample("stacked-cured", step=100_000, seed=5, count=1).pictures
    search = engine.project("stacked-cured", step=100_000, picture=sample)
    first = next(search)
    search.close()  # type: ignore[attr-defined]
    assert first.target.mode == first.picture.mode == "RGB"


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda e: e.draw("nobody", step=0, z=[[0.0]]), "There is no generator"),
        (lambda e: e.draw(MODEL, step=7, z=[[0.0] * Z_DIM]), "There is no snapshot after 7 steps"),
        (lambda e: e.draw(MODEL, step=STEP, z=[[0.0] * 3]), f"has {Z_DIM} numbers"),
        (lambda e: e.draw(MODEL, step=STEP, z=[]), "1 to 64 points"),
        (lambda e: e.draw(MODEL, step=STEP, z=[[0.0] * Z_DIM] * (MOST_POINTS + 1)), "1 to 64 points"),
        (lambda e: e.draw(MODEL, step=STEP, z=[[math.nan] * Z_DIM]), "finite numbers"),
        (lambda e: e.draw(MODEL, step=STEP, z=[[math.inf] * Z_DIM]), "finite numbers"),
        (lambda e: e.draw(MODEL, step=STEP, z=[[1e30] * Z_DIM]), "too far out"),
        (lambda e: e.between(MODEL, step=STEP, start=z(e), end=z(e), count=1, way="lerp"), "2 to 64 pictures"),
        (lambda e: e.round_walk(MODEL, step=STEP, stops=[], frames=3), f"2 to {MOST_STOPS} samples, not 0"),
        (lambda e: e.round_walk(MODEL, step=STEP, stops=[z(e)] * 10_000, frames=3), "samples, not 10,000"),
        (lambda e: e.round_walk(MODEL, step=STEP, stops=[z(e)] * 2, frames=0), "1 to 64 pictures"),
        (lambda e: e.combine(MODEL, weights=[1, -1], z=[z(e), z(e)]), "cancel each other out"),
        (lambda e: e.combine(MODEL, weights=[math.nan], z=[z(e)]), "needs a weight"),
        (lambda e: e.kinds(MODEL, step=STEP, judge="vgg19"), "There is no classifier"),
        (lambda e: e.project(MODEL, step=STEP, picture=Image.new("L", (99, 99), "white")), "blank"),
        (lambda e: e.project(MODEL, step=7, picture=Image.new("L", (99, 99))), "no snapshot after 7"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(
    engine: LocalEngine, ask: Callable[[LocalEngine], object], sentence: str
):
    with pytest.raises(EngineError, match=sentence):
        ask(engine)


def test_a_search_that_is_left_leaves_nothing_running(engine: LocalEngine, photo: Image.Image):
    search: Iterator[object] = engine.project(MODEL, step=STEP, picture=photo)
    next(search)
    search.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(search)
