"""The principal directions of the generator that the page shows first: `python -m training.scoring.principal`.

Finding them takes half a second, which the start of the app would wait for. They are written beside the weights, with
the digest of the file that they were found in: for other weights the app finds them anew.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from models.hub import loading, manifest
from serving.local import sampling

DIGITS = 7  # after the point


def write(name: str = sampling.DEFAULT, *, folder: Path = manifest.FOLDER) -> Path:
    """Write the file of a bundled generator and return its path."""
    step = sampling.info_of(name).steps[-1]
    vectors = [[round(number, DIGITS) for number in vector] for vector in sampling.principal(name, step).tolist()]
    path = folder / name / sampling.PRINCIPAL
    path.write_text(
        json.dumps({"sha256": loading.entries()[name].file(step).sha256, "vectors": vectors}) + "\n", encoding="utf-8"
    )
    return path


def main() -> None:
    """Write the file."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    print(write())


if __name__ == "__main__":
    main()
