"""Painting frame after frame without flicker, without optical flow.

AdaIN flickers because noise moves the content's statistics and because the decoder amplifies it. So the moments that
normalise a frame are a running mean over time, and a pixel whose content stays as it was keeps most of its last paint.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from models.style.adain import Moments

STILL = 12 / 255  # by how much a still pixel of a compressed film may differ from frame to frame, blurred
CUT = 0.12  # mean difference of two frames above which another scene has begun


class Smoother:
    """The moments and the paint of the frames before; one object for each film.

    Args:
        smoothing: 0 paints each frame by itself, towards 1 the past weighs more.

    Raises:
        ValueError: `smoothing` is outside [0, 1).
    """

    def __init__(self, smoothing: float) -> None:
        if not 0 <= smoothing < 1:
            raise ValueError(f"smoothing must lie in [0, 1), got {smoothing:g}")
        self.smoothing = smoothing
        self._content: Tensor | None = None
        self._paint: Tensor | None = None
        self._moments: Moments | None = None

    def forget_after_cut(self, content: Tensor) -> None:
        """Start anew where a frame `(1, 3, H, W)` shows another scene than the one before."""
        if self._content is not None and float((content - self._content).abs().mean()) > CUT:
            self._content = self._paint = self._moments = None

    def moments(self, frame: Moments) -> Moments:
        """The running mean of a frame's moments and those of the frames before."""
        if self._moments is not None:
            frame = Moments(
                torch.lerp(frame.mean, self._moments.mean, self.smoothing),
                torch.lerp(frame.std, self._moments.std, self.smoothing),
            )
        self._moments = frame
        return frame

    def paint(self, painted: Tensor, content: Tensor) -> Tensor:
        """Keep the last paint where the content has not changed; both frames `(1, 3, H, W)` in [0, 1]."""
        if self._paint is not None and self._content is not None:
            change = F.avg_pool2d(
                (content - self._content).abs().mean(1, keepdim=True), 5, 1, 2, count_include_pad=False
            )
            still = torch.exp(-((change / STILL) ** 2))  # (1, 1, H, W), 1 where nothing moved
            painted = torch.lerp(painted, self._paint, self.smoothing * still)
        self._content, self._paint = content, painted
        return painted
