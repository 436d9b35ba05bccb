"""Gradient descent on the pixels of one picture: Adam (Kingma & Ba, 2015) or L-BFGS (Liu & Nocedal, 1989)."""

from __future__ import annotations

import copy
from collections import deque
from typing import Any

import torch
from torch import Tensor

from models.style.loss import Losses, Objective
from models.style.options import Method


class Descent:
    """A picture on its way down.

    Args:
        picture: where to start, `(1, 3, H, W)` in [0, 1].
        objective: what to descend.
        method: how.
    """

    def __init__(self, picture: Tensor, objective: Objective, method: Method) -> None:
        self.objective, self.method = objective, method
        self.picture = torch.nn.Parameter(picture.detach().clone(memory_format=torch.contiguous_format))
        self.steps = 0
        self.mean = self.picture.detach().clone()  # of the pictures so far
        if method.optimiser == "adam":
            self.optimiser: torch.optim.Optimizer = torch.optim.Adam(
                [self.picture], lr=method.step_size, betas=method.betas
            )
        else:
            self.optimiser = torch.optim.LBFGS(
                [self.picture],
                max_iter=1,
                history_size=method.history,
                tolerance_grad=0,
                tolerance_change=0,
                line_search_fn="strong_wolfe",  # without it a step now and then leaves the picture for good
            )
        self._measured: deque[tuple[Tensor, Losses, Tensor | None]] = deque(maxlen=4)  # newest last

    @property
    def image(self) -> Tensor:
        """The picture to show, in [0, 1]."""
        return (self.mean if self.method.average else self.picture.detach()).clamp(0, 1)

    def measure(self, *, last: bool = False) -> Losses:
        """Measure the picture as it is, and unless it is the last, find the way down."""
        for where, losses, gradient in self._measured:  # the line search has mostly been here
            if torch.equal(where, self.picture):
                self.picture.grad = gradient
                return losses
        losses, gradient = self.objective.gradient(self.picture, wanted=not last)
        self.picture.grad = None if gradient is None else gradient.contiguous()  # L-BFGS wants it flat
        self._measured.append((self.picture.detach().clone(), losses, self.picture.grad))
        return losses

    @torch.no_grad()
    def step(self) -> None:
        """Move the picture. L-BFGS may leave [0, 1] on its way: clamped inside its line search, it would explode."""
        if isinstance(self.optimiser, torch.optim.LBFGS):
            self.optimiser.step(lambda: float(self.measure().total))
        else:
            self.optimiser.param_groups[0]["lr"] = self.step_size()
            self.optimiser.step()
            self.picture.clamp_(0, 1)
            self._measured.clear()
        if self.method.average:
            self.mean.lerp_(self.picture, self.share())
        self.steps += 1

    def share(self) -> float:
        """By how much the next step moves the mean towards its picture."""
        return 1 - min(self.method.average, (self.steps + 1) / (self.steps + 2))

    def step_size(self) -> float:
        """The next step's, of Adam."""
        method = self.method
        settled = 1 + self.steps / method.settle if method.settle else 1.0
        return method.step_size / settled * min(1.0, (self.steps + 1) / (method.warm_up + 1))

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on besides the picture, on the CPU and not shared."""
        return {"steps": self.steps, "mean": _to_cpu(self.mean), "optimiser": _to_cpu(self.optimiser.state_dict())}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict` for a picture of this size; where its `optimiser` is None, from the steps alone."""
        self.steps = state["steps"]
        self.mean = state["mean"].to(self.mean)
        if state["optimiser"] is not None:
            self.load_optimiser(state["optimiser"])

    def load_optimiser(self, state: dict[str, Any]) -> None:
        """Take over the moments of an optimiser of the same kind, not its settings."""
        own = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": copy.deepcopy(state["state"]), "param_groups": own})


def _to_cpu(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return {key: _to_cpu(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_to_cpu(inner) for inner in value)
    return value
