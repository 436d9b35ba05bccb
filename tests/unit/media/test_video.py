"""Videos are read and written completely, or refused with one sentence; noise does not flicker."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from media import video
from media.video import VideoError, Writer
from models.style.adain import Moments
from models.style.video_smoothing import Smoother
from tests.support.films import film


def test_a_film_is_described_before_it_is_read(tmp_path: Path):
    header = video.probe(film(tmp_path / "a.mp4", sound=True))
    assert (header.width, header.height, header.rate, header.frames, header.sound) == (48, 32, 10, 8, True)
    assert header.seconds == pytest.approx(0.8)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.mkv"])
def test_every_frame_is_read(tmp_path: Path, name: str):
    frames = list(video.frames(film(tmp_path / name)))
    assert [(frame.mode, frame.size) for frame in frames] == [("RGB", (48, 32))] * 8


def test_frames_are_scaled_down_to_even_sides(tmp_path: Path):
    assert next(video.frames(film(tmp_path / "a.mp4", size=(64, 36)), side=41)).size == (40, 22)


def text(path: Path) -> Path:
    path.write_text("no film")
    return path


def half(path: Path) -> Path:
    whole = film(path.with_suffix(".whole.mkv"), frames=60, noise=9).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def picture(path: Path) -> Path:
    Image.new("RGB", (32, 32)).save(path, "PNG")
    return path


def sound_only(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as output:
        audio = output.add_stream("aac", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 8000), dtype=np.float32), format="fltp", layout="mono")
        block.sample_rate = 8000
        output.mux(audio.encode(block))
        output.mux(audio.encode(None))
    return path


REFUSED = {
    "text": (text, "no video that can be read"),
    "a picture": (picture, "no video that can be read"),
    "longer than a minute": (lambda path: film(path, frames=72, rate=1, size=(16, 16)), "72 seconds; up to 60 seconds"),
    "sound only": (sound_only, "holds no moving picture"),
    "too large": (lambda path: film(path, frames=1, size=(4098, 2160)), "4,098 × 2,160 pixels"),
    "ends in the middle": (half, "breaks off after [0-9]+ of [0-9]+ frames"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_film_that_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path, make, reason: str):
    path = make(tmp_path / ("a.mkv" if make is half else "a.mp4"))
    with pytest.raises(VideoError, match=reason) as refusal:
        list(video.frames(path))
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_a_video_with_more_frames_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = film(tmp_path / "a.mp4")
    frames = video.frames(path)
    next(frames)
    monkeypatch.setattr(video, "MAX_FRAMES", 4)
    with pytest.raises(VideoError, match="more than 4 frames"):
        list(frames)


def test_a_written_film_has_the_frames_and_the_sound(tmp_path: Path):
    source, target = film(tmp_path / "a.mp4", sound=True), tmp_path / "b.mp4"
    with Writer(target, size=(48, 32), rate=Fraction(10), sound=source, comment="made") as writer:
        for frame in video.frames(source):
            writer.write(frame)
    header = video.probe(target)
    assert (header.frames, header.sound, header.rate) == (8, True, 10)
    with av.open(str(target)) as written:
        assert written.metadata["comment"] == "made"
        assert sum(1 for _ in written.decode(audio=0)) > 3


def test_an_interrupted_film_leaves_nothing(tmp_path: Path):
    def write() -> None:
        with Writer(tmp_path / "b.mp4", size=(48, 32), rate=Fraction(10)) as writer:
            writer.write(Image.new("RGB", (48, 32)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


def test_moments_are_a_running_mean_over_time():
    smoother = Smoother(0.75)
    first, second = (Moments(torch.full((1, 1, 1, 1), m), torch.ones(1, 1, 1, 1)) for m in (0.0, 4.0))
    assert float(smoother.moments(first).mean) == 0
    assert float(smoother.moments(second).mean) == 1
    assert float(smoother.moments(second).mean) == 1.75


def test_still_pixels_keep_their_colours_and_moving_ones_do_not():
    smoother, content = Smoother(0.9), torch.full((1, 3, 20, 40), 0.2)
    moved = content.clone()
    moved[..., 20:] += 0.2
    smoother.paint(torch.zeros_like(content), content)
    painted = smoother.paint(torch.ones_like(content), moved)
    assert painted[..., :16].max() < 0.11
    assert painted[..., 24:].min() > 0.99


def test_a_cut_starts_anew():
    smoother, dark, light = Smoother(0.9), torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)
    smoother.moments(Moments(torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)))
    smoother.paint(dark, dark)
    smoother.forget_after_cut(light)
    assert float(smoother.moments(Moments(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1, 1))).mean) == 1


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_a_smoothing_out_of_range_is_refused(smoothing: float):
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Smoother(smoothing)
