"""Digests of what raters looked at: every picture that was shown, and the weights that drew it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
from PIL import Image

from evaluation.qualitative.imported.mark import own
from evaluation.qualitative.numbers_vs_eyes.metrics import metrics_of
from evaluation.qualitative.study.arms import (
    AdaINArm,
    Arm,
    GatysArm,
    GeneratorArm,
    HubArm,
)
from evaluation.qualitative.study.schema import Study
from models.hub import manifest

PICTURE_COLUMNS = {
    "arm": "id of the arm",
    "item": "id of the item, or the seed",
    "times": "in how many answered ballots the picture was shown",
    "width": "pixels; empty while the study is open, and where the picture was not drawn again for this release",
    "height": "pixels",
    "mode": "L (grey) or RGB",
    "sha256": "of the pixels, row by row, a byte for each channel; empty likewise",
}
WEIGHT_COLUMNS = {
    "arm": "id of the arm",
    "model": "the network's name in weights/, or its repository on the Hub",
    "step": "training steps of the snapshot",
    "file": "the file's name; for a model on the Hub its commit",
    "sha256": "of the file; empty for a model on the Hub, where the commit stands for it",
}
METRIC_COLUMNS = {
    "arm": "id of the arm; arms without metrics are not here",
    "inception_score": "Inception Score (Salimans et al., 2016), more is better",
    "fid": "Fréchet distance to the training pictures in features of a classifier of the same data, less is better",
    "perceptual_distance": "Fréchet distance to the training pictures in features of VGG-19, less is better",
    "classes_found": "how many classes have more than 1 % of the samples, more is better",
    "modes_found": "how many of the 1000 kinds of stacked digits appear, more is better",
    "kl_to_uniform": "from the shares of the classes to equal shares, in nats, less is better",
    "closeness": "distance to the nearest training picture over that of real pictures; 1 is best, near 0 are copies",
    "gam": "errors of the discriminator over those of its rivals in this study, geometric mean, less is better",
}
PLACES = ("left", "right", "third", "fourth")
_NETWORKS = {"adain": ("vgg19", "adain-decoder"), "gatys": ("vgg19", "adain-decoder")}

Draw = Callable[[Arm, str], Image.Image | None]


def metrics(study: Study) -> Iterator[dict[str, Any]]:
    """Yield a row with the metrics of each competing arm that has any."""
    known, _ = metrics_of(study)
    for arm in study.competing:
        if arm.id in known:
            yield {**dict.fromkeys(METRIC_COLUMNS), "arm": arm.id, **known[arm.id]}


def pictures(study: Study, votes: pd.DataFrame, draw: Draw | None) -> Iterator[dict[str, Any]]:
    """Yield a row for each picture that was shown in an answered ballot.

    Args:
        study: the study.
        votes: as `Store.results` returns them.
        draw: draws an arm's picture of an item, or returns None where it can't; without it there are no digests.

    Raises:
        StudyError, EngineError: from `draw`.
    """
    known = {arm.id: arm for arm in study.arms}
    for (name, item), times in sorted(_shown(votes).items()):
        row = {"arm": name, "item": item, "times": times, "width": "", "height": "", "mode": "", "sha256": ""}
        picture = draw(known[name], item) if name in known and draw is not None else None
        if picture is not None:
            row.update(
                width=picture.width,
                height=picture.height,
                mode=picture.mode,
                sha256=hashlib.sha256(picture.tobytes()).hexdigest(),
            )
        yield row


def weights(study: Study, votes: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a row for each file of weights that drew the pictures of an arm.

    Args:
        study: the study.
        votes: as `Store.results` returns them.
    """
    entries = manifest.read()
    drawn = {arm for arm, _ in _shown(votes)}
    for arm in (arm for arm in study.arms if arm.id in drawn):
        match arm:
            case GeneratorArm():
                file = entries[arm.model].file(arm.step)
                yield _row(arm, arm.model, arm.step, file.path, file.sha256)
            case HubArm():
                repo_id, _, revision = arm.address.partition("@")
                yield _row(arm, repo_id, "", revision, "")
            case AdaINArm() | GatysArm():
                for name in _NETWORKS[arm.method]:
                    if name in entries:
                        file = entries[name].file()
                        yield _row(arm, name, "", file.path, file.sha256)
            case _:
                continue


def seeds(votes: pd.DataFrame) -> set[int]:
    """Return the seeds of the pictures that this app drew: of places that hold a picture, and of no imported vote.

    Args:
        votes: as `Store.results` returns them.
    """
    drawn = own(votes)
    return {int(seed) for arm in PLACES for seed in drawn.loc[drawn[arm] != "", f"{arm}_seed"]}


def _row(arm: Arm, model: str, step: int | str, file: str, sha256: str) -> dict[str, Any]:
    return {"arm": arm.id, "model": model, "step": step, "file": file, "sha256": sha256}


def _shown(votes: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return how often each arm's picture of each item was shown."""
    times: dict[tuple[str, str], int] = {}
    here = own(votes)  # what others showed is not known
    for place in PLACES:
        for item, arm, seed in zip(here["item"], here[place], here[f"{place}_seed"], strict=True):
            if arm:
                key = (str(arm), str(item or seed))
                times[key] = times.get(key, 0) + 1
    return times
