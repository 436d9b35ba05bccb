"""What the tabs can ask of instant style transfer."""

from __future__ import annotations

from typing import Protocol

from PIL import Image


class Restyler(Protocol):
    """Style transfer in one pass. Pictures are RGB."""

    def restyle(self, content: Image.Image, style: Image.Image, *, strength: float, side: int) -> Image.Image:
        """Paint the content in the manner of the style.

        Args:
            content: RGB photograph.
            style: RGB painting.
            strength: 0 keeps the photograph's statistics, 1 takes the painting's.
            side: longer side of the result in pixels; a smaller photograph is not enlarged.
        """
