"""A flag is redrawn in the other style and back, and the errors are what they say."""

import numpy as np
import pytest
from PIL import Image

from assets import flags
from serving.engine.errors import EngineError
from serving.local import LocalEngine
from serving.local.translate import difference, fitted

FORTH, BACK = "emoji-cyclegan-twemoji-to-noto", "emoji-cyclegan-noto-to-twemoji"


def test_every_way_has_one_that_leads_back(engine: LocalEngine):
    ways = {info.name: (info.source, info.target) for info in engine.translators()}
    assert ways == {FORTH: ("twemoji", "noto"), BACK: ("noto", "twemoji")}


def test_a_translation_is_nearer_to_the_true_pair_and_leads_back(engine: LocalEngine):
    flat, waving = flags.flags("twemoji"), flags.flags("noto")
    done = [
        engine.translate(start, model=FORTH, step=2000, pair=pair) for start, pair in zip(flat, waving, strict=True)
    ]
    nearer = [translation.pair_error < translation.unchanged_error for translation in done]
    assert np.mean(nearer) > 0.8  # weights/emoji-cyclegan-twemoji-to-noto/metrics.json: 0.96 of 54 flags
    assert np.mean([translation.cycle_error for translation in done]) < 5


def test_before_training_nothing_is_redrawn(engine: LocalEngine):
    untrained = engine.translate(flags.flags("noto")[0], model=BACK, step=0)
    assert untrained.cycle_error == pytest.approx(0, abs=0.3)
    assert untrained.pair_error is None


def test_the_difference_of_black_and_white_is_the_whole_range():
    black, white = (Image.new("RGB", (4, 4), colour) for colour in ("black", "white"))
    assert (difference(black, white), difference(white, white)) == (100, 0)


def test_a_picture_of_another_shape_is_fitted_on_white():
    fitted_picture = fitted(Image.new("RGB", (200, 100), "navy"), 32)
    assert fitted_picture.size == (32, 32)
    assert fitted_picture.getpixel((16, 2)) == (255, 255, 255)
    assert fitted_picture.getpixel((16, 16)) == (0, 0, 128)


@pytest.mark.parametrize(
    ("model", "step", "reason"),
    [("mnist-dcgan", 2000, "no translator 'mnist-dcgan'"), (FORTH, 3, "no snapshot after 3 steps")],
)
def test_an_unknown_translator_or_snapshot_is_refused(engine: LocalEngine, model: str, step: int, reason: str):
    with pytest.raises(EngineError, match=reason):
        engine.translate(flags.flags("noto")[0], model=model, step=step)
