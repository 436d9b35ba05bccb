"""What a picture's file says about its making: that a machine painted it, and by which settings.

The digital source type is the IPTC's term, in the XMP packet where other programs look for it. A screenshot or another
encoder drops all of it: its absence proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SOFTWARE = "Just Look"
MADE = "Painted by a machine: a photograph restyled by neural style transfer."
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    " xmp:CreatorTool={software} Iptc4xmpExt:DigitalSourceType={source}/></rdf:RDF></x:xmpmeta>"
)


def notes(settings: Mapping[str, object]) -> PngInfo:
    """The text chunks of a painted PNG: who made it, how, and each setting as `name=value`, a line each."""
    info = PngInfo()
    info.add_itxt("Software", SOFTWARE)
    info.add_itxt("Description", MADE)
    info.add_itxt("Settings", "\n".join(f"{name}={value}" for name, value in settings.items()))
    packet = XMP.format(software=quoteattr(SOFTWARE), source=quoteattr(SOURCE_TYPE))
    info.add_itxt("XML:com.adobe.xmp", packet)
    return info


def settings_of(picture: Image.Image) -> dict[str, str]:
    """Read the settings that `notes` wrote, or nothing from a picture that bears none."""
    lines = str(picture.info.get("Settings", "")).splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
