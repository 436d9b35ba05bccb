"""The note inside a PNG that it is machine-made, with its settings: readable text, no signature.

`digitalSourceType` is the IPTC's term for this, in an XMP packet: a restyled photograph is a
'compositeWithTrainedAlgorithmicMedia', what a generator draws 'trainedAlgorithmicMedia'
(https://cv.iptc.org/newscodes/digitalsourcetype/). A screenshot or
another save drops the note, so its absence proves nothing.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP_KEY, SETTINGS_KEY = "XML:com.adobe.xmp", "just-look:settings"
MAX_SETTINGS = 100_000  # characters
COMPRESSION = 4  # zlib's level: Pillow's own, 6, takes longer and hardly makes the file smaller

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Just Look"
    Iptc4xmpExt:DigitalSourceType="SOURCE"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def png(picture: Image.Image, settings: dict[str, Any], *, source: str = COMPOSITE) -> bytes:
    """Encode a result as PNG with its settings as JSON and the note that it is machine-made.

    Args:
        picture: the result.
        settings: how it was made.
        source: its digital source type, as the IPTC's URL.
    """
    text = PngInfo()
    text.add_itxt(XMP_KEY, PACKET.replace("SOURCE", source))
    text.add_itxt(SETTINGS_KEY, json.dumps(settings, ensure_ascii=False))
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=text, compress_level=COMPRESSION)
    return file.getvalue()


def source_type(source: str | Path | BinaryIO) -> str | None:
    """The digital source type of a PNG, as the IPTC's URL, or None if it has none."""
    match = re.search(r'DigitalSourceType="([^"]{1,200})"', _text(source).get(XMP_KEY, ""))
    return match[1] if match else None


def settings(source: str | Path | BinaryIO) -> dict[str, Any] | None:
    """The settings in a PNG made by `png`, or None if there are none."""
    text = _text(source).get(SETTINGS_KEY, "")
    try:
        values = json.loads(text) if len(text) <= MAX_SETTINGS else None
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _text(source: str | Path | BinaryIO) -> dict[str, str]:
    """The text chunks of a PNG; empty for any other file."""
    try:
        with Image.open(source, formats=("PNG",)) as picture:
            return {str(key): str(value) for key, value in picture.info.items()}
    except Exception:  # hostile bytes make Pillow's readers raise almost anything
        return {}
