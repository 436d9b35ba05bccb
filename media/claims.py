"""What a picture's file says about where it comes from: its plain note, its Content Credentials, its watermark."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from media import credentials, images, provenance, watermark
from media.attacks import PictureFile
from media.credentials import Credentials
from media.watermark import Reading

LARGEST = 20_000_000  # bytes of a file


@dataclass(frozen=True)
class Claims:
    """The three layers of a file.

    Attributes:
        source: the digital source type of the plain note, as the IPTC's URL; None where there is no such note.
        notes: the plain note and its neighbours, pairs of name and value.
        credentials: the signed note, checked.
        mark: what the reader of watermarks sees.
    """

    source: str | None
    notes: dict[str, str]
    credentials: Credentials
    mark: Reading

    @property
    def by_machine(self) -> bool:
        """Whether the plain note says that a machine had a part in it."""
        return self.source is not None and "lgorithmicMedia" in self.source

    @property
    def by_camera(self) -> bool:
        """Whether the plain note says that a camera took it."""
        return self.source == provenance.CAMERA


def of_ours(file: PictureFile) -> Claims:
    """The claims of a file that this app has just written."""
    content = io.BytesIO(file.content)
    checked = credentials.checked(file.content, kind=file.kind)
    return Claims(provenance.source_type(content), provenance.notes(content), checked, watermark.read(file.opened()))


def of_stranger(path: str | Path) -> Claims:
    """The claims of a file that somebody sent.

    Raises:
        PictureError: it is too large, or no picture that can be read; the message says what to do.
    """
    path = Path(path)
    if path.stat().st_size > LARGEST:
        size = path.stat().st_size / 1e6
        raise images.PictureError(f"The file has {size:,.0f} MB; up to {LARGEST / 1e6:.0f} MB can be checked.")
    content = path.read_bytes()
    picture = images.read(io.BytesIO(content), max_side=4 * watermark.SIDE)
    notes = io.BytesIO(content)
    return Claims(
        provenance.source_type(notes),
        provenance.notes(notes),
        credentials.read(content, kind=_kind(content)),
        watermark.read(picture),
    )


def _kind(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=images.FORMATS) as picture:
            kind = str(picture.format)
    except Exception:  # hostile bytes make Pillow's readers raise almost anything
        return ""
    return "JPEG" if kind == "MPO" else kind
