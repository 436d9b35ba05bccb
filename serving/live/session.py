"""One run of live training: it advances step by step, and says at any time how it stands."""

from __future__ import annotations

import json
import math
from statistics import mean
from time import perf_counter, thread_time
from typing import Literal

import safetensors.torch
import torch
from PIL import Image
from torch import Tensor

from models import tensors
from models.gan.training import live
from models.gan.training.recipe import Recipe
from models.hub import loading
from models.vision.classifier import Classifier
from serving.engine.live_training import JUDGED, KINDS, SECONDS, SHEET, Action, LiveFrame, LiveRecipe, LossPoint, State
from serving.live import pictures
from serving.live.requests import Begin

CLASSIFIERS = {"digits": "mnist-classifier", "clothes": "fashion-classifier"}
LIFE = 600.0  # seconds of a run, pauses included
MOST_POINTS = 100  # of the curve in one frame
BROKEN = "The losses are no longer numbers: this training broke down. Start again with other settings."
FINISHED = "The time of this training is over. Sample what it learned, save it, or start again."
STOPPED = "Stopped. Sample what it learned, save it, or start again."
MOVES = {"d-step": "discriminator", "g-step": "generator"}


class TrainingSession:
    """A run and what was seen of it since the last frame.

    Args:
        begin: what to train.
    """

    def __init__(self, begin: Begin) -> None:
        self.recipe, self.device = begin.recipe, torch.device(begin.device)
        self.real = _real(begin)
        self.run = live.LiveRun(_settings(begin.recipe), self.real.levels, device=self.device)
        self.state: State = "training"
        self.seconds, self.begun = 0.0, perf_counter()
        name = CLASSIFIERS.get(begin.recipe.pictures)
        classifier = loading.load(name, source="bundled", device=self.device) if name else None
        assert classifier is None or isinstance(classifier, Classifier)
        self.classifier = classifier
        random = torch.Generator().manual_seed(begin.recipe.seed)
        self.z = torch.randn(JUDGED, self.run.settings.generator.z_dim, generator=random).to(self.device)
        self.originals = live.blurred(tensors.from_uint8(self.real.originals).to(self.device))
        self.points: list[LossPoint] = []
        self.verdicts: list[tuple[float, float]] = []  # means on real and generated pictures, since the last frame
        self.last: live.LiveStep | None = None
        self.means = math.nan, math.nan  # of the verdicts in the newest frame that had any

    @property
    def trains(self) -> bool:
        """Whether it goes on by itself."""
        return self.state == "training"

    def advance(self) -> None:
        """Make a training step; the run may be over after it."""
        start = thread_time()  # of computing: on a busy machine a run gets as far as on a quiet one
        self._saw(self.run.advance())
        self.seconds += thread_time() - start
        self._end_in_time()

    def _end_in_time(self) -> None:
        if self.state in ("training", "paused") and (self.seconds > SECONDS or perf_counter() - self.begun > LIFE):
            self.state = "finished"

    def act(self, action: Action) -> None:
        """Do what `LiveTrainer.control_live` says; a run that is over stays so."""
        if self.state not in ("training", "paused"):
            return
        if action == "stop":
            self.state = "stopped"
            return
        self.state = "training" if action == "go" else "paused"
        if action == "d-step":
            self._saw(self.run.discriminator_step())
        elif action == "g-step":
            self._saw(self.run.generator_step())

    @torch.inference_mode()
    def frame(self) -> LiveFrame:
        """The run as it stands; what was gathered for it is forgotten."""
        self._end_in_time()
        judged = self.run.average(self.z)
        samples = judged[:SHEET]
        index = live.closest(samples, self.originals)
        points, self.points = self.points, []
        if self.verdicts:
            real_means, fake_means = zip(*self.verdicts, strict=True)
            self.means = mean(real_means), mean(fake_means)
        self.verdicts = []
        real, fake = (self.last.real, self.last.fake) if self.last else (torch.empty(0), torch.empty(0))
        return LiveFrame(
            step=self.run.step,
            seconds=self.seconds,
            state=self.state,
            samples=_shown(tensors.to_uint8(samples)),
            closest=_shown(self.real.originals[index]),
            closest_index=tuple(index),
            d_real=self.means[0],
            d_fake=self.means[1],
            real_verdicts=live.histogram(real),
            fake_verdicts=live.histogram(fake),
            kinds=self._kinds(judged),
            curve=tuple(points[:: math.ceil(len(points) / MOST_POINTS) or 1]),
            source=self.real.source,
            message=self._message(),
        )

    def file(self) -> bytes:
        """The averaged generator in half precision, its configuration in the file's metadata."""
        network = self.run.average
        state = {
            name: tensor.half().contiguous() if tensor.is_floating_point() else tensor.contiguous()
            for name, tensor in network.state_dict().items()
        }
        config = json.dumps(network.config)
        return safetensors.torch.save(state, metadata={"config": config, "steps": str(self.run.step)})

    def _saw(self, step: live.LiveStep) -> None:
        self.last = step
        losses = [step.figures.get(name) for name in ("d_loss", "g_loss")]
        if not all(math.isfinite(loss) for loss in losses if loss is not None):
            self.state = "broken"
            return
        self.points.append(LossPoint(step.step, *losses))
        self.verdicts.append((step.figures["d_real"], step.figures["d_fake"]))

    def _kinds(self, judged: Tensor) -> tuple[int, ...]:
        if self.classifier is None:
            kinds, count = live.closest(judged, self.originals), len(self.real.originals)
        else:
            kinds = self.classifier(judged).argmax(dim=1).tolist()
            count = len(KINDS[self.recipe.pictures])
        return tuple(torch.tensor(kinds).bincount(minlength=count).tolist())

    def _message(self) -> str:
        return {"stopped": STOPPED, "finished": FINISHED, "broken": BROKEN}.get(self.state, "")


def _real(begin: Begin) -> pictures.RealPictures:
    kind: Literal["digits", "clothes", "drawings"] = begin.recipe.pictures
    return pictures.of_drawings(begin.drawings) if kind == "drawings" else pictures.of(kind)


def _settings(recipe: LiveRecipe) -> Recipe:
    return live.recipe(
        game=recipe.game,
        real_target=(recipe.smooth_from, recipe.smooth_to),
        d_steps=recipe.d_steps,
        g_steps=recipe.g_steps,
        noise=recipe.noise,
        pack=recipe.pack,
        seed=recipe.seed,
    )


def _shown(levels: Tensor) -> tuple[Image.Image, ...]:
    """Pictures `(B, 1, H, W)`, light on black, as the page shows them: dark on white."""
    return tuple(Image.fromarray(255 - level[0].cpu().numpy()) for level in levels)
