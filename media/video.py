"""Short videos, frame by frame: reading by FFmpeg, writing MP4 with the original sound (PyAV)."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream
from PIL import Image

MAX_SECONDS = 60
MAX_FRAMES = 1_800
MAX_PIXELS = 3840 * 2160
MIN_SIDE = 16
RATE = Fraction(25)  # frames per second, if the header has no rate
SOUND = ("aac", "mp3")  # codecs that an MP4 takes without conversion
FORMATS = "mov,mp4,matroska,webm,avi,gif,mpeg,mpegts,ogg,flv"


class VideoError(ValueError):
    """A video that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Film:
    """The header of a video; its frames may contradict it."""

    width: int
    height: int
    rate: Fraction  # frames per second
    frames: int  # expected
    seconds: float
    sound: bool


def probe(path: str | Path) -> Film:
    """Read the header of a video and check it against the limits.

    Raises:
        VideoError: it is no video, too long, too large or too small.
    """
    with _opened(path) as container:
        return _described(container)


def frames(path: str | Path, *, side: int | None = None) -> Generator[Image.Image]:
    """Yield the frames of a video as RGB pictures.

    Args:
        path: the video.
        side: scale down so that the longer side is at most this many pixels; sides become even.

    Raises:
        VideoError: as `probe`; or the video breaks off, or has more frames than the limit.
    """
    with _opened(path) as container:
        film = _described(container)
        size = fitted(film, side)
        count = 0
        try:
            for frame in container.decode(video=0):
                count += 1
                if count > MAX_FRAMES:
                    raise _too_long(f"more than {MAX_FRAMES:,} frames")
                yield frame.reformat(width=size[0], height=size[1], format="rgb24").to_image()
        except av.FFmpegError as error:
            raise _cut_off(count, film.frames) from error
        if count < 0.9 * film.frames - 1:
            raise _cut_off(count, film.frames)


def fitted(film: Film, side: int | None) -> tuple[int, int]:
    """Width and height of the frames, scaled down to `side` pixels; even numbers, as H.264 needs."""
    scale = min(1.0, side / max(film.width, film.height)) if side else 1.0
    width, height = (max(MIN_SIDE, 2 * int(length * scale / 2)) for length in (film.width, film.height))
    return width, height


class Writer:
    """A context manager that writes frames as H.264 into an MP4, and then the sound of the original video.

    The file appears under its name only when it is complete: an error or a cancelled generator leaves nothing.

    Args:
        target: the MP4.
        size: width and height, even.
        rate: frames per second.
        sound: the video to copy the sound from, if an MP4 takes its codec.
        comment: for the metadata of the file.
    """

    def __init__(
        self, target: Path, *, size: tuple[int, int], rate: Fraction, sound: str | Path | None = None, comment: str = ""
    ) -> None:
        self._target = target
        self._unfinished = target.with_name(f".{target.name}.unfinished")
        self._output: OutputContainer = av.open(str(self._unfinished), "w", format="mp4")
        if comment:
            self._output.metadata["comment"] = comment
        self._video: VideoStream = self._output.add_stream("libx264", rate=rate)
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        self._video.options = {"crf": "18", "preset": "veryfast"}
        self._sound = (
            None if sound is None else _Sound(sound, self._output)
        )  # all streams must exist before the first packet

    def write(self, picture: Image.Image) -> None:
        """Append one RGB frame."""
        for packet in self._video.encode(av.VideoFrame.from_image(picture)):
            self._output.mux(packet)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                for packet in self._video.encode(None):
                    self._output.mux(packet)
                if self._sound is not None:
                    self._sound.copy()
                self._output.close()
                self._unfinished.replace(self._target)
            else:
                with contextlib.suppress(av.FFmpegError, ValueError):
                    self._output.close()
        finally:
            if self._sound is not None:
                self._sound.close()
            self._unfinished.unlink(missing_ok=True)


class _Sound:
    """Copies the sound of another video, packet by packet."""

    def __init__(self, path: str | Path, output: OutputContainer) -> None:
        self._container, self._output = _opened(path), output
        streams: list[AudioStream] = list(self._container.streams.audio)
        self._source = next((stream for stream in streams if stream.codec_context.name in SOUND), None)
        self._copied = None if self._source is None else output.add_stream_from_template(self._source)

    def copy(self) -> None:
        if self._source is None or self._copied is None:
            return
        for packet in self._container.demux(self._source):
            if packet.dts is not None:
                packet.stream = self._copied
                self._output.mux(packet)

    def close(self) -> None:
        self._container.close()


def _opened(path: str | Path) -> InputContainer:
    try:
        container = av.open(str(path), mode="r", options={"format_whitelist": FORMATS, "protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(
            "The file is no video that can be read, or is cut off. Send an MP4, WebM, MOV, AVI or GIF."
        ) from error
    return container


def _described(container: InputContainer) -> Film:
    if not container.streams.video:
        raise VideoError("The file holds no moving picture. Send an MP4, WebM, MOV, AVI or GIF.")
    stream = container.streams.video[0]
    rate = Fraction(stream.average_rate or stream.guessed_rate or RATE)
    seconds = _seconds(container, stream)
    count = stream.frames or round(seconds * rate)
    width, height = stream.codec_context.width, stream.codec_context.height
    if seconds > MAX_SECONDS:
        raise _too_long(f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds")
    if count > MAX_FRAMES:
        raise _too_long(f"{count:,} frames")
    if min(width, height) < MIN_SIDE or width * height > MAX_PIXELS:
        raise VideoError(
            f"The video has {width:,} × {height:,} pixels; from {MIN_SIDE} a side to 3840 × 2160 can be read. Scale it."
        )
    return Film(width, height, rate, count, seconds, bool(container.streams.audio))


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _too_long(length: str) -> VideoError:
    return VideoError(
        f"The video has {length}; up to {MAX_SECONDS} seconds or {MAX_FRAMES:,} frames can be restyled. Cut it first."
    )


def _cut_off(count: int, expected: int) -> VideoError:
    return VideoError(f"The video breaks off after {count:,} of {expected:,} frames. Save or download it again.")
