"""Write assets/flags/, flags as Twemoji and Noto draw them: `python -m training.import_flags`.

The translators never saw them: every fifth code point was held out of the training. assets/flags.toml records their
names and the digest of each file.
"""

from __future__ import annotations

import argparse
import hashlib
import json

import tomlkit
from PIL import Image

from assets import flags
from training.data import emoji, packages

VENDORS: dict[str, emoji.Vendor] = {"twemoji": "twitter", "noto": "google"}
COUNT, SIDE = 24, 32  # flags, and the pixels that the translators learned from
CATEGORY = "Flags"


def main() -> None:
    """Write and record a strip of flags for each vendor."""
    argparse.ArgumentParser(prog="python -m training.import_flags", description=__doc__.splitlines()[0]).parse_args()
    table = json.loads((packages.TWEMOJI.fetch() / "package" / "emoji.json").read_text())
    titles = {point["unified"]: point["name"].removesuffix(" Flag").title() for point in table}
    points = emoji.code_points((CATEGORY,), train=False)
    step = len(points) / COUNT
    chosen = [int(i * step) for i in range(COUNT)]
    document = tomlkit.document()
    document.add(tomlkit.comment("The flags of the page. `python -m training.import_flags` writes this."))
    document["names"] = [_title(titles[points[i]["unified"]]) for i in chosen]
    flags.FOLDER.mkdir(exist_ok=True)
    for name, vendor in VENDORS.items():
        drawn = emoji.drawings(vendor, (CATEGORY,), train=False, size=SIDE)
        strip = Image.new("RGB", (COUNT * SIDE, SIDE))
        for place, i in enumerate(chosen):
            strip.paste(Image.fromarray(drawn[i].permute(1, 2, 0).contiguous().numpy()), (place * SIDE, 0))
        file = flags.FOLDER / f"{name}.png"
        strip.save(file, optimize=True)
        document[name] = hashlib.sha256(file.read_bytes()).hexdigest()
        print(f"{file.name}: {file.stat().st_size:,} bytes")
    flags.TABLE.write_text(tomlkit.dumps(document))


def _title(name: str) -> str:
    return name.replace(" And ", " and ").replace(" Sar ", " SAR ").replace(" Of ", " of ").replace("&", "and")


if __name__ == "__main__":
    main()
