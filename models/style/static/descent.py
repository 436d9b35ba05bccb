"""Adam on the pixels of one picture, every step the same work on the same tensors: on CUDA, one graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.cuda_graph import Replayed
from models.style.descent import Descent
from models.style.loss import Losses
from models.style.options import Method
from models.style.static.objective import StaticObjective


class StaticDescent(Descent):
    """A picture on its way down by Adam; it takes the steps that `Descent` takes.

    A step first moves the picture and then measures it, so that the losses are always those of the picture. The two
    numbers that differ from step to step are written onto the device before each.

    Args:
        picture: where to start, `(1, 3, H, W)` in [0, 1].
        objective: what to descend.
        method: how; its optimiser is Adam.
    """

    def __init__(self, picture: Tensor, objective: StaticObjective, method: Method) -> None:
        super().__init__(picture, objective, method)
        self.device = self.picture.device
        self._rate, self._share = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        self._losses = torch.zeros(len(Losses._fields), device=self.device)
        self.optimiser = torch.optim.Adam(
            [self.picture], lr=self._rate, betas=method.betas, fused=True, capturable=self.device.type == "cuda"
        )
        self.picture.grad = torch.zeros_like(self.picture)
        self._step = Replayed(self.static_step, self.device)
        self._is_measured = False

    def measure(self, *, last: bool = False) -> Losses:  # noqa: ARG002 - the gradient is there already
        """The losses of the picture as it is: views of a tensor that the next step overwrites."""
        if not self._is_measured:
            self._measure()
            self._is_measured = True
        return Losses(*self._losses)

    @torch.no_grad()
    def step(self) -> None:
        """Move the picture, and measure it."""
        self.measure()
        self._rate.fill_(self.step_size())
        self._share.fill_(self.share())
        self._step()
        self.steps += 1

    @torch.no_grad()
    def static_step(self) -> None:
        """What a CUDA graph holds: one step, made of tensors alone."""
        self.optimiser.step()
        self.picture.clamp_(0, 1)
        if self.method.average:
            self.mean.lerp_(self.picture, self._share)
        self._measure()

    def _measure(self) -> None:
        losses, gradient = self.objective.gradient(self.picture)
        torch.stack(losses, out=self._losses)
        assert self.picture.grad is not None
        assert gradient is not None
        self.picture.grad.copy_(gradient)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict` of this class or of `Descent`."""
        mean = self.mean
        super().load_state_dict(state)
        self.mean = mean.copy_(self.mean)

    def load_optimiser(self, state: dict[str, Any]) -> None:
        """Take over the moments of an Adam, not its settings."""
        super().load_optimiser(state)
        self.optimiser.param_groups[0]["lr"] = self._rate
