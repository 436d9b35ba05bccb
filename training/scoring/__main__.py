"""Score bundled models and write the scores beside them: `python -m training.scoring [--battles] [NAME…]`.

Each figure goes into weights/NAME/metrics.json and, of the finished model, into its card. With `--battles` only the
battles of the Generative Adversarial Metric are computed anew, with `--perceptual` only the distance in VGG-19's
features, and the other figures stay as they are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from huggingface_hub import EvalResult

from models.gan.training import recipe
from models.hub import manifest
from training import weights_folder
from training.data import datasets
from training.scoring import attributes, perceptual, report
from training.scoring.battles import battles
from training.scoring.translation import translator_report

METRICS = {  # what the card shows, where it was measured
    "inception_score": "Inception Score",
    "fid": "Fréchet distance",
    perceptual.KEY: "Fréchet distance in VGG-19's features",
    "modes_found": "Kinds found, of 1000",
    "kl_to_uniform": "KL to uniform classes",
}


def main() -> None:
    """Score the models that were named, or all that can be."""
    known = [name for name, entry in manifest.read().items() if entry.architecture in RATERS]
    parser = argparse.ArgumentParser(prog="python -m training.scoring", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all if none is named")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--battles", action="store_true", help="only the battles; all other figures stay")
    only.add_argument("--perceptual", action="store_true", help="only the distance in VGG-19's features, of generators")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"no scores are defined for {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    for name in options.names or known:
        entry = manifest.read()[name]
        if options.battles:
            _battle_anew(name)
            continue
        if options.perceptual:
            if entry.architecture in report.TRAINED_HERE:
                _measure_anew(name)
            continue
        figures, results = RATERS[entry.architecture](name)
        path = manifest.FOLDER / name / weights_folder.METRICS
        path.write_text(json.dumps({**report.circumstances(name), **figures}, indent=2) + "\n")
        weights_folder.note_results(name, results)
        print(path)
        if entry.architecture in report.TRAINED_HERE:
            _measure_anew(name)


def _battle_anew(name: str) -> None:
    """Write the battles of a model that was scored before.

    Raises:
        SystemExit: the weights or the libraries are not those that the other figures were computed with.
    """
    path = manifest.FOLDER / name / weights_folder.METRICS
    known = json.loads(path.read_text(encoding="utf-8"))
    if "battles" not in known:
        return
    if changed := [key for key, value in report.circumstances(name).items() if known.get(key) != value]:
        raise SystemExit(f"{name} was scored with other {', '.join(changed)}: run the command without --battles.")
    path.write_text(json.dumps({**known, "battles": battles(name)}, indent=2) + "\n")
    print(path, flush=True)


def _measure_anew(name: str) -> None:
    """Write the distances in VGG-19's features of a generator that was scored before, and its card.

    Raises:
        SystemExit: the other figures belong to other weights.
    """
    path = manifest.FOLDER / name / weights_folder.METRICS
    known = json.loads(path.read_text(encoding="utf-8"))
    if known["sha256"] != report.circumstances(name)["sha256"]:
        raise SystemExit(f"{name} was scored with other weights: run the command without --perceptual.")
    kind = recipe.read(name).data
    known["perceptual"] = perceptual.circumstances(name)
    known["real_test_set"][perceptual.KEY] = perceptual.real_distance(kind)
    for step, distance in perceptual.distances(name):
        known["steps"][str(step)][perceptual.KEY] = distance
        print(f"{name:>22}, step {step:,}: {distance} (real pictures {perceptual.real_distance(kind)})", flush=True)
    path.write_text(json.dumps(known, indent=2) + "\n")
    finished = known["steps"][str(max(map(int, known["steps"])))]
    weights_folder.note_results(name, _results(kind, finished))
    print(path, flush=True)


def _rate_generator(name: str) -> tuple[dict[str, Any], list[EvalResult]]:
    kind = recipe.read(name).data
    real = report.real_report(kind)
    print(f"{name:>22}", *(f"{column:>20}" for column in real))
    print(f"{'real pictures':>22}", *(f"{figure:>20}" for figure in real.values()))
    steps = {}
    for step, figures in report.generator_report(name):
        steps[str(step)] = figures
        print(f"{step:>22,}", *(f"{figure:>20}" for figure in figures.values()), flush=True)
    fought = battles(name)
    for rival, result in fought.items():
        print(
            f"{'against ' + rival:>22}: r_test {result['r_test']}, r_samples {result['r_samples']}: {result['winner']}"
        )
    known = {"attributes": attributes.counted(name)} if kind in attributes.SETS else {}
    return {"real_test_set": real, "steps": steps, **known, "battles": fought}, _results(kind, figures)


def _results(kind: str, figures: dict[str, Any]) -> list[EvalResult]:
    """What a generator's card shows of its figures."""
    return [
        _result("unconditional-image-generation", kind, "train", metric, title, figures[metric])
        for metric, title in METRICS.items()
        if metric in figures
    ]


def _rate_classifier(name: str) -> tuple[dict[str, Any], list[EvalResult]]:
    kind = report.judged_by(name)
    accuracy = round(report.accuracy(name), 4)
    print(f"{name:>22} accuracy on the test set {accuracy:.2%}")
    return {"accuracy": accuracy}, [_result("image-classification", kind, "test", "accuracy", "Accuracy", accuracy)]


def _rate_translator(name: str) -> tuple[dict[str, Any], list[EvalResult]]:
    steps = {}
    for step, figures in translator_report(name):
        steps[str(step)] = figures
        print(f"{name:>30}, step {step:,}:", *(f"{key} {figure}" for key, figure in figures.items()), flush=True)
    title = "Distance to the true pair"
    result = _result("image-to-image", "twemoji", "held out", "translated", title, figures["translated"])
    return {"steps": steps}, [result]


RATERS: dict[str, Callable[[str], tuple[dict[str, Any], list[EvalResult]]]] = {
    **dict.fromkeys(report.TRAINED_HERE, _rate_generator),
    "cyclegan-translator": _rate_translator,
    "classifier": _rate_classifier,
}


def _result(task: str, kind: str, split: str, metric: str, title: str, value: float) -> EvalResult:
    return EvalResult(
        task_type=task,
        dataset_type=datasets.HUB_NAMES.get(kind, kind),
        dataset_name=datasets.TITLES[kind],
        dataset_split=split,
        metric_type=metric,
        metric_name=title,
        metric_value=value,
    )


if __name__ == "__main__":
    main()
