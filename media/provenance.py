"""Say in a PNG that it is machine-made, and with which settings: readable text inside the file, no signature.

`digitalSourceType` is the IPTC's term for it, in an XMP packet: a restyled photograph is a
'compositeWithTrainedAlgorithmicMedia' (https://cv.iptc.org/newscodes/digitalsourcetype/). A screenshot or another save
drops it all, so its absence proves nothing.
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
XMP_KEY, SETTINGS_KEY = "XML:com.adobe.xmp", "just-look:settings"
MAX_SETTINGS = 100_000  # characters

PACKET = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Just Look"
    Iptc4xmpExt:DigitalSourceType="{COMPOSITE}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def png(picture: Image.Image, settings: dict[str, Any]) -> bytes:
    """Encode a result as PNG with its settings as JSON and the mark that a machine made it."""
    text = PngInfo()
    text.add_itxt(XMP_KEY, PACKET)
    text.add_itxt(SETTINGS_KEY, json.dumps(settings, ensure_ascii=False))
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=text)
    return file.getvalue()


def source_type(source: str | Path | BinaryIO) -> str | None:
    """What a PNG says of how it was made, as the IPTC's address, or None where it says nothing."""
    found = re.search(r'DigitalSourceType="([^"]{1,200})"', _text(source).get(XMP_KEY, ""))
    return found[1] if found else None


def settings(source: str | Path | BinaryIO) -> dict[str, Any] | None:
    """The settings in a PNG made by `png`, or None where there are none."""
    written = _text(source).get(SETTINGS_KEY, "")
    try:
        found = json.loads(written) if len(written) <= MAX_SETTINGS else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(source: str | Path | BinaryIO) -> dict[str, str]:
    """The text chunks of a PNG; of anything else, none."""
    try:
        with Image.open(source, formats=("PNG",)) as picture:
            return {str(key): str(value) for key, value in picture.info.items()}
    except Exception:  # hostile bytes make Pillow's readers raise almost anything
        return {}
