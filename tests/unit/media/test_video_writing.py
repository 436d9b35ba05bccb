"""A written film has every frame at its time and the sound in step, or does not exist."""

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from media import credentials, provenance, video
from media.video import FilmFrame
from media.video_writing import FilmKind, Writer
from tests.support.films import CASES, film


def rewritten(source: Path, target: Path) -> Path:
    header, kind = video.probe(source), target.suffix[1:]
    size = video.fitted(header, None)
    with Writer(target, size=size, rate=header.rate, sound=source, comment="made", kind=kind) as writer:
        for frame in video.frames(source):
            writer.write(frame)
    return target


def test_a_written_film_has_the_frames_and_the_sound(tmp_path: Path):
    target = rewritten(film(tmp_path / "a.mp4", sound=True), tmp_path / "b.mp4")
    header = video.probe(target)
    assert (header.frames, header.sound, header.rate) == (8, True, 10)
    with av.open(str(target)) as written:
        assert written.metadata["comment"] == "made"
        assert sum(1 for _ in written.decode(audio=0)) > 3


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_a_film_with_a_source_is_signed_and_still_plays(tmp_path: Path, kind: FilmKind):
    target = tmp_path / f"b.{kind}"
    with Writer(target, size=(48, 32), rate=Fraction(10), source=provenance.GENERATED, kind=kind) as writer:
        for number, colour in enumerate(("teal", "orange", "navy")):
            frame = FilmFrame(Image.new("RGB", (48, 32), colour), Fraction(number, 10), Fraction(1, 10))
            writer.write(frame)

    signed = credentials.read(target.read_bytes(), kind=kind.upper())

    assert (signed.state, signed.ours, signed.actions[0][1]) == ("valid", True, provenance.GENERATED)
    assert len(list(video.frames(target))) == 3


def test_an_interrupted_film_leaves_nothing(tmp_path: Path):
    def write() -> None:
        with Writer(tmp_path / "b.mp4", size=(48, 32), rate=Fraction(10)) as writer:
            writer.write(FilmFrame(Image.new("RGB", (48, 32)), Fraction(0), Fraction(1, 10)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["mp4", "gif"])
@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_every_frame_is_written_at_its_time(tmp_path: Path, name: str, kind: str):
    before = list(video.frames(CASES / name))
    after = list(video.frames(rewritten(CASES / name, tmp_path / f"b.{kind}")))
    first = before[0].start if kind == "gif" else 0  # a GIF begins with its first frame
    starts = [float(frame.start - first) for frame in before]
    assert [float(frame.start) for frame in after] == pytest.approx(starts, abs=0.011)
    assert float(after[-1].seconds) == pytest.approx(float(before[-1].seconds), abs=0.011)
    assert {frame.picture.size for frame in after} == {frame.picture.size for frame in before}


@pytest.mark.parametrize("name", ["opus.webm", "mp3.mp4"])
def test_sound_is_kept_whatever_its_codec(tmp_path: Path, name: str):
    with av.open(str(rewritten(CASES / name, tmp_path / "b.mp4"))) as written:
        seconds = sum(frame.samples / frame.sample_rate for frame in written.decode(audio=0))
        assert written.streams.audio[0].codec.canonical_name == {"opus.webm": "aac", "mp3.mp4": "mp3"}[name]
    assert seconds == pytest.approx(1, abs=0.06)


def clapper(path: Path, *, codec: str, picture_from: float, sound_from: float) -> Path:
    """A film of two seconds that turns white and beeps at 1.5 s; picture and sound may start late."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        sound = output.add_stream(codec, rate=48000, layout="mono")
        for number in range(round(picture_from * 20), 40):
            level = 255 * (number >= 30)
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), level, dtype=np.uint8), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 20)
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
        at = np.arange(round(sound_from * 48000), 96000)
        beep = (np.sin(at / 10) * (at >= 72000) * 20000).astype(np.int16)[None]
        for start in range(0, beep.shape[1], 960):
            block = av.AudioFrame.from_ndarray(beep[:, start : start + 960].copy(), format="s16", layout="mono")
            block.sample_rate, block.time_base, block.pts = 48000, Fraction(1, 48000), int(at[0]) + start
            output.mux(sound.encode(block))
        output.mux(sound.encode(None))
    return path


def beep_begins(path: Path) -> float:
    """When the beep begins, in seconds since picture or sound begins, as a player counts."""
    with av.open(str(path)) as container:
        zero = float(video.start_of(container))
        for frame in container.decode(audio=0):
            loud = np.nonzero(
                np.abs(frame.to_ndarray().astype(float).ravel()) > (0.1 if "flt" in frame.format.name else 3000)
            )
            if loud[0].size:
                return frame.time + loud[0][0] / frame.sample_rate - zero
    raise AssertionError("there is no beep")


def turns_white(path: Path) -> float:
    return next(float(frame.start) for frame in video.frames(path) if frame.picture.getpixel((16, 16))[0] > 128)


@pytest.mark.parametrize(("picture_from", "sound_from"), [(0, 0), (0.5, 0), (0, 0.5)])
@pytest.mark.parametrize(
    ("suffix", "codec"), [(".mp4", "aac"), (".ts", "aac"), (".mov", "pcm_s16le"), (".mkv", "libopus")]
)
def test_sound_and_picture_stay_in_step(
    tmp_path: Path, suffix: str, codec: str, picture_from: float, sound_from: float
):
    source = clapper(tmp_path / f"a{suffix}", codec=codec, picture_from=picture_from, sound_from=sound_from)
    target = rewritten(source, tmp_path / "b.mp4")
    assert turns_white(target) == pytest.approx(1.5, abs=0.03)
    assert beep_begins(target) == pytest.approx(1.5, abs=0.03)


def test_a_gif_leaves_out_frames_that_follow_too_soon(tmp_path: Path):
    fast = rewritten(film(tmp_path / "a.mp4", frames=30, rate=100), tmp_path / "b.gif")
    starts = [frame.start for frame in video.frames(fast)]
    assert min(after - before for before, after in itertools.pairwise(starts)) >= Fraction(2, 100)
    assert video.probe(fast).seconds == pytest.approx(0.3, abs=0.021)
