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
        self._measured: tuple[Moments, Tensor] | None = None  # and of which frame
        self._painted: tuple[Tensor, Tensor] | None = None

    def moments(self, frame: Moments, content: Tensor) -> Moments:
        """The running mean of a frame's moments and those of the frames before, since the last cut.

        Args:
            frame: the moments of this frame.
            content: the frame, `(1, 3, H, W)` in [0, 1].
        """
        if self._measured is not None and not _is_cut(self._measured[1], content):
            last = self._measured[0]
            frame = Moments(
                torch.lerp(frame.mean, last.mean, self.smoothing), torch.lerp(frame.std, last.std, self.smoothing)
            )
        self._measured = frame, content
        return frame

    def paint(self, painted: Tensor, content: Tensor) -> Tensor:
        """Keep the last paint where the content has not changed; both frames `(1, 3, H, W)` in [0, 1]."""
        if self._painted is not None and not _is_cut(self._painted[1], content):
            last, before = self._painted
            change = F.avg_pool2d((content - before).abs().mean(1, keepdim=True), 5, 1, 2, count_include_pad=False)
            still = torch.exp(-((change / STILL) ** 2))  # (1, 1, H, W), 1 where nothing moved
            painted = torch.lerp(painted, last, self.smoothing * still)
        self._painted = painted, content
        return painted


def _is_cut(before: Tensor, now: Tensor) -> bool:
    """Whether a frame shows another scene than the one before."""
    return float((now - before).abs().mean()) > CUT
