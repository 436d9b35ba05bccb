"""Many pictures in one go: a contact sheet, a folder, a film."""

from __future__ import annotations

import contextlib
import functools
import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import torch
from PIL import Image

from media import archive, images, provenance, video
from media.archive import ArchiveError
from media.images import PictureError
from media.video import VideoError
from models import tensors
from models.style import adain, colour, tiled_adain
from models.style.light import Look
from models.style.video_smoothing import Smoother
from serving.engine import settings as settings_
from serving.engine.errors import EngineError
from serving.engine.restyling import Estimate, FolderStep, SheetStep, VideoStep
from serving.engine.settings import DRAWN, RestyleSettings
from serving.local import one_pass
from serving.local.finishing import finished
from serving.local.one_pass import By, Pass
from serving.local.restyling import Restyling

MAX_SHEET = 40  # styles
GAP = 8  # pixels between the pictures of a sheet
INSET = 4  # of a cell's side to that of the style shown in its corner
FILM_SIDE = 1280  # pixels of a film's longer side at most
MAX_SMOOTHING = 0.98
FILMED: By = "adain"  # its statistics can be steadied from frame to frame


class Batches(Restyling):
    """The part of the engine that restyles many; see `serving.engine.restyling.Restyler` for the methods."""

    def contact_sheet(
        self, content: Image.Image, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[SheetStep]:
        """See `Restyler.contact_sheet`."""
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
            cell = self.restyled(content, [style], settings).copy()  # the cached one stays as it is
            inset = images.fit(style, max(images.MIN_SIDE, min(cell.size) // INSET))
            cell.paste(inset, (cell.width - inset.width, cell.height - inset.height))
            sheet.paste(cell, (number % columns * wide, number // columns * high))
            yield SheetStep(number, len(styles), sheet.copy())

    def restyle_folder(
        self, source: str | Path | BinaryIO, target: Path, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[FolderStep]:
        """See `Restyler.restyle_folder`."""
        _refuse_drawn(settings)
        try:
            names = archive.names(source)
        except ArchiveError as error:
            raise EngineError(str(error)) from error
        return self._folder(source, target, styles, settings, len(names))

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
                    try:
                        restyled = self.restyled(images.read(io.BytesIO(member.raw)), styles, settings)
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

    def estimate_video(self, source: str | Path, settings: RestyleSettings) -> Estimate:
        """See `Restyler.estimate_video`."""
        film = _probed(source)
        size, painted = video.fitted(film, _film_side(settings)), replace(settings, network=FILMED)
        return self.estimate(size, painted, frames=max(1, film.frames))

    def restyle_video(
        self,
        source: str | Path,
        target: Path,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        smoothing: float = 0.8,
    ) -> Iterator[VideoStep]:
        """See `Restyler.restyle_video`."""
        _refuse_drawn(settings)
        if not 0 <= smoothing <= MAX_SMOOTHING:
            raise EngineError(f"Smoothing must lie between 0 and {MAX_SMOOTHING:g}, got {smoothing:g}.")
        if settings.colours == "only":
            raise EngineError("A film can't take colours only. Choose another setting of the colours.")
        settings = replace(settings, network=FILMED)
        return self._film(source, target, styles, settings, _probed(source), Smoother(smoothing))

    def _film(
        self,
        source: str | Path,
        target: Path,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        film: video.Film,
        smoother: Smoother,
    ) -> Iterator[VideoStep]:
        start, manner = perf_counter(), []
        with contextlib.ExitStack() as stack:
            writer: video.Writer | None = None
            try:
                frames = stack.enter_context(contextlib.closing(video.frames(source, side=_film_side(settings))))
                for number, frame in enumerate(frames, 1):
                    before = self.prepared(frame, settings)
                    before = before.crop((0, 0, before.width // 2 * 2, before.height // 2 * 2))  # what H.264 wants
                    if writer is None:
                        manner = self._manner(_matched(styles, before, settings), settings, mixed=True)
                        sound = source if film.sound else None
                        opened = video.Writer(target, size=before.size, rate=film.rate, sound=sound, comment=_comment())
                        writer = stack.enter_context(opened)
                    painted = self._frame(before, manner, settings, smoother)
                    writer.write(painted)
                    total = max(number, film.frames)
                    left = (perf_counter() - start) / number * (total - number)
                    yield VideoStep(number, total, painted, left)
                if writer is None:
                    raise EngineError("The video has no frames. Send another.")
            except VideoError as error:
                raise EngineError(str(error)) from error

    def _frame(
        self, before: Image.Image, manner: list[Look], settings: RestyleSettings, smoother: Smoother
    ) -> Image.Image:
        pixels = tensors.to_tensor(before)
        smoother.forget_after_cut(pixels)
        area = self._area(before, settings, None)
        features, picture = (
            tiled_adain.empty_features(pixels, channels=one_pass.CHANNELS[FILMED]),
            torch.empty_like(pixels),
        )
        for _ in tiled_adain.encoded(functools.partial(one_pass.encode, by=FILMED), pixels, features=features):
            pass
        own = smoother.moments(adain.moments(features))
        paint = one_pass.painter(FILMED, Pass(manner, [], None), settings.strength)
        for _ in tiled_adain.painted(paint, features, picture=picture, own=own):
            pass
        return finished(smoother.paint(picture, pixels), pixels, area, settings)


def _for_one(settings: RestyleSettings) -> RestyleSettings:
    return settings_.settings({**settings_.to_dict(settings), "weights": (1.0,)})


def _matched(styles: Sequence[Image.Image], first: Image.Image, settings: RestyleSettings) -> list[Image.Image]:
    """The styles in the colours of the first frame, where that is wanted: the same for the whole film."""
    if settings.colours != "matched":
        return list(styles)
    target = tensors.to_tensor(first)
    return [tensors.to_picture(colour.match_colours(tensors.to_tensor(style), target)) for style in styles]


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
