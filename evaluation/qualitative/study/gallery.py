"""Pictures of a study on the disk, drawn before the session, so that no rater waits and slow methods can be used."""

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
from evaluation.qualitative.study.seeds import Seeds
from serving.engine import Engine

INDEX = "index.jsonl"


@dataclass(frozen=True, kw_only=True)
class BuildStep:
    """One step of `build`: a picture that is on the disk now.

    Attributes:
        done: number of pictures so far.
        total: number of pictures in the end.
        arm: id of its arm.
        item: id of its item.
        kept: whether it existed before.
    """

    done: int
    total: int
    arm: str
    item: str
    kept: bool


class Gallery:
    """The pictures of one study, read from the disk if they were built, else drawn live.

    A file is named by a digest of everything that decides its picture except the weights, so a changed study never gets
    the pictures of its earlier version.

    Args:
        study: the study.
        folder: folder of the pictures; by default `data/studies/NAME` or, if nothing was built there, `studies/NAME`,
            in which the app ships slow pictures.
        seeds: move the seeds of its items; by default they are taken as they are.
    """

    def __init__(self, study: Study, folder: Path | None = None, *, seeds: Seeds = rendering.PLAIN) -> None:
        self.study = study
        self._seeds = seeds
        self.folder = folder or _folder(study)
        self._digests = self._read_index()

    def draw(self, arm: Arm, item: str, engine: Engine) -> Image.Image:
        """Return an arm's picture of an item, of `study.size` and `study.mode`.

        Raises:
            StudyError: see `rendering.render`; or the picture takes too long to draw live and was not built.
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
        return rendering.render(self.study, arm, item, engine, seeds=self._seeds)

    def build(self, engine: Engine, *, fresh: bool = False) -> Iterator[BuildStep]:
        """Draw every arm's picture of every item that is missing. It can be stopped and continued.

        Args:
            engine: draws the pictures.
            fresh: draw all pictures again, because weights have changed.

        Yields:
            The progress, after each picture that is on the disk.

        Raises:
            StudyError: the study takes any seed, so there is no end; or see `rendering.render`.
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
                self._keep(name, arm, item, rendering.render(self.study, arm, item, engine, seeds=self._seeds))
            yield BuildStep(done=done, total=len(wanted), arm=arm.id, item=item, kept=kept)

    def _built(self, name: str) -> Image.Image | None:
        """Read a picture, if it is in the index and its digest fits."""
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
        """Write the complete picture, and then its line of the index."""
        encoded = io.BytesIO()
        picture.save(encoded, "PNG")
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
            part.write(encoded.getvalue())
        os.replace(part.name, self.folder / name)  # noqa: PTH105 - in one step
        digest = hashlib.sha256(encoded.getvalue()).hexdigest()
        line = json.dumps({"file": name, "sha256": digest, "arm": arm.id, "item": item})
        with (self.folder / INDEX).open("a", encoding="utf-8") as index:
            index.write("\n" + line)  # so that a line cut off by a crash spoils no other
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
            "files": rendering.origins(study, arm, item, seeds=self._seeds),
        }
        if self._seeds.secret is not None:
            recipe["seed"] = self._seeds.drawn(int(item))
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
                continue  # empty, or cut off when the build was stopped: the picture is drawn again
        return digests


def _folder(study: Study) -> Path:
    built, shipped = folders.BUILT / study.name, folders.SHIPPED / study.name
    return shipped if (shipped / INDEX).exists() and not (built / INDEX).exists() else built
