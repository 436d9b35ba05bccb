"""What a step of painting or training asks of torch, operation by operation."""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

READS = {"aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::equal", "aten::unique_dim"}
COPIES = {"aten::_to_copy", "aten::copy_", "aten::clone", "aten::contiguous"}


class Operations(TorchDispatchMode):
    """Counts operations while it is entered.

    Attributes:
        names: how often each operation was called.
        reads: those that bring a number to the host, or whose result's shape depends on numbers.
        conversions: copies that change the precision, the layout or the device, in words.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.reads: list[str] = []
        self.conversions: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func.name().partition(".")[0]
        self.names[name] += 1
        if name in READS:
            self.reads.append(name)
        if name in COPIES:
            before, after = (args[1], args[0]) if name == "aten::copy_" else (args[0], result)
            if _changes(before, after):
                self.conversions.append(f"{name}: {_described(before)} to {_described(after)}")
        return result


def _changes(before: Tensor, after: Tensor) -> bool:
    return (before.dtype, before.device, _order(before)) != (after.dtype, after.device, _order(after))


def _order(tensor: Tensor) -> list[int]:
    """The dimensions as they lie in memory, those of one place left out."""
    dimensions = [i for i in range(tensor.ndim) if tensor.shape[i] > 1]
    return sorted(dimensions, key=lambda i: tensor.stride()[i], reverse=True)


def _described(tensor: Tensor) -> str:
    return f"{tensor.dtype} {tuple(tensor.shape)} {tensor.stride()} on {tensor.device}"
