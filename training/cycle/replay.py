"""A pool of earlier generated pictures, so that a discriminator does not forget them (Shrivastava et al., 2017)."""

from __future__ import annotations

import torch
from torch import Tensor


class ReplayPool:
    """Returns the pictures it is given; once it is full, half of the time an older picture instead.

    Args:
        size: pictures to keep; with 0 it returns every picture at once.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept: list[Tensor] = []

    def exchange(self, pictures: Tensor, random: torch.Generator) -> Tensor:
        """Return as many pictures `(B, C, H, W)`, some of them older."""
        return torch.stack([self._exchange_one(picture, random) for picture in pictures.detach()])

    def state_dict(self) -> dict[str, Tensor]:
        """The kept pictures."""
        return {"kept": torch.stack(self._kept)} if self._kept else {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore saved pictures."""
        self._kept = list(state["kept"]) if state else []

    def _exchange_one(self, picture: Tensor, random: torch.Generator) -> Tensor:
        if len(self._kept) < self.size:
            self._kept.append(picture)
            return picture
        place = int(torch.randint(2 * self.size, (), generator=random)) if self.size else 0
        if place >= len(self._kept):
            return picture
        older, self._kept[place] = self._kept[place], picture
        return older
