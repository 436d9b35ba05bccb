"""What happens to pictures on their way through the world: saved again, cut, turned, retouched, relabelled.

Each function takes a picture's file, as PNG, and returns the file that comes out, with its kind. Whether a mark is
still there afterwards is another module's question.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageEnhance
from PIL.PngImagePlugin import PngInfo

SIGNATURE = 8  # bytes of a PNG before its first chunk
PAGE = (32, 33, 36)  # the colour around a picture in a screenshot
WINDOW = 0.06  # of the picture's width: how much of the page a careless screenshot takes along
TILT = 3  # degrees


@dataclass(frozen=True)
class PictureFile:
    """A picture's file: its bytes, and the kind that `media.credentials.TYPES` knows."""

    content: bytes
    kind: str = "PNG"

    def opened(self) -> Image.Image:
        """The picture, RGB."""
        with Image.open(io.BytesIO(self.content)) as picture:
            return picture.convert("RGB")


Attack = Callable[[PictureFile], PictureFile]


def untouched(file: PictureFile) -> PictureFile:
    """Nothing happens."""
    return file


def jpeg(file: PictureFile, *, quality: int = 75) -> PictureFile:
    """Saved as JPEG, as most websites do with an upload; metadata are left out."""
    content = io.BytesIO()
    file.opened().save(content, "JPEG", quality=quality)
    return PictureFile(content.getvalue(), "JPEG")


def resized(file: PictureFile, *, share: float = 0.5) -> PictureFile:
    """Made smaller, or larger."""
    picture = file.opened()
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    return resaved(picture.resize(size, Image.Resampling.BICUBIC))


def half_and_jpeg(file: PictureFile) -> PictureFile:
    """Half the size, then a JPEG of quality 75."""
    return jpeg(resized(file))


def screenshot(file: PictureFile) -> PictureFile:
    """A screenshot of the picture alone: nine tenths of its size on the screen, new pixels, no metadata."""
    return resized(file, share=0.9)


def framed_screenshot(file: PictureFile) -> PictureFile:
    """A careless screenshot, with some of the page around the picture."""
    picture = file.opened()
    edge = round(picture.width * WINDOW)
    page = Image.new("RGB", (picture.width + 2 * edge, picture.height + 2 * edge), PAGE)
    page.paste(picture, (edge, edge))
    return resaved(page)


def cropped(file: PictureFile, *, share: float = 0.75) -> PictureFile:
    """Cut to its middle."""
    picture = file.opened()
    left, top = round(picture.width * (1 - share) / 2), round(picture.height * (1 - share) / 2)
    return resaved(picture.crop((left, top, picture.width - left, picture.height - top)))


def tilted(file: PictureFile) -> PictureFile:
    """Turned by a few degrees, without empty corners."""
    picture = file.opened()
    turned = picture.rotate(TILT, Image.Resampling.BICUBIC)
    margin = round(max(picture.size) * 0.05)
    return resaved(turned.crop((margin, margin, picture.width - margin, picture.height - margin)))


def mirrored(file: PictureFile) -> PictureFile:
    """Left and right exchanged."""
    return resaved(file.opened().transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def brightened(file: PictureFile) -> PictureFile:
    """A fifth brighter."""
    return resaved(ImageEnhance.Brightness(file.opened()).enhance(1.2))


def greyed(file: PictureFile) -> PictureFile:
    """Without its colours."""
    return resaved(file.opened().convert("L"))


def retouched(file: PictureFile) -> PictureFile:
    """One corner is painted over by a program that keeps all metadata, credentials included."""
    picture = file.opened()
    side = max(4, min(picture.size) // 12)
    picture.paste((255, 255, 255), (0, 0, side, side))
    metadata = [(kind, content) for kind, content in _chunks(file.content) if kind in (b"caBX", b"iTXt", b"tEXt")]
    fresh = list(_chunks(resaved(picture).content))
    return PictureFile(_joined([fresh[0], *metadata, *fresh[1:]]))


def relabelled(file: PictureFile) -> PictureFile:
    """The readable note is rewritten to 'a camera took this'; pixels and credentials stay."""
    chunks = list(_chunks(file.content))
    return PictureFile(
        _joined([(kind, _by_camera(content) if kind == b"iTXt" else content) for kind, content in chunks])
    )


def _by_camera(content: bytes) -> bytes:
    for source in (b"compositeWithTrainedAlgorithmicMedia", b"trainedAlgorithmicMedia"):
        content = content.replace(source, b"digitalCapture")
    return content


def resaved(picture: Image.Image) -> PictureFile:
    """The pixels alone, as a new PNG."""
    content = io.BytesIO()
    picture.save(content, "PNG", pnginfo=PngInfo(), compress_level=4)
    return PictureFile(content.getvalue())


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The type and content of each chunk of a PNG."""
    start = SIGNATURE
    while start + 8 <= len(content):
        (length,) = struct.unpack(">I", content[start : start + 4])
        yield content[start + 4 : start + 8], content[start + 8 : start + 8 + length]
        start += length + 12


def _joined(chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, content in chunks:
        parts.append(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))
    return b"".join(parts)
