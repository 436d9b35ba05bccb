"""How a picture of this app says that it is machine-made: in three layers, each of which survives something else.

1. A note in plain text: `digitalSourceType`, the IPTC's term for this, in an XMP packet, and the settings as JSON. A
   restyled photograph is a 'compositeWithTrainedAlgorithmicMedia', what a generator draws 'trainedAlgorithmicMedia'
   (https://cv.iptc.org/newscodes/digitalsourcetype/). Anybody may write or change it.
2. Content Credentials: the same, signed (`media/credentials.py`).
3. A watermark in the pixels (`media/watermark.py`), where the picture is large and busy enough to hide it.

A screenshot or another save drops the first two, a cut or a repainting the third: their absence proves nothing.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from media import credentials, watermark
from media.images import FORMATS

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"  # cropped, turned, lightened: no network drew it
CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP_KEY, SETTINGS_KEY = "XML:com.adobe.xmp", "just-look:settings"
MAX_SETTINGS = 100_000  # characters
MAX_NOTE = 200  # characters of a note that are repeated
STATED = re.compile(r"""DigitalSourceType(?:=["']|>)([^"'<]{1,200})["'<]""")
STATEMENTS = {"DigitalSourceType": STATED, "CreatorTool": re.compile(r"""CreatorTool(?:=["']|>)([^"'<]{1,200})["'<]""")}
TEXTS = (SETTINGS_KEY, "Software", "Make", "Model", "Artist", "parameters", "prompt", "workflow", "Comment", "comment")
EXIF = (ExifTags.Base.Software, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Artist)
# Only runs of one byte are looked for: after PNG's filters there is little else. A photograph's file is as large as
# after a full search for repeats, within 3 %, in half the time; a sheet of enlarged pixels is smaller.
SEARCH = zlib.Z_RLE

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
    """Encode a result as PNG that says in all three layers that it is machine-made, and how.

    An edited photograph says in the first two how it was made, and carries no mark: no network drew it.

    Args:
        picture: the result.
        settings: how it was made.
        source: its digital source type, as the IPTC's URL.
    """
    marked = picture if source == EDITED else watermark.embedded(picture)
    return credentials.signed(noted(marked, settings, source=source), source=source)


def noted(picture: Image.Image, settings: dict[str, Any], *, source: str = COMPOSITE) -> bytes:
    """Encode a picture as PNG with the first layer alone: the note; the arguments are those of `png`."""
    text = PngInfo()
    text.add_itxt(XMP_KEY, PACKET.replace("SOURCE", source))
    text.add_itxt(SETTINGS_KEY, json.dumps(settings, ensure_ascii=False))
    file = io.BytesIO()
    # rows of palette numbers are not filtered, so a full search finds the rows that an enlarged pixel repeats
    how = {"compress_level": 1} if picture.mode == "P" else {"compress_type": SEARCH}
    picture.save(file, "PNG", pnginfo=text, **how)
    return file.getvalue()


def source_type(source: str | Path | BinaryIO) -> str | None:
    """The digital source type that a picture's XMP states, as the IPTC's URL, or None if it has none."""
    text = _text(source)
    match = STATED.search(text.get(XMP_KEY) or text.get("xmp", ""))
    return match[1] if match else None


def notes(source: str | Path | BinaryIO) -> dict[str, str]:
    """What a picture's plain metadata say about its making: pairs of a name and a value, each shortened."""
    text = _text(source)
    packet = text.get(XMP_KEY) or text.get("xmp", "")
    values = {name: match[1] for name, pattern in STATEMENTS.items() if (match := pattern.search(packet))}
    values |= {key: text[key] for key in TEXTS if text.get(key)}
    return {name: value.strip()[:MAX_NOTE] for name, value in values.items() if value.strip()}


def settings(source: str | Path | BinaryIO) -> dict[str, Any] | None:
    """The settings in a PNG made by `png`, or None if there are none."""
    text = _text(source).get(SETTINGS_KEY, "")
    try:
        values = json.loads(text) if len(text) <= MAX_SETTINGS else None
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _text(source: str | Path | BinaryIO) -> dict[str, str]:
    """The texts in a picture's metadata; empty for any other file."""
    try:
        with Image.open(source, formats=FORMATS) as picture:
            text = {str(key): _words(value) for key, value in picture.info.items()}
            exif = picture.getexif()
            return text | {tag.name: _words(exif[tag]) for tag in EXIF if tag in exif}
    except Exception:  # hostile bytes make Pillow's readers raise almost anything
        return {}


def _words(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
