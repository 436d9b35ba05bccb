"""One optimiser walking one picture down a loss: Adam (Kingma & Ba, 2015) or L-BFGS (Liu & Nocedal, 1989)."""

from __future__ import annotations

import copy
import math
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from models.style.loss import Losses, Objective

Name = Literal["adam", "l-bfgs"]


@dataclass(frozen=True, kw_only=True)
class Method:
    """How the pixels are moved.

    Args:
        optimiser: Adam, robust and cheap to resume; or L-BFGS, which needs fewer steps and `history` times the memory.
        step_size: of Adam, in units of white; L-BFGS finds its own.
        warm_up: steps over which Adam's step size rises to that. Before it knows the gradients, it moves every pixel
            alike.
        settle: steps after which Adam's step size has halved, then it falls like 1 / step; 0 keeps it.
        betas: of Adam's running means.
        history: how many steps L-BFGS remembers.
        average: of the pictures so far, the share that stays at each step (an exponential moving average, which
            quietens the grain); 0 shows the newest alone.

    Raises:
        ValueError: a value is out of its range.
    """

    optimiser: Name = "adam"
    step_size: float = 0.05
    warm_up: int = 0
    settle: float = 20.0
    betas: tuple[float, float] = (0.9, 0.99)
    history: int = 20
    average: float = 0.0

    def __post_init__(self) -> None:
        if self.optimiser not in ("adam", "l-bfgs"):
            raise ValueError(f"there is no optimiser {self.optimiser!r}; there are: adam, l-bfgs")
        if not 0 < self.step_size <= 1:
            raise ValueError(f"the step size must lie above 0 and at most at 1, got {self.step_size:g}")
        if self.warm_up < 0:
            raise ValueError(f"the steps to warm up in must be a number from 0 up, got {self.warm_up}")
        if not (math.isfinite(self.settle) and self.settle >= 0):
            raise ValueError(f"the steps to settle in must be a number from 0 up, got {self.settle:g}")
        if not all(0 <= beta < 1 for beta in (*self.betas, self.average)):
            raise ValueError("Adam's betas and the average must lie in [0, 1)")
        if not 1 <= self.history <= 100:
            raise ValueError(f"L-BFGS can remember 1 to 100 steps, got {self.history}")


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
            self.optimiser.param_groups[0]["lr"] = self._step_size()
            self.optimiser.step()
            self.picture.clamp_(0, 1)
            self._measured.clear()
        self.steps += 1
        if self.method.average:
            kept = min(self.method.average, self.steps / (self.steps + 1))
            self.mean.lerp_(self.picture, 1 - kept)

    def _step_size(self) -> float:
        method = self.method
        settled = 1 + self.steps / method.settle if method.settle else 1.0
        return method.step_size / settled * min(1.0, (self.steps + 1) / (method.warm_up + 1))

    def memory(self) -> dict[str, Any]:
        """All that the next step depends on besides the picture, on the CPU and not shared."""
        return {"steps": self.steps, "mean": _to_cpu(self.mean), "optimiser": _to_cpu(self.optimiser.state_dict())}

    def remember(self, memory: dict[str, Any]) -> None:
        """Go on from what `memory` returned for a picture of this size, with `optimiser` None from its steps alone."""
        self.steps = memory["steps"]
        self.mean = memory["mean"].to(self.mean)
        if memory["optimiser"] is not None:
            self.learn(memory["optimiser"])

    def learn(self, state: dict[str, Any]) -> None:
        """Take over what an optimiser of this kind knew, not its settings."""
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
