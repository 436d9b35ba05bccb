"""Short videos read frame by frame, as a player shows them: upright, in proportion, on white, at their own times."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from PIL import Image

from media import tone_mapping
from media.images import WHITE

MAX_SECONDS = 60
MAX_FRAMES = 1_800
MAX_PIXELS = 3840 * 2160
MAX_ASPECT = 8  # of a pixel; a header that claims more is taken for damaged
MIN_SIDE = 16
RATE = Fraction(25)  # frames per second, if the header has no rate
FORMATS = "mov,mp4,matroska,webm,avi,gif,mpeg,mpegts,ogg,flv"
UNSPECIFIED = 2  # colour matrix, in H.273's numbers
HD_HEIGHT = 720  # pixels; from here on an unspecified colour matrix is BT.709, below it is BT.601

_TURNS = {  # signs of the display matrix (a, b, c, d): x' = a x + c y, y' = b x + d y
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}
_QUARTER_TURNS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
)


class VideoError(ValueError):
    """A video that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Film:
    """A video as a player shows it."""

    width: int  # as shown: upright, of square pixels
    height: int
    rate: Fraction  # frames per second, on average
    frames: int
    seconds: float
    sound: bool
    sound_note: str = ""  # a sentence about sound that can't be kept


@dataclass(frozen=True)
class FilmFrame:
    """A picture of a film, and when it is shown."""

    picture: Image.Image  # RGB
    start: Fraction  # seconds since the start of the film's sound and picture
    seconds: Fraction  # until the next frame


def probe(path: str | Path) -> Film:
    """Count the frames of a video without decoding them, and check it against the limits.

    Raises:
        VideoError: it is no video, too long, too large or too small, or breaks off.
    """
    with opened(path) as container:
        stream = _picture_stream(container)
        rate = Fraction(stream.average_rate or stream.guessed_rate or RATE)
        if stream.duration and stream.time_base:
            _check_length(float(stream.duration * stream.time_base))
        count, seconds = _scanned(container, stream, rate)
        sound, sound_note = bool(container.streams.audio), _sound_note(path, container)
    with opened(path) as container:
        width, height = _shown_size(container, _picture_stream(container))
    if min(width, height) < MIN_SIDE or width * height > MAX_PIXELS:
        raise VideoError(
            f"The video has {width:,} × {height:,} pixels; from {MIN_SIDE} a side to 3840 × 2160 can be read. Scale it."
        )
    return Film(width, height, rate, count, float(seconds), sound, sound_note)


def frames(path: str | Path, *, side: int | None = None) -> Generator[FilmFrame]:
    """Yield the frames of a video, each with its time.

    Args:
        path: the video.
        side: scale down so that the longer side is at most this many pixels; sides become even.

    Raises:
        VideoError: as `probe`; or the video is damaged, or has more frames than the limit.
    """
    film = probe(path)
    size = fitted(film, side)
    with opened(path) as container:
        stream = _picture_stream(container)
        zero, reformatter = start_of(container), VideoReformatter()
        waiting: FilmFrame | None = None  # until the start of the next frame is known
        count = 0
        try:
            for decoded in container.decode(stream):
                count += 1
                if count > MAX_FRAMES:
                    raise _too_long(f"more than {MAX_FRAMES:,} frames")
                start = _start(decoded, zero, waiting, film.rate)
                picture = _picture(decoded, size, reformatter, stream.codec_context.color_trc)
                if waiting is not None:
                    yield replace(waiting, seconds=start - waiting.start)
                waiting = FilmFrame(picture, start, 1 / film.rate)
        except av.FFmpegError as error:
            raise _cut_off(count, film.frames) from error
        if count < film.frames // 2:
            raise _cut_off(count, film.frames)
        if waiting is not None:
            left = Fraction(film.seconds).limit_denominator(90_000) - waiting.start
            yield replace(waiting, seconds=left if left > 0 else waiting.seconds)


def fitted(film: Film, side: int | None) -> tuple[int, int]:
    """Width and height of the frames, scaled down to `side` pixels; even numbers, as H.264 needs."""
    scale = min(1.0, side / max(film.width, film.height)) if side else 1.0
    width, height = (max(MIN_SIDE, 2 * int(length * scale / 2)) for length in (film.width, film.height))
    return width, height


def opened(path: str | Path) -> InputContainer:
    """Open a video for reading.

    Raises:
        VideoError: it is none.
    """
    try:
        return av.open(str(path), mode="r", options={"format_whitelist": FORMATS, "protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(
            "The file is no video that can be read, or is cut off. Send an MP4, WebM, MOV, AVI or GIF."
        ) from error


def start_of(container: InputContainer) -> Fraction:
    """The time in seconds at which picture or sound begins, whichever is first."""
    return Fraction(container.start_time or 0, av.time_base)


def _picture_stream(container: InputContainer) -> VideoStream:
    """The first stream of moving pictures; the cover of a piece of music is none."""
    streams: list[VideoStream] = list(container.streams.video)
    stream = next((stream for stream in streams if not stream.disposition & stream.disposition.attached_pic), None)
    if stream is None:
        raise VideoError("The file holds no moving picture. Send an MP4, WebM, MOV, AVI or GIF.")
    if stream.codec_context is None:
        raise VideoError("The video is of a kind that can't be read here. Save it as MP4 (H.264) and try again.")
    return stream


def _scanned(container: InputContainer, stream: VideoStream, rate: Fraction) -> tuple[int, Fraction]:
    """Count the frames that are shown, and return when the last one ends, in seconds."""
    zero, count = start_of(container), 0
    pictures_end, whole = Fraction(0), Fraction(0)  # the end of the pictures, of pictures and sound
    try:
        for packet in container.demux():
            if not packet.size or packet.is_discard or packet.stream.type not in ("video", "audio"):
                continue
            end = None if packet.pts is None else (packet.pts + (packet.duration or 0)) * packet.time_base - zero
            whole = max(whole, end or Fraction(0))
            if packet.stream_index != stream.index:
                continue
            count += 1
            pictures_end = max(pictures_end, count / rate if end is None else end)
            if count > MAX_FRAMES:
                raise _too_long(f"more than {MAX_FRAMES:,} frames")
            if pictures_end > 2 * MAX_SECONDS:
                raise _too_long(f"more than {MAX_SECONDS} seconds")
    except av.FFmpegError as error:
        raise _cut_off(count, max(count, stream.frames)) from error
    if stream.duration and stream.time_base:  # the last packet may claim more
        pictures_end = min(pictures_end, ((stream.start_time or 0) + stream.duration) * stream.time_base - zero)
    promised = Fraction(container.duration or 0, av.time_base)
    if max(pictures_end, whole) < Fraction(9, 10) * promised - 1 / rate:
        raise _cut_off(count, max(count, round(promised * rate)))
    _check_length(float(pictures_end))
    return count, pictures_end


def _check_length(seconds: float) -> None:
    if seconds > MAX_SECONDS + 0.5:  # a film cut to a minute has a frame more
        raise _too_long(f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds")


def _sound_note(path: str | Path, container: InputContainer) -> str:
    """What is lost of the sound, as a sentence."""
    tracks = container.streams.audio
    if not tracks:
        return ""
    try:
        with opened(path) as again:
            next(again.decode(again.streams.audio[0]))
    except (av.FFmpegError, StopIteration, ValueError, AttributeError):
        return "Its sound can't be read and is left out."
    return f"Of its {len(tracks)} sound tracks the first is kept." if len(tracks) > 1 else ""


def _shown_size(container: InputContainer, stream: VideoStream) -> tuple[int, int]:
    """Decode the first frame and return the width and height that a player shows."""
    if stream.width * stream.height > MAX_PIXELS:
        return stream.width, stream.height  # refused by the caller, so nothing is decoded
    try:
        frame = next(container.decode(stream))
    except (av.FFmpegError, StopIteration) as error:
        raise _cut_off(0, max(1, stream.frames)) from error
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if 1 < aspect <= MAX_ASPECT:
        width = round(width * aspect)
    elif Fraction(1, MAX_ASPECT) <= aspect < 1:
        height = round(height / aspect)
    return (height, width) if _turn(frame) in _QUARTER_TURNS else (width, height)


def _start(frame: av.VideoFrame, zero: Fraction, before: FilmFrame | None, rate: Fraction) -> Fraction:
    """When a frame is shown; one without a time, or with one that goes back, follows at the average rate."""
    start = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base - zero
    if before is not None and (start is None or start <= before.start):
        return before.start + 1 / rate
    return max(Fraction(0), start or Fraction(0))


def _picture(frame: av.VideoFrame, size: tuple[int, int], reformatter: VideoReformatter, transfer: int) -> Image.Image:
    """Convert a frame, whose levels follow a transfer characteristic of H.273, to an upright RGB picture of a size."""
    turn = _turn(frame)
    width, height = size[::-1] if turn in _QUARTER_TURNS else size
    transparent = frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)
    hdr = transfer in (tone_mapping.PQ, tone_mapping.HLG)
    matrix = frame.colorspace
    if matrix == UNSPECIFIED and not frame.format.is_rgb:
        matrix = Colorspace.ITU709 if frame.height >= HD_HEIGHT else Colorspace.ITU601
    converted = reformatter.reformat(
        frame,
        width=width,
        height=height,
        format="rgba" if transparent else "rgb48le" if hdr else "rgb24",
        src_colorspace=matrix,
        interpolation=Interpolation.AREA if width < frame.width else Interpolation.BICUBIC,
    )
    if transparent:
        layer = Image.fromarray(converted.to_ndarray())
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, (*WHITE, 255)), layer).convert("RGB")
    elif hdr:
        picture = Image.fromarray(tone_mapping.to_srgb(converted.to_ndarray().astype(np.uint16), transfer))
    else:
        picture = converted.to_image()
    return picture if turn is None else picture.transpose(turn)


def _turn(frame: av.VideoFrame) -> Image.Transpose | None:
    """How to turn or mirror a frame so that it is upright."""
    side_data: Iterable[Any] = frame.side_data
    matrix = next((data for data in side_data if data.type == Type.DISPLAYMATRIX), None)
    if matrix is None:
        return None
    a, b, _, c, d, *_ = np.frombuffer(matrix, dtype=np.int32, count=9).tolist()
    largest = max(map(abs, (a, b, c, d)))
    signs = tuple((number > largest / 2) - (number < -largest / 2) for number in (a, b, c, d))
    return _TURNS.get(signs)


def _too_long(length: str) -> VideoError:
    return VideoError(
        f"The video has {length}; up to {MAX_SECONDS} seconds or {MAX_FRAMES:,} frames can be restyled. Cut it first."
    )


def _cut_off(count: int, expected: int) -> VideoError:
    return VideoError(f"The video breaks off after {count:,} of {expected:,} frames. Save or download it again.")
