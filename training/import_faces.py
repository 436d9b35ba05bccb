"""Write the drawn faces of the study of cartoon faces: `python -m training.import_faces`.

They are held-out faces of Open Peeps (Pablo Stanley, CC0), half of them with the darker skin tone.
"""

from __future__ import annotations

import argparse

from evaluation.qualitative.study.folders import SHIPPED
from models import tensors
from training import import_emoji
from training.data import faces

ARCHIVE = SHIPPED / "faces-drawings" / "open-peeps.zip"
COUNT = 64


def main() -> None:
    """Write the archive."""
    argparse.ArgumentParser(prog="python -m training.import_faces", description=__doc__.splitlines()[0]).parse_args()
    pictures, _ = faces.faces(train=False)
    import_emoji.write(ARCHIVE, tensors.from_uint8(pictures[:COUNT]), "face")


if __name__ == "__main__":
    main()
