"""A point of the latent space as text: `42:1` is sample 1 of seed 42, `42:1 - 42:2 + 7:3` a sum, `z:…` the numbers."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from demos.gan.selection import SAMPLES
from models.gan.seeds import MAX_SEED
from serving.engine import Engine
from serving.engine.errors import EngineError

MOST_TERMS = 8
MOST_CHARACTERS = 6_000
NUMBERS = "z:"  # starts a point that is written as its numbers
BAD = (
    "A point is written seed:sample, such as 42:1, or as a sum with spaces, such as 42:1 - 42:2 + 7:3. "
    f"A seed goes from 0 to {MAX_SEED:,}, a sample from 1 to {SAMPLES}."
)


class LatentPoint(NamedTuple):
    """A latent vector, and the text that brings it back."""

    text: str
    z: tuple[float, ...]


def from_text(engine: Engine, model: str, text: str | None) -> LatentPoint:
    """Read a point.

    Raises:
        EngineError: the text is no point, or not of this generator.
    """
    words = text.split() if text and len(text) <= MOST_CHARACTERS else []
    if len(words) % 2 == 0 or len(words) > 2 * MOST_TERMS or not {"+", "-"} >= set(words[1::2]):
        raise EngineError(BAD)
    parts = [_term(engine, model, word) for word in words[::2]]
    if len(parts) == 1:
        return LatentPoint(words[0], tuple(parts[0]))
    weights = [1.0] + [1.0 if sign == "+" else -1.0 for sign in words[1::2]]
    return LatentPoint(" ".join(words), tuple(engine.combine(model, weights=weights, z=parts)))


def from_numbers(z: Sequence[float]) -> LatentPoint:
    """The point of a latent vector, whose text holds all of its numbers in single precision."""
    packed = struct.pack(f"<{len(z)}f", *z)
    return LatentPoint(
        NUMBERS + base64.urlsafe_b64encode(packed).decode().rstrip("="), struct.unpack(f"<{len(z)}f", packed)
    )


def recipe(model: str, step: int, point: LatentPoint) -> dict[str, Any]:
    """What the file of a point's picture says about itself."""
    return {"model": model, "step": step, "point": point.text}


def _term(engine: Engine, model: str, word: str) -> Sequence[float]:
    if word.startswith(NUMBERS):
        return numbers(word.removeprefix(NUMBERS))
    seed, colon, sample = word.partition(":")
    if not colon or not (seed.isdecimal() and sample.isdecimal()):
        raise EngineError(BAD)
    if len(seed) > len(str(MAX_SEED)) or int(seed) > MAX_SEED or len(sample) > 2 or not 1 <= int(sample) <= SAMPLES:
        raise EngineError(BAD)
    return engine.latent(model, seed=int(seed), index=int(sample) - 1)


def numbers(text: str) -> Sequence[float]:
    """Read a latent vector from what follows `z:`.

    Raises:
        EngineError: the text holds no numbers.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return struct.unpack(f"<{len(packed) // 4}f", packed)
    except (binascii.Error, ValueError, struct.error):
        raise EngineError(BAD) from None
