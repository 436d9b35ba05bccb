"""Write what the networks say about the first photos of See: `python -m training.import_sight`.

The page shows it before anybody has asked for anything, so the start of the app loads none of these networks.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from assets import sight
from demos.see import preprocess
from media import images
from serving.engine.sight import Sight, look
from serving.local import LocalEngine
from serving.local.see.vision import LocalViewer

COMMAND = "python -m training.import_sight"
SUBJECT_SIDE = 320  # pixels kept of the mask: what the network looks at


def tasks() -> Sight:
    """What the networks say in the section Tasks, without the times of this machine."""
    everything = look(LocalViewer(), images.read(sight.photo().path, max_side=sight.SIDE))
    subject = everything.subject
    return replace(everything, subject=subject and images.fit(subject, SUBJECT_SIDE), seconds={})


def made() -> dict[str, Any]:
    """Everything that is stored, by section."""
    first = preprocess.first_answer(LocalEngine())
    return {
        "tasks": tasks().to_json(),
        "prepare": {"guesses": [asdict(guess) for guess in first.guesses], "untouched": asdict(first.untouched)},
    }


def write(path: Path = sight.PATH) -> Path:
    """Write the file and return its path."""
    path.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Write the file."""
    argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").splitlines()[0]).parse_args()
    print(write())


if __name__ == "__main__":
    main()
