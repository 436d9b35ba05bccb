"""Training in several processes, each with its part of every batch: the steps that one process makes with the whole.

Every process draws the random numbers of the whole batch and takes its part, so the draws are those of one process.
The gradients are averaged before each step of an optimiser, and batch norm takes its statistics from all parts.
`DistributedDataParallel` averages by hooks of one forward and one backward pass; these loops pass a batch through the
discriminator several times and take gradients of gradients, which it does not support. In a process alone nothing here
has an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.optim import Optimizer


class UnevenError(ValueError):
    """A batch can't be split evenly."""


def processes() -> int:
    """How many processes train together; 1 without `torchrun`."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def place() -> int:
    """The number of this process among them. Number 0 is the one that writes files."""
    return dist.get_rank() if processes() > 1 else 0


def check(batch: int, *, pack: int = 1) -> None:
    """Refuse a batch of which not every process gets equally many pictures.

    Raises:
        UnevenError: the message says which numbers of processes there can be.
    """
    if batch % (processes() * pack):
        possible = [str(count) for count in range(1, batch // pack + 1) if batch // pack % count == 0]
        raise UnevenError(
            f"{processes()} processes can't share a batch of {batch} evenly. Start {', '.join(possible)} of them."
        )


def part(draws: Tensor, dim: int = 0) -> Tensor:
    """This process's part of what was drawn for the whole batch, along `dim`."""
    return draws.chunk(processes(), dim)[place()]


def draw(draws: Callable[..., Tensor], shape: Sequence[int], random: torch.Generator, *, dim: int = 0) -> Tensor:
    """Random numbers of a shape for this process's part of a batch, which lies along `dim`.

    Args:
        draws: such as `torch.rand`.
        shape: of the part.
        random: the source, in the same state in every process.
        dim: of the batch.
    """
    sizes = [size * processes() if place == dim else size for place, size in enumerate(shape)]
    return part(draws(sizes, generator=random), dim)


def whole(parts: Tensor) -> Tensor:
    """The whole batch `(processes · B, …)` of the processes' parts `(B, …)`, without gradients."""
    if processes() == 1:
        return parts
    gathered = [torch.empty_like(parts, memory_format=torch.contiguous_format) for _ in range(processes())]
    dist.all_gather(gathered, parts.contiguous())
    return torch.cat(gathered)


def prepare(*networks: nn.Module) -> None:
    """Let the batch norm of networks take its statistics from all processes, in place; before optimisers are made."""
    if processes() == 1:
        return
    for network in networks:
        for module in list(network.modules()):
            for name, child in module.named_children():
                if isinstance(child, nn.BatchNorm2d):
                    module.add_module(name, _of_all_processes(child))


def average_gradients(*optimisers: Optimizer) -> None:
    """Let each step of optimisers begin with the mean of all processes' gradients."""
    if processes() > 1:
        for optimiser in optimisers:
            optimiser.register_step_pre_hook(_average_gradients)


def averaged(figures: Mapping[str, float], device: torch.device) -> dict[str, float]:
    """The means over all processes of figures that are means over a part."""
    if processes() == 1:
        return dict(figures)
    values = _mean(torch.tensor(list(figures.values()), dtype=torch.float64, device=device))
    return dict(zip(figures, values.tolist(), strict=True))


def from_first(content: bytes | None) -> bytes | None:
    """What the first process passes here, in every process."""
    if processes() == 1:
        return content
    passed = [content]
    dist.broadcast_object_list(passed)
    return passed[0]


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation with the statistics of all processes' parts; its state dict is that of `nn.BatchNorm2d`.

    `nn.SyncBatchNorm` runs on GPUs alone, and has no gradient of its gradient, which the gradient penalties need.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Return `(B, C, H, W)` of maps of that shape."""
        if not self.training:
            return super().forward(maps)
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        values = maps.float()
        mean = _Mean.apply(values.mean((0, 2, 3)))
        apart = values - mean[:, None, None]
        variance = _Mean.apply(apart.square().mean((0, 2, 3)))
        with torch.no_grad():
            count = processes() * values.numel() / values.shape[1]
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (apart * scale[:, None, None] + self.bias[:, None, None]).to(maps.dtype)


class _Mean(torch.autograd.Function):
    """The mean of all processes' tensors; the gradient is the mean too, as each loss is that of one of equal parts."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:  # noqa: ARG004 - torch's signature
        return _mean(tensor.clone())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:  # noqa: ARG004 - torch's signature
        return _Mean.apply(gradients[0])


def _of_all_processes(norm: nn.BatchNorm2d) -> BatchNorm:
    shared = BatchNorm(norm.num_features, norm.eps, norm.momentum)
    shared.load_state_dict(norm.state_dict())
    return shared


def _average_gradients(optimiser: Optimizer, *_: Any) -> None:
    """In one message: the networks are small, and each message costs a round trip."""
    gradients = [p.grad for group in optimiser.param_groups for p in group["params"] if p.grad is not None]
    means = _mean(torch.cat([gradient.flatten() for gradient in gradients]))
    for gradient, mean in zip(gradients, means.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def _mean(tensor: Tensor) -> Tensor:
    """In place."""
    dist.all_reduce(tensor)
    return tensor.div_(processes())
