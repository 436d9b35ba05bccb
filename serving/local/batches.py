"""Many pictures in one go: a contact sheet, a folder, a film."""

from __future__ import annotations

import contextlib
import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

import torch
from PIL import Image

from media import archive, images, provenance, video, video_writing
from media.archive import ArchiveError
from media.images import PictureError
from media.video import VideoError
from media.video_writing import FilmKind
from models import device, tensors
from models.style import adain
from models.style.adain import Moments
from models.style.video_smoothing import Smoother
from serving.engine import settings as settings_
from serving.engine.errors import EngineError
from serving.engine.restyling import Estimate, FolderStep, SheetStep, VideoStep
from serving.engine.settings import DRAWN, RestyleSettings
from serving.local import restyling_pace
from serving.local.networks import PassName
from serving.local.restyling import LocalRestyler, encoded, finished, matched, painted

MAX_SHEET = 40  # styles
GAP = 8  # pixels between the pictures of a sheet
INSET = 4  # of a cell's side to that of the style shown in its corner
FILM_SIDE = 1280  # pixels of a film's longer side at most
MAX_SMOOTHING = 0.98
MOST_FRAMES = 32  # of a film in one pass
FILMED: PassName = "adain"  # its statistics can be steadied from frame to frame


class LocalBatchRestyler(LocalRestyler):
    """The part of the engine that restyles many pictures; `serving.engine.restyling.Restyler` documents the methods."""

    def contact_sheet(
        self, content: Image.Image, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[SheetStep]:
        if not 1 <= len(styles) <= MAX_SHEET:
            raise EngineError(f"A contact sheet needs 1 to {MAX_SHEET} styles, got {len(styles)}.")
        return self._sheet(content, styles, _for_one(settings))

    def _sheet(
        self, content: Image.Image, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[SheetStep]:
        before = self.prepared(content, settings)
        columns = math.ceil(math.sqrt(len(styles) + 1))
        rows = -(-(len(styles) + 1) // columns)
        wide, high = before.width + GAP, before.height + GAP
        sheet = Image.new("RGB", (columns * wide - GAP, rows * high - GAP), images.WHITE)
        sheet.paste(before, (0, 0))
        for number, style in enumerate(styles, 1):
            cell = self.restyled(content, [style], settings).after.copy()  # the cached one stays as it is
            inset = images.fit(style, max(images.MIN_SIDE, min(cell.size) // INSET))
            cell.paste(inset, (cell.width - inset.width, cell.height - inset.height))
            sheet.paste(cell, (number % columns * wide, number // columns * high))
            yield SheetStep(number, len(styles), sheet.copy())

    def restyle_folder(
        self, source: str | Path | BinaryIO, target: Path, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[FolderStep]:
        _refuse_drawn(settings)
        try:
            total = archive.count(source)
        except ArchiveError as error:
            raise EngineError(str(error)) from error
        return self._folder(source, target, styles, settings, total)

    def _folder(
        self,
        source: str | Path | BinaryIO,
        target: Path,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        total: int,
    ) -> Iterator[FolderStep]:
        unfinished = target.with_name(f".{target.name}.unfinished")
        taken: set[str] = set()
        try:
            with zipfile.ZipFile(unfinished, "w") as result:  # PNGs are compressed already
                for number, member in enumerate(archive.members(source), 1):
                    if member.problem:
                        yield FolderStep(number, total, member.name, None, member.problem)
                        continue
                    try:
                        restyled = self.restyled(images.read(io.BytesIO(member.raw)), styles, settings).after
                    except PictureError as error:
                        yield FolderStep(number, total, member.name, None, str(error))
                        continue
                    name = archive.result_name(member.name, ".png", taken)
                    result.writestr(name, provenance.png(restyled, settings_.to_dict(settings)))
                    yield FolderStep(number, total, name, restyled)
            if not taken:
                raise EngineError("None of the files in the zip is a picture that can be read. Put pictures into it.")
            unfinished.replace(target)
        except ArchiveError as error:
            raise EngineError(str(error)) from error
        finally:
            unfinished.unlink(missing_ok=True)

    def estimate_video(self, source: str | Path, settings: RestyleSettings, *, kind: FilmKind = "mp4") -> Estimate:
        film = _probed(source)
        size = video.fitted(film, _film_side(settings))
        estimate = self.estimate(size, replace(settings, network=FILMED), frames=max(1, film.frames))
        lost = "A GIF has no sound, so the film's is left out." if kind == "gif" and film.sound else film.sound_note
        return replace(estimate, lost=lost)

    def restyle_video(
        self,
        source: str | Path,
        target: Path,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        smoothing: float = 0.8,
        kind: FilmKind = "mp4",
    ) -> Iterator[VideoStep]:
        _refuse_drawn(settings)
        if not 0 <= smoothing <= MAX_SMOOTHING:
            raise EngineError(f"Smoothing must lie between 0 and {MAX_SMOOTHING:g}, got {smoothing:g}.")
        if settings.colours == "only":
            raise EngineError("A film can't take colours only. Choose another setting of the colours.")
        settings = replace(settings, network=FILMED)
        return self._film(source, target, styles, settings, _probed(source), Smoother(smoothing), kind)

    def _film(
        self,
        source: str | Path,
        target: Path,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        film: video.Film,
        smoother: Smoother,
        kind: FilmKind,
    ) -> Iterator[VideoStep]:
        start, looks, together = perf_counter(), list[Any](), 1
        with contextlib.ExitStack() as stack:
            writer: video_writing.Writer | None = None
            try:
                frames = stack.enter_context(contextlib.closing(video.frames(source, side=_film_side(settings))))
                number = 0
                while batch := [
                    (original, self._even(original.picture, settings)) for original in islice(frames, together)
                ]:
                    before = batch[0][1]
                    if writer is None:
                        together = frames_together(before.size)
                        if settings.colours == "matched":  # to the first frame: the same for the whole film
                            styles = matched(styles, tensors.to_tensor(before))
                        looks = self._style_looks(styles, settings, mixed=True)
                        sound = source if film.sound else None
                        opened = video_writing.Writer(
                            target,
                            size=before.size,
                            rate=film.rate,
                            sound=sound,
                            comment=_comment(),
                            source=provenance.COMPOSITE,
                            kind=kind,
                        )
                        writer = stack.enter_context(opened)
                    painted_frames = self._painted_frames([even for _, even in batch], looks, settings, smoother)
                    for (original, _), frame in zip(batch, painted_frames, strict=True):
                        writer.write(replace(original, picture=frame))
                        number += 1
                        total = max(number, film.frames)
                        left = (perf_counter() - start) / number * (total - number)
                        yield VideoStep(number, total, frame, left)
                if writer is None:
                    raise EngineError("The video has no frames. Send another.")
            except VideoError as error:
                raise EngineError(str(error)) from error

    def _even(self, picture: Image.Image, settings: RestyleSettings) -> Image.Image:
        """A frame, prepared, with even sides: what H.264 needs."""
        before = self.prepared(picture, settings)
        return before.crop((0, 0, before.width // 2 * 2, before.height // 2 * 2))

    def _painted_frames(
        self, frames: Sequence[Image.Image], looks: Sequence[Any], settings: RestyleSettings, smoother: Smoother
    ) -> Iterator[Image.Image]:
        """Paint frames of one size that follow each other, in one pass."""
        each = [tensors.to_tensor(frame) for frame in frames]
        pixels = torch.cat(each)
        features = encoded(FILMED, pixels)
        steadied = [
            smoother.moments(adain.moments(maps[None]), tensor) for maps, tensor in zip(features, each, strict=True)
        ]
        own = Moments(torch.cat([own.mean for own in steadied]), torch.cat([own.std for own in steadied]))
        *_, last = painted(FILMED, pixels, looks, [], settings.strength, features=features, own=own)
        assert last.picture is not None
        for frame, tensor, paint in zip(frames, each, last.picture, strict=True):
            area = self._area(frame, settings, None)
            yield finished(smoother.paint(paint[None], tensor), tensor, area, settings.colours)


def frames_together(size: tuple[int, int]) -> int:
    """How many frames of a film of a size (width, height) are painted in one pass; a CPU gains nothing by more."""
    place = device.choose()
    if place.type != "cuda":
        return 1
    of_one = 1e6 * restyling_pace.PER_TILE_PIXEL * restyling_pace.tile_pixels(size[0] * size[1])
    return max(1, min(MOST_FRAMES, int(device.free_memory(place) / (2 * of_one))))


def _for_one(settings: RestyleSettings) -> RestyleSettings:
    return settings_.settings({**settings_.to_dict(settings), "weights": (1.0,)})


def _refuse_drawn(settings: RestyleSettings) -> None:
    if settings.area == DRAWN:
        raise EngineError(
            "A drawn mask fits one picture only. Choose the subject, the background or the whole picture."
        )


def _probed(source: str | Path) -> video.Film:
    try:
        return video.probe(source)
    except VideoError as error:
        raise EngineError(str(error)) from error


def _film_side(settings: RestyleSettings) -> int:
    return min(settings.side or FILM_SIDE, FILM_SIDE)


def _comment() -> str:
    return f"Made by a machine from a film and a painting (Just Look); digitalSourceType {provenance.COMPOSITE}"
