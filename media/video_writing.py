"""Films written frame by frame, each frame at its own time: as MP4 with the sound of the original, or as GIF."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from PIL import Image

from media import credentials, video
from media.video import FilmFrame

FilmKind: TypeAlias = Literal["mp4", "gif"]

CLOCK = 90_000  # ticks per second of an MP4's picture
COPIED = ("aac", "mp3")  # sound that every player of MP4 knows; other sound becomes AAC
AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # samples per second
BT709 = 1  # in H.273's numbers: primaries, transfer and matrix
GIF_CLOCK = 100  # ticks per second
GIF_SHORTEST = 2  # ticks; browsers slow down a GIF with shorter frames


class Writer:
    """A context manager that writes frames into an MP4 (H.264), with the sound of the original, or into a GIF.

    The file appears under its name only when it is complete: an error or a cancelled generator leaves nothing.

    Args:
        target: the file.
        size: width and height, even for an MP4.
        rate: frames per second on average; each frame brings its own time.
        sound: the video to take the sound from; a GIF has none.
        comment: for the metadata of the file.
        source: the film's digital source type, as the IPTC's URL: given it, Content Credentials say so, signed.
        kind: mp4 or gif.
    """

    def __init__(
        self,
        target: Path,
        *,
        size: tuple[int, int],
        rate: Fraction,
        sound: str | Path | None = None,
        comment: str = "",
        source: str = "",
        kind: FilmKind = "mp4",
    ) -> None:
        self._target, self._kind, self._source = target, kind, source
        self._unfinished = target.with_name(f".{target.name}.unfinished")
        self._clock = CLOCK if kind == "mp4" else GIF_CLOCK
        self._output: OutputContainer = av.open(str(self._unfinished), "w", format=kind)
        if comment:
            self._output.metadata["comment"] = comment
        self._video = _mp4_stream(self._output, rate) if kind == "mp4" else _gif_stream(self._output, rate)
        self._video.width, self._video.height = size
        self._video.codec_context.time_base = Fraction(1, self._clock)
        # all streams must exist before the first packet
        self._sound = None if sound is None or kind == "gif" else _Sound(sound, self._output)
        self._next = 0  # the earliest tick for the next frame
        self._ends: dict[int, int] = {}  # the tick at which a frame ends, by the tick at which it starts

    def write(self, frame: FilmFrame) -> None:
        """Append one frame; a GIF leaves out those that follow too soon for it."""
        tick = round(frame.start * self._clock)
        if tick < self._next:
            if self._kind == "gif":
                return
            tick = self._next
        shortest = GIF_SHORTEST if self._kind == "gif" else 1
        self._next = tick + shortest
        self._ends[tick] = max(self._next, round((frame.start + frame.seconds) * self._clock))
        encoded = _for_mp4(frame.picture) if self._kind == "mp4" else _for_gif(frame.picture)
        encoded.pts, encoded.time_base = tick, Fraction(1, self._clock)
        self._mux(self._video.encode(encoded))

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._mux(self._video.encode(None))
                if self._sound is not None:
                    self._sound.write()
                self._output.close()
                if self._source:
                    content = self._unfinished.read_bytes()
                    self._unfinished.write_bytes(
                        credentials.signed(content, kind=self._kind.upper(), source=self._source)
                    )
                self._unfinished.replace(self._target)
            else:
                with contextlib.suppress(av.FFmpegError, ValueError):
                    self._output.close()
        finally:
            if self._sound is not None:
                self._sound.close()
            self._unfinished.unlink(missing_ok=True)

    def _mux(self, packets: Iterable[Packet]) -> None:
        for packet in packets:
            if packet.pts in self._ends:
                packet.duration = self._ends.pop(packet.pts) - packet.pts
            self._output.mux(packet)


class _Sound:
    """Takes the sound of another video along: packet by packet where an MP4 takes it, else as AAC."""

    def __init__(self, path: str | Path, output: OutputContainer) -> None:
        self._container, self._output = video.opened(path), output
        self._zero = video.start_of(self._container)
        self._source: AudioStream | None = next(iter(self._container.streams.audio), None)
        self._copied = False
        self._stream: AudioStream | None = None
        if self._source is None or self._source.codec_context is None:
            return
        self._copied = self._source.codec_context.codec.canonical_name in COPIED
        if self._copied:
            self._stream = output.add_stream_from_template(self._source)
        else:
            rate = self._source.rate if self._source.rate in AAC_RATES else AAC_RATES[-1]
            layout = "mono" if self._source.channels == 1 else "stereo"
            self._stream = output.add_stream("aac", rate=rate, layout=layout)

    def write(self) -> None:
        if self._source is None or self._stream is None:
            return
        with contextlib.suppress(av.FFmpegError):  # damaged sound ends where the damage begins
            if self._copied:
                self._copy(self._source, self._stream)
            else:
                self._convert(self._source, self._stream)

    def _copy(self, source: AudioStream, stream: AudioStream) -> None:
        for packet in self._container.demux(source):
            if packet.pts is None or packet.dts is None or packet.is_discard:
                continue
            shift = round(self._zero / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            if packet.pts * packet.time_base > video.MAX_SECONDS:
                return
            packet.stream = stream
            self._output.mux(packet)

    def _convert(self, source: AudioStream, stream: AudioStream) -> None:
        for frame in self._container.decode(source):
            if frame.pts is not None and frame.time_base:
                frame.pts -= round(self._zero / frame.time_base)
                if frame.pts * frame.time_base > video.MAX_SECONDS:
                    break
            self._output.mux(stream.encode(frame))
        self._output.mux(stream.encode(None))

    def close(self) -> None:
        self._container.close()


def _mp4_stream(output: OutputContainer, rate: Fraction) -> VideoStream:
    stream: VideoStream = output.add_stream("libx264", rate=rate)
    stream.pix_fmt = "yuv420p"
    # without B-frames each frame is stored in the order and for the time that it is shown
    stream.options = {"crf": "18", "preset": "veryfast", "bf": "0"}
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = ColorRange.MPEG
    return stream


def _gif_stream(output: OutputContainer, rate: Fraction) -> VideoStream:
    stream: VideoStream = output.add_stream("gif", rate=rate)
    stream.pix_fmt = "pal8"
    return stream


def _for_mp4(picture: Image.Image) -> av.VideoFrame:
    return av.VideoFrame.from_image(picture).reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )


def _for_gif(picture: Image.Image) -> av.VideoFrame:
    """Reduce a picture to the 256 colours that suit it best."""
    few = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)
    palette = np.full((256, 4), 255, dtype=np.uint8)  # alpha, red, green, blue
    colours = np.array(few.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    palette[: len(colours), 1:] = colours
    indices_and_palette: Any = (np.asarray(few), palette)  # the type stubs know single arrays only
    return av.VideoFrame.from_ndarray(indices_and_palette, format="pal8")
