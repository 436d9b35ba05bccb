"""Labels can be blended, directions have names, and what was counted is handed over."""

import math

import numpy as np
import pytest
from PIL import Image

from serving.engine.errors import EngineError
from serving.local import LocalEngine

EYES, STEP = "painted-eyes", 19_700
COLOURS = ("amber", "blue", "brown", "grey", "greyscale", "green", "hazel", "red")


def only(label: str) -> list[float]:
    return [float(label == colour) for colour in COLOURS]


def colour_of(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=float).mean(axis=(0, 1))


def test_the_eyes_describe_themselves(engine: LocalEngine):
    info = next(info for info in engine.generators() if info.name == EYES)

    assert (info.labels, info.size, info.z_dim, info.steps) == (COLOURS, 128, 108, (STEP,))
    assert not any(other.labels for other in engine.generators() if other.name != EYES)


def test_a_label_is_seen_in_the_pictures(engine: LocalEngine):
    blue, red, grey = (
        engine.blend(EYES, step=STEP, seed=0, count=4, shares=only(label)).pictures
        for label in ("blue", "red", "greyscale")
    )
    for cold, warm, colourless in zip(blue, red, grey, strict=True):
        assert colour_of(cold)[2] - colour_of(cold)[0] > colour_of(warm)[2] - colour_of(warm)[0] + 10
        assert np.ptp(colour_of(colourless)) < 6


def test_a_blend_is_a_sample_like_any_other(engine: LocalEngine):
    """Its z is in the open, and drawing that z again gives the picture."""
    samples = engine.blend(EYES, step=STEP, seed=3, count=1, shares=[0, 1, 0, 0, 0, 1, 0, 0])
    moved = {i: samples.z[0][i] for i in range(100, 108)}

    again = engine.move(EYES, step=STEP, seed=3, index=0, moved=moved)

    assert np.abs(np.asarray(again, dtype=int) - np.asarray(samples.pictures[0], dtype=int)).max() <= 1


@pytest.mark.parametrize(
    ("model", "shares", "message"),
    [
        (EYES, [1.0], "takes 8 shares"),
        (EYES, [0.0] * 8, "not all 0"),
        (EYES, [math.nan] * 8, "not all 0"),
        ("mnist-dcgan", [1.0], "no labels"),
        ("nobody", [1.0], "no generator"),
    ],
)
def test_shares_that_do_not_fit_are_refused(engine: LocalEngine, model: str, shares: list[float], message: str):
    step = STEP if model == EYES else 20_000
    with pytest.raises(EngineError, match=message):
        engine.blend(model, step=step, seed=0, count=1, shares=shares)


def test_named_directions_are_unit_vectors_of_the_model(engine: LocalEngine):
    directions = engine.named_directions("mnist-dcgan")

    assert [direction.title for direction in directions] == ["Stroke", "Slant", "Width"]
    assert all(len(direction.vector) == 24 for direction in directions)
    assert all(math.hypot(*direction.vector) == pytest.approx(1, abs=1e-3) for direction in directions)
    assert engine.named_directions("mnist-wgan-gp") == []


def test_the_stroke_s_direction_makes_strokes_thicker(engine: LocalEngine):
    stroke = engine.named_directions("mnist-dcgan")[0].vector
    z = engine.latent("mnist-dcgan", seed=5, index=0)
    thin, thick = (
        engine.move("mnist-dcgan", step=20_000, seed=5, index=0, moved=dict(enumerate(_near(z, stroke, move))))
        for move in (-2, 2)
    )
    assert np.asarray(thick).mean() < np.asarray(thin).mean()  # more ink is darker


def _near(z: list[float], vector: tuple[float, ...], move: float) -> list[float]:
    return [max(-4.0, min(4.0, value + move * unit)) for value, unit in zip(z, vector, strict=True)]


@pytest.mark.parametrize("ask", ["named_directions", "counted"])
def test_an_unknown_model_is_refused(engine: LocalEngine, ask: str):
    with pytest.raises(EngineError, match="no generator"):
        getattr(engine, ask)("nobody")
