"""Score bundled models and write the scores beside them: `python -m evaluation.quantitative [NAME…]`.

Each figure goes into weights/NAME/metrics.json and, of the finished model, into its card.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from huggingface_hub import EvalResult

from evaluation.quantitative import report
from evaluation.quantitative.battles import battles
from models import manifest
from training import data, layout, recipe

COLUMNS = ("inception_score", "inception_score_std", "fid", "classes_found", "kl_to_uniform", "closeness")
METRICS = {"inception_score": "Inception Score", "fid": "Fréchet distance", "kl_to_uniform": "KL to uniform classes"}


def main() -> None:
    """Score the models that were named, or all that can be."""
    known = [name for name, entry in manifest.read().items() if entry.architecture in RATERS]
    parser = argparse.ArgumentParser(prog="python -m evaluation.quantitative", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all if none is named")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"no scores are known for {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    for name in options.names or known:
        entry = manifest.read()[name]
        figures, results = RATERS[entry.architecture](name)
        path = manifest.FOLDER / name / layout.METRICS
        path.write_text(json.dumps({**report.circumstances(name), **figures}, indent=2) + "\n")
        layout.note_results(name, results)
        print(path)


def _rate_generator(name: str) -> tuple[dict[str, Any], list[EvalResult]]:
    kind = recipe.read(name).data
    real = report.real_report(kind)
    print(f"{name:>22}", *(f"{column:>20}" for column in COLUMNS))
    print(f"{'real test set':>22}", *(f"{real[column]:>20}" for column in COLUMNS))
    steps = {}
    for step, figures in report.generator_report(name):
        steps[str(step)] = figures
        print(f"{step:>22,}", *(f"{figures[column]:>20}" for column in COLUMNS), flush=True)
    results = [
        _result("unconditional-image-generation", kind, "train", metric, title, figures[metric])
        for metric, title in METRICS.items()
    ]
    fought = battles(name)
    for rival, told in fought.items():
        print(f"{'against ' + rival:>22}: r_test {told['r_test']}, r_samples {told['r_samples']}: {told['winner']}")
    return {"real_test_set": real, "steps": steps, "battles": fought}, results


def _rate_classifier(name: str) -> tuple[dict[str, Any], list[EvalResult]]:
    (kind,) = (kind for kind, known in report.JUDGES.items() if known == name)
    accuracy = round(report.accuracy(name), 4)
    print(f"{name:>22} accuracy on the test set {accuracy:.2%}")
    return {"accuracy": accuracy}, [_result("image-classification", kind, "test", "accuracy", "Accuracy", accuracy)]


RATERS = {"dcgan-generator": _rate_generator, "classifier": _rate_classifier}


def _result(task: str, kind: str, split: str, metric: str, title: str, value: float) -> EvalResult:
    return EvalResult(
        task_type=task,
        dataset_type=data.HUB_NAMES[kind],
        dataset_name=kind.upper(),
        dataset_split=split,
        metric_type=metric,
        metric_name=title,
        metric_value=value,
    )


if __name__ == "__main__":
    main()
