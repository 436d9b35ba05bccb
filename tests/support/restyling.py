"""Small settings and picture distances for the tests of restyling."""

import numpy as np
from PIL import Image

from serving.engine.settings import RestyleSettings

SMALL = RestyleSettings(side=64)


def levels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=float)


def apart(a: Image.Image, b: Image.Image) -> float:
    return float(np.abs(levels(a) - levels(b)).mean())


def settings(**changed: object) -> RestyleSettings:
    return RestyleSettings(**{"side": 64, **changed})
