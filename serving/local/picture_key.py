"""A picture as a key: what the engine's caches know it by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from PIL import Image


@dataclass(frozen=True)
class Picture:
    """A picture that caches can use as a key: two with the same mode, size and pixels are the same."""

    digest: bytes
    image: Image.Image = field(compare=False)

    @classmethod
    def of(cls, image: Image.Image) -> Picture:
        """Wrap a picture."""
        seen = hashlib.sha256(repr((image.mode, image.size)).encode() + image.tobytes())
        return cls(seen.digest(), image)
