"""What is on record of a generator's training, beside what its snapshots draw: scores, losses, verdicts, kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from PIL import Image

from demos.gan.history.player_html import SnapshotFrame, chart
from demos.gan.selection import SAMPLES, Selected
from evaluation.quantitative import scores, training_log
from evaluation.quantitative.scores import ModelScores, Scores, ScoresError
from evaluation.quantitative.training_log import LoggedStep
from media import sheet
from serving.engine import Engine
from serving.engine.sampling import GeneratorInfo

Kinds = Literal["none", "room", "counted"]
SIDE, GAP = 64, 4  # pixels of a sample on a sheet, and around it
STACKED_KINDS = 1000
DIGIT_JUDGE, DIGITS = "mnist-classifier", tuple("0123456789")
TENTH = 10  # the end of a training that is described: its last tenth
EVEN, SURE = 0.1, 0.8  # verdicts closer than this are even; one above this is sure


def on_record(name: str) -> ModelScores | None:
    """The scores of a generator, or None where it has none."""
    try:
        return scores.read(name)
    except ScoresError:
        return None


def logged(name: str) -> list[LoggedStep]:
    """The training log of a generator, empty where it has none."""
    try:
        return training_log.read(name)
    except ScoresError:
        return []


def drawn(engine: Engine, name: str, step: int, seed: int) -> Image.Image:
    """The sheet of a seed's samples at a step."""
    pictures = engine.sample(name, step=step, seed=seed, count=SAMPLES).pictures
    return sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], SIDE), gap=GAP)


def recipe(name: str, step: int, seed: int) -> dict[str, Any]:
    """What the file of such a sheet says about itself."""
    return Selected(name, step, seed, 0).recipe(samples=SAMPLES)


def frames(engine: Engine, info: GeneratorInfo, seed: int, *, kinds: Kinds) -> list[SnapshotFrame]:
    """A frame for each snapshot.

    Args:
        engine: what draws.
        info: the generator.
        seed: of the samples.
        kinds: whether to count the kinds among further samples, or to leave room for that.
    """
    record = on_record(info.name)
    return [
        SnapshotFrame(
            step=step,
            picture=drawn(engine, info.name, step, seed),
            settings=recipe(info.name, step, seed),
            numbers=in_numbers(record.steps.get(step), record.samples) if record else in_numbers(None),
            kinds=engine.kinds(info.name, step=step, judge=record.judge) if kinds == "counted" and record else (),
            labels=DIGITS if record and record.judge == DIGIT_JUDGE else (),
            room=kinds == "room" and record is not None,
        )
        for step in info.steps
    ]


def in_numbers(scored: Scores | None, samples: int = 0) -> str:
    """The scores of a snapshot, as a line; `samples` were scored."""
    if scored is None:
        return "no scores on record"
    if scored.modes_found is not None:
        return f"{scored.modes_found:,} of {STACKED_KINDS:,} kinds among {samples:,} samples"
    kinds = "1 kind" if scored.classes_found == 1 else f"{scored.classes_found} kinds"
    return f"Inception Score {scored.inception_score:.2f}, {kinds}"


def charts(name: str, title: str) -> str:
    """The losses and the verdicts of a training, as HTML; empty where no log is kept.

    Args:
        name: of the generator.
        title: its name for people.
    """
    log = logged(name)
    if not log:
        return ""
    end = log[-1].step
    losses = {
        "discriminator’s loss": [(row.step, row.d_loss) for row in log],
        "generator’s loss": [(row.step, row.g_loss) for row in log],
    }
    drawn_losses = chart(f"{title}: losses", losses, end=end)
    if gives_scores(log):
        return drawn_losses
    verdicts = {
        "D(x), real pictures": [(row.step, row.d_real) for row in log],
        "D(G(z)), generated": [(row.step, row.d_fake) for row in log],
    }
    return drawn_losses + chart(f"{title}: verdicts, 1 is real", verdicts, end=end, span=(0, 1))


def gives_scores(log: Sequence[LoggedStep]) -> bool:
    """Whether the discriminator gives a score of any size, as in a Wasserstein GAN, in place of a verdict."""
    return any(row.d_loss < 0 for row in log)


def reading(name: str) -> str:
    """How to read a training's curves, by what these ones do at their end."""
    log = logged(name)
    if not log:
        return "No losses are on record for this generator."
    if gives_scores(log):
        return (
            "This discriminator gives a score of any size, not a verdict between 0 and 1 (Wasserstein GAN). Turned "
            "round, its loss is the distance between real and generated pictures that it sees, but for the penalty: "
            f"{-log[0].d_loss:.1f} at the first line of the log and {-log[-1].d_loss:.1f} at the last. The distance "
            "falls while the pictures get better, so this curve does say something about quality."
        )
    last = log[-max(1, len(log) // TENTH) :]
    real, fake = (sum(getattr(row, side) for row in last) / len(last) for side in ("d_real", "d_fake"))
    opening = (
        "The losses of a GAN do not fall like others: each network makes the other’s task harder, so they say who is "
        "ahead, not how good the pictures are. In the last tenth of this training the discriminator’s mean verdict is "
        f"{real:.2f} on real pictures and {fake:.2f} on generated ones. "
    )
    if real - fake < EVEN:
        return opening + "The two are nearly equal: it can hardly tell them apart, and the generator has caught up."
    if real > SURE and fake < 1 - SURE:
        return opening + "It is nearly always right: the generator is far behind, and the curves stay apart."
    return opening + "It is right more often than not: both still learn from each other."


def as_json(engine: Engine, info: GeneratorInfo) -> dict[str, Any]:
    """All that is on record of a training, for the API."""
    record = on_record(info.name)
    snapshots = [
        {
            "step": step,
            "scores": _given(record.steps[step]) if record and step in record.steps else {},
            "kinds": list(engine.kinds(info.name, step=step, judge=record.judge)) if record else [],
        }
        for step in info.steps
    ]
    return {"model": info.name, "snapshots": snapshots, "log": [asdict(row) for row in logged(info.name)]}


def _given(scored: Scores) -> dict[str, float]:
    return {name: value for name, value in asdict(scored).items() if value is not None}
