"""The scores of the bundled generators, computed from their weights: `python -m benchmarks.zoo [--quick]`.

The figures of the default generator, mnist-dcgan, are means over its bundled training seeds. Figures whose weights are
not bundled are named and left out. `--quick` scores only the generators that have a figure.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from benchmarks.report import Figure, print_report
from models.hub import manifest
from training import weights_folder
from training.scoring import report
from training.scoring.translation import translator_report

DEFAULT = "mnist-dcgan"
SEEDS = 5  # training seeds in the mean of the default generator
TRANSLATORS = ("emoji-cyclegan-noto-to-twemoji", "emoji-cyclegan-twemoji-to-noto")
BOUNDS = {  # upper limits of the collapsed generators, lower limits of the cured ones
    "mnist-collapse": ("classes_found", 3, False),
    "mnist-cured": ("classes_found", 10, True),
    "stacked-collapse": ("modes_found", 150, False),
    "stacked-cured": ("modes_found", 950, True),
}

Scores = dict[str, Any]


def main() -> None:
    """Score the generators and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the generators that have a figure")
    quick = parser.parse_args().quick
    real = report.real_report("mnist")
    scores, seconds = _scores(quick=quick)
    columns = [column for column in real if column != "inception_score_std"]
    print(f"{report.COUNT:,} samples of each, beside the real test pictures".ljust(44), *(f"{c:>16}" for c in columns))
    for name, row in {"real digits": real, **scores}.items():
        if set(columns) <= set(row):
            print(f"{name:44}", *(f"{row[column]:>16}" for column in columns))
    print_report("Scoring a generator", seconds, list(_figures(scores)))


def _scores(*, quick: bool) -> tuple[dict[str, Scores], dict[str, list[float]]]:
    """The scores of the finished generators, and the seconds that they took."""
    scores, seconds = {}, {}
    for name, entry in manifest.read().items():
        if name in TRANSLATORS:
            scored = translator_report(name)
        elif entry.architecture in report.TRAINED_HERE and (not quick or name in BOUNDS or _is_default(name)):
            scored = report.generator_report(name, finished=True)
        else:
            continue
        start = perf_counter()
        *_, (_, scores[name]) = scored
        seconds[name] = [perf_counter() - start]
    return scores, seconds


def _figures(scores: dict[str, Scores]) -> Iterator[Figure]:
    seeds = [row for name, row in scores.items() if _is_default(name)]
    yield Figure(f"{DEFAULT}_training_seeds", len(seeds), SEEDS, at_least=True)
    yield Figure(f"{DEFAULT}_digits", min(row["classes_found"] for row in seeds), 10, at_least=True)
    yield Figure(f"{DEFAULT}_inception_score", _mean(seeds, "inception_score"), 9.7, at_least=True)
    yield Figure(f"{DEFAULT}_kl_to_uniform", _mean(seeds, "kl_to_uniform"), 0.006)
    for name, (key, limit, at_least) in BOUNDS.items():
        if name in scores:
            yield Figure(f"{name}_{key}", scores[name][key], limit, at_least=at_least)
        else:
            print(f"{name} is not bundled; its figure is left out")
    for name in TRANSLATORS:
        row = scores[name]
        baseline = min(row["identity"], row["recoloured"])
        yield Figure(f"{name}_distance_to_best_baseline", row["translated"] / baseline, 1.0)
    yield Figure("inception_score_off_its_card", max(_deviation(name, row) for name, row in scores.items()), 0.01)


def _is_default(name: str) -> bool:
    return name == DEFAULT or (name.startswith(f"{DEFAULT}-seed-") and not name.endswith("-discriminator"))


def _mean(scores: list[Scores], key: str) -> float:
    return statistics.fmean(row[key] for row in scores)


def _deviation(name: str, row: Scores) -> float:
    """The difference between the Inception Score and the one in metrics.json."""
    recorded = json.loads((manifest.FOLDER / name / weights_folder.METRICS).read_text())
    last = list(recorded["steps"].values())[-1]
    return abs(row.get("inception_score", 0.0) - last.get("inception_score", 0.0))


if __name__ == "__main__":
    main()
