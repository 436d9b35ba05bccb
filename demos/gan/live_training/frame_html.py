"""A frame of live training as HTML: the samples, D's verdicts, the kinds of picture and the losses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from PIL import Image

from demos.gan.live_training.runs import LossHistory
from demos.parts import curve, html
from media import provenance
from serving.engine.live_training import JUDGED, SECONDS, LiveFrame, LiveRecipe
from serving.engine.sampling import Samples

TRAINED_LIVE = "trained live"  # the name of a visitor's own generator in its pictures' files
COLUMNS, SCALE, SMALL, GAP = 4, 3, 48, 6  # pixels of the sheet; a sample has 32
PAPER, EDGE = 246, 255
MANY = 10  # kinds, beyond which their names are numbers
STATES = {
    "training": "Training",
    "paused": "Paused",
    "stopped": "Stopped",
    "finished": "Finished",
    "broken": "Broken down",
}


def waiting() -> str:
    """What stands in the place of the samples before the first run."""
    return (
        '<div class="live-stage empty"><p>Press Start: sixteen samples appear here and improve as you watch.</p></div>'
    )


def in_file(frame: LiveFrame, training: LiveRecipe) -> dict[str, Any]:
    """What the file of a frame's samples says about itself."""
    return {"model": TRAINED_LIVE, "step": frame.step, **asdict(training)}


def stage(frame: LiveFrame, recipe: Mapping[str, Any]) -> str:
    """The samples, each with the closest real picture, in a file that holds the recipe, and a line about the run."""
    alt = (
        f"Sixteen samples after {frame.step:,} training steps, four by four; small at the right of each the real "
        "picture that is closest to it"
    )
    sheet = html.figure(_sheet(frame), alt=alt, crisp=True, settings=recipe)  # a composite: some are real
    status = f"{STATES[frame.state]}: {frame.step:,} steps, {frame.seconds:.0f} of {SECONDS} s."
    message = html.note(frame.message) if frame.message else html.note(frame.source, spoken=False)
    return f'<div class="live-stage">{sheet}</div><p class="live-status">{escape(status)}</p>{message}'


def more(samples: Samples, recipe: Mapping[str, Any]) -> str:
    """Other samples of what was trained, in a file that holds the recipe."""
    pictures = samples.pictures
    side = pictures[0].width * SCALE
    columns = math.isqrt(len(pictures) - 1) + 1
    sheet = Image.new("L", (columns * (side + GAP) - GAP, columns * (side + GAP) - GAP), EDGE)
    for i, picture in enumerate(pictures):
        place = (i % columns * (side + GAP), i // columns * (side + GAP))
        sheet.paste(picture.convert("L").resize((side, side), Image.Resampling.NEAREST), place)
    alt = "Sixteen new samples of your generator"
    return html.figure(sheet, alt=alt, crisp=True, settings=recipe, source=provenance.GENERATED)


def measures(frame: LiveFrame, losses: LossHistory, kinds: Sequence[str]) -> str:
    """The verdicts, the kinds and the losses."""
    return _verdicts(frame) + _kinds(frame.kinds, kinds) + _curve(losses)


def _sheet(frame: LiveFrame) -> Image.Image:
    side = frame.samples[0].width * SCALE
    width, height = side + SMALL + 2, side
    rows = math.ceil(len(frame.samples) / COLUMNS)
    sheet = Image.new("L", (COLUMNS * (width + GAP) - GAP, rows * (height + GAP) - GAP), EDGE)
    for i, (sample, closest) in enumerate(zip(frame.samples, frame.closest, strict=True)):
        left, top = i % COLUMNS * (width + GAP), i // COLUMNS * (height + GAP)
        sheet.paste(PAPER, (left, top, left + width, top + height))
        sheet.paste(sample.resize((side, side), Image.Resampling.NEAREST), (left, top))
        small = closest.resize((SMALL, SMALL), Image.Resampling.BILINEAR)
        sheet.paste(small, (left + side + 2, top + height - SMALL))
    return sheet


def _verdicts(frame: LiveFrame) -> str:
    """How sure D is, as pairs of columns: real pictures and generated ones in each tenth from 0 to 1."""
    rows = [("real", frame.real_verdicts), ("generated", frame.fake_verdicts)]
    highest = max(1, *frame.real_verdicts, *frame.fake_verdicts)
    bars = "".join(
        '<span class="pair">'
        + "".join(f'<i class="{name}" style="height: {100 * counts[i] / highest:.0f}%"></i>' for name, counts in rows)
        + "</span>"
        for i in range(len(frame.real_verdicts))
    )
    if math.isnan(frame.d_real):
        words = "D has judged nothing yet."
    else:
        words = f"D gives real pictures {frame.d_real:.2f} and generated ones {frame.d_fake:.2f} on average."
    return (
        f'<div class="live-verdicts"><p class="live-heading">What D says</p>'
        f'<div class="bars" role="img" aria-label="{escape(words)}">{bars}</div>'
        '<p class="scale" aria-hidden="true"><span>0: generated</span><span>1: real</span></p>'
        '<p class="legend" aria-hidden="true"><span class="real">real pictures</span>'
        f'<span class="generated">generated</span></p><p class="note">{escape(words)}</p></div>'
    )


def _kinds(counts: Sequence[int], names: Sequence[str]) -> str:
    different = sum(count > 0 for count in counts)
    words = f"{different} of {len(counts)} kinds among {JUDGED} samples."
    highest = max(1, *counts)
    bars = "".join(
        f'<li><span class="bar" style="--share: {count / highest:.2f}"></span><span>{escape(name)}</span></li>'
        for count, name in zip(counts, names, strict=True)
    )
    return (
        f'<div class="live-kinds"><p class="live-heading">Kinds that G draws</p>'
        f'<ul class="{"many" if len(names) > MANY else "few"}" aria-label="{escape(words)}">{bars}</ul>'
        f'<p class="note">{escape(words)}</p></div>'
    )


def _curve(losses: LossHistory) -> str:
    curves = {"D’s loss": losses.discriminator, "G’s loss": losses.generator}
    drawn = curve.draw_linear(curves, steps=losses.steps, caption=f"The losses of D and G over {losses.steps:,} steps")
    return f'<div class="live-losses"><p class="live-heading">Losses</p>{drawn}</div>'
