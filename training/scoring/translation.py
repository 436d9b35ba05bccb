"""Score the bundled translators on flags whose true pairs are known."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from evaluation.quantitative.translation import pair_distances
from models import tensors
from models.gan.training import recipe
from models.hub import loading
from training.cycle import export
from training.data import emoji


def translator_report(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Score a bundled translator on the held-out code points at every step that is bundled, the finished one last.

    Args:
        name: ends in `-twemoji-to-noto` or `-noto-to-twemoji`, after the name of its recipe.
    """
    ways = {export.model_name(settings, way): (settings, way) for settings in _recipes() for way in export.DIRECTIONS}
    settings, way = ways[name]
    source, target = export.DIRECTIONS[way]
    drawn = functools.partial(emoji.drawings, categories=settings.categories, size=settings.size)
    pictures, pairs = (tensors.from_uint8(drawn(hand, train=False)) for hand in (source, target))
    reference = tensors.from_uint8(drawn(target, train=True))
    for step in loading.entries()[name].steps:
        translator = loading.load(name, step=step, source="bundled")
        distances = pair_distances(translator, pictures, pairs, reference=reference)
        yield step, {"pictures": len(pictures), **{key: round(value, 4) for key, value in distances._asdict().items()}}


def _recipes() -> list[recipe.CycleRecipe]:
    return [recipe.read_cycle(name) for name in recipe.cycle_names()]
