"""The pictures of a class's questions: drawn by the engine or taken from real data, all alike from outside.

Every picture of a question has the same number of bytes: PNG without compression, of one size and one mode. An address
is a keyed hash, and nothing but the pixels is in a file.
"""

from __future__ import annotations

import io

from PIL import Image

from evaluation.qualitative.study import real
from lecture.classroom.questions import AskedQuestion
from lecture.path import ClassQuestion, PictureSource
from media import sheet
from serving.engine import Engine

GAP = 3  # pixels between the pictures of a sheet


def draw(engine: Engine, asked: AskedQuestion, question: ClassQuestion) -> dict[str, bytes]:
    """Return the PNG files of a question by their ids.

    Raises:
        EngineError: a generator of the lecture's file is not there.
        StudyError: real pictures of the lecture's file are not there.
    """
    drawn = [
        _source(engine, source, seed, count) if count else []
        for source, seed, count in zip(question.sources, asked.seeds, asked.counts, strict=True)
    ]
    side = max(picture.width for pictures in drawn for picture in pictures)
    colour = any(picture.mode != "L" for pictures in drawn for picture in pictures)
    files = {}
    for picture in asked.pictures:
        cells = [_alike(drawn[cell.source][cell.index], side, "RGB" if colour else "L") for cell in picture.cells]
        laid_out = sheet.lay_out(cells, gap=GAP if len(cells) > 1 else 0)
        files[picture.id] = _uncompressed(laid_out)
    return files


def _source(engine: Engine, source: PictureSource, seed: int, count: int) -> list[Image.Image]:
    if source.data is not None:
        return real.pick(source.data, seed=seed, count=count)
    assert source.model is not None
    if source.step == "last":
        step = next(info.steps[-1] for info in engine.generators() if info.name == source.model)
    else:
        step = source.step
    return list(engine.sample(source.model, step=step, seed=seed, count=count).pictures)


def _alike(picture: Image.Image, side: int, mode: str) -> Image.Image:
    return picture.convert(mode).resize((side, side), Image.Resampling.NEAREST)


def _uncompressed(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    Image.frombytes(picture.mode, picture.size, picture.tobytes()).save(written, "PNG", compress_level=0)
    return written.getvalue()
