"""A study's pictures drawn ahead, so that no rater waits and slow methods can take part."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from evaluation.qualitative.study import folders, rendering
from evaluation.qualitative.study.arms import Arm, GatysArm, StudyError
from evaluation.qualitative.study.schema import Study
from serving.engine import Engine

INDEX = "index.jsonl"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A picture that `build` has done with.

    Attributes:
        done: pictures so far; `total` in the end.
        arm: the id of its arm.
        item: the id of its item.
        kept: it was there already.
    """

    done: int
    total: int
    arm: str
    item: str
    kept: bool


class Gallery:
    """The pictures of one study, on disk where they were built and drawn live where not.

    A file is named by a digest of all that decides its picture but the weights, so a changed study finds its own.

    Args:
        study: whose pictures.
        folder: where they lie; by default `data/studies/NAME` or, where nothing was built there, `studies/NAME`, in
            which a study may come with its slow pictures.
    """

    def __init__(self, study: Study, folder: Path | None = None) -> None:
        self.study = study
        self.folder = folder or _folder(study)
        self._digests = self._read_index()

    def draw(self, arm: Arm, item: str, engine: Engine) -> Image.Image:
        """Return an arm's picture of an item, of `study.size` and `study.mode`.

        Raises:
            StudyError: as `pictures.render` says, or it takes too long to draw live and was not built.
        """
        if self._digests:
            built = self._built(self._name(arm, item))
            if built is not None:
                return built
        if isinstance(arm, GatysArm):
            raise StudyError(
                f"arm {arm.id!r} of study {self.study.name!r} takes too long to draw while a rater waits: "
                "build its pictures first, with `python -m studies build`"
            )
        return rendering.render(self.study, arm, item, engine)

    def build(self, engine: Engine, *, fresh: bool = False) -> Iterator[Drawn]:
        """Draw every arm's picture of every item that is not there yet. It can be stopped and taken up again.

        Args:
            engine: draws what needs a network.
            fresh: draw all again, because weights have changed.

        Yields:
            Each picture when it is safely on disk.

        Raises:
            StudyError: any seed may be drawn, so there is no end, or as `pictures.render` says.
        """
        items = self.study.items.ids
        if items is None:
            raise StudyError(
                f"study {self.study.name!r} may draw any seed, so its pictures have no end: "
                "write `seeds = 200` under [items] to draw from 200 of them"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            (self.folder / INDEX).unlink(missing_ok=True)
            self._digests = {}
        wanted = [(arm, item) for item in items for arm in self.study.arms]
        for done, (arm, item) in enumerate(wanted, start=1):
            name = self._name(arm, item)
            kept = self._built(name) is not None
            if not kept:
                self._keep(name, arm, item, rendering.render(self.study, arm, item, engine))
            yield Drawn(done=done, total=len(wanted), arm=arm.id, item=item, kept=kept)

    def _built(self, name: str) -> Image.Image | None:
        """Read a picture back, if it is in the index and still what the index says."""
        try:
            encoded = (self.folder / name).read_bytes() if name in self._digests else b""
        except OSError:
            return None
        if not encoded or hashlib.sha256(encoded).hexdigest() != self._digests[name]:
            return None
        picture = Image.open(io.BytesIO(encoded))
        picture.load()
        return picture

    def _keep(self, name: str, arm: Arm, item: str, picture: Image.Image) -> None:
        """Write the picture whole, and only then its line of the index."""
        encoded = io.BytesIO()
        picture.save(encoded, "PNG")
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
            part.write(encoded.getvalue())
        os.replace(part.name, self.folder / name)  # noqa: PTH105 - in one step
        digest = hashlib.sha256(encoded.getvalue()).hexdigest()
        line = json.dumps({"file": name, "sha256": digest, "arm": arm.id, "item": item})
        with (self.folder / INDEX).open("a", encoding="utf-8") as index:
            index.write("\n" + line)  # a line that was cut off stays alone
        self._digests[name] = digest

    def _name(self, arm: Arm, item: str) -> str:
        study = self.study
        recipe: dict[str, Any] = {
            "arm": arm.model_dump(exclude={"id", "title", "competes"}),
            "item": item,
            "sheet": study.sheet,
            "size": study.size,
            "mode": study.mode,
            "jpeg_quality": study.jpeg_quality,
            "files": rendering.origins(study, arm, item),
        }
        return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:32] + ".png"

    def _read_index(self) -> dict[str, str]:
        digests = {}
        try:
            lines = (self.folder / INDEX).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return {}
        for line in lines:
            try:
                entry = json.loads(line)
                digests[str(entry["file"])] = str(entry["sha256"])
            except (ValueError, KeyError, TypeError):
                continue  # empty, or cut off when the build was stopped: that picture is drawn again
        return digests


def _folder(study: Study) -> Path:
    built, shipped = folders.BUILT / study.name, folders.SHIPPED / study.name
    return shipped if (shipped / INDEX).exists() and not (built / INDEX).exists() else built
