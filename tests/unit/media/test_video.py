"""Videos are read and written completely, or refused with one sentence; noise does not flicker."""

from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from media import tone_mapping, video
from media.video import VideoError
from models.style.adain import Moments
from models.style.video_smoothing import Smoother
from tests.support.films import CASES, film


def test_a_film_is_described_before_it_is_read(tmp_path: Path):
    header = video.probe(film(tmp_path / "a.mp4", sound=True))
    assert (header.width, header.height, header.rate, header.frames, header.sound) == (48, 32, 10, 8, True)
    assert header.seconds == pytest.approx(0.8)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.mkv"])
def test_every_frame_is_read(tmp_path: Path, name: str):
    pictures = [frame.picture for frame in video.frames(film(tmp_path / name))]
    assert [(picture.mode, picture.size) for picture in pictures] == [("RGB", (48, 32))] * 8


def test_frames_are_scaled_down_to_even_sides(tmp_path: Path):
    assert next(video.frames(film(tmp_path / "a.mp4", size=(64, 36)), side=41)).picture.size == (40, 22)


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


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_film_of_a_phone_or_a_camera_has_the_size_and_the_frames_that_a_player_shows(name: str):
    sizes = {"rot90.mp4": (36, 64), "alpha.mov": (64, 64), "holds.gif": (96, 64)}
    counts = {"alpha.mov": 3, "editlist.mp4": 14, "holds.gif": 4, "vfr.mp4": 10}
    header, frames = video.probe(CASES / name), list(video.frames(CASES / name))
    assert (header.width, header.height) == sizes.get(name, (64, 36))
    assert {frame.picture.size for frame in frames} == {sizes.get(name, (64, 36))}
    assert header.frames == len(frames) == counts.get(name, 12)


def brightest(picture: Image.Image) -> tuple[float, float]:
    """The centre of the bright pixels, as fractions of the sides."""
    rows, columns = np.nonzero(np.asarray(picture.convert("L")) > 128)
    return columns.mean() / picture.width, rows.mean() / picture.height


@pytest.mark.parametrize(
    ("degrees", "corner"),
    [(0, (0.25, 0.25)), (90, (0.25, 0.75)), (180, (0.75, 0.75)), (-90, (0.75, 0.25))],  # anticlockwise
)
def test_a_film_is_turned_as_its_header_says(tmp_path: Path, degrees: int, corner: tuple[float, float]):
    path = tmp_path / "IMG_0001.MOV"
    white = np.zeros((32, 64, 3), dtype=np.uint8)
    white[:16, :32] = 255
    with av.open(str(path), "w", format="mov") as output:
        stream = output.add_stream("libx264", rate=10, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        if degrees:
            stream.set_display_rotation(degrees)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(white, format="rgb24")))
        output.mux(stream.encode(None))
    frame = next(video.frames(path))
    assert frame.picture.size == ((32, 64) if degrees in (90, -90) else (64, 32))
    assert brightest(frame.picture) == pytest.approx(corner, abs=0.05)


def test_frames_keep_their_times_when_the_rate_changes():
    frames = list(video.frames(CASES / "vfr.mp4"))
    assert next(frame.start for frame in frames if frame.picture.getpixel((32, 18))[0] > 128) == 3.5
    assert [float(frame.seconds) for frame in frames] == pytest.approx([0.1] * 4 + [3.1] + [0.1] * 5)


def test_a_gif_holds_its_frames_as_long_as_it_says():
    frames = list(video.frames(CASES / "holds.gif"))
    assert [float(frame.start) for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert float(frames[-1].seconds) == pytest.approx(3)
    assert video.probe(CASES / "holds.gif").seconds == pytest.approx(3.3)


def test_what_is_transparent_becomes_white():
    frame = next(video.frames(CASES / "alpha.mov"))
    assert frame.picture.getpixel((60, 32)) == (255, 255, 255)
    assert frame.picture.getpixel((4, 32)) != (255, 255, 255)


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".3gp", ".MP4", ".film", ""])
def test_a_film_is_known_by_its_content_and_not_by_its_name(tmp_path: Path, suffix: str):
    container = {".ts": "mpegts", ".mkv": "matroska", ".3gp": "3gp"}.get(suffix, "mp4")
    path = film(tmp_path / f"film{suffix}", container=container, sound=container != "3gp")
    header = video.probe(path)
    assert (header.frames, header.seconds) == (8, pytest.approx(0.8, abs=0.01))
    assert [float(frame.start) for frame in video.frames(path)] == pytest.approx(np.arange(8) / 10, abs=0.05)


def test_the_length_of_a_stream_without_one_is_counted(tmp_path: Path):
    path = film(tmp_path / "live.webm", container="matroska", options={"live": "1"})
    with av.open(str(path)) as container:
        assert container.duration is None
    header = video.probe(path)
    assert (header.frames, header.seconds) == (8, pytest.approx(0.8, abs=0.01))


def test_too_many_frames_are_refused_before_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(video, "MAX_FRAMES", 4)
    with pytest.raises(VideoError, match="more than 4 frames"):
        next(video.frames(film(tmp_path / "a.mp4")))


def test_sound_that_cannot_be_read_is_told(tmp_path: Path):
    path = film(tmp_path / "a.mkv", sound=True)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"A_AAC", b"A_XYZ"))
    assert video.probe(path).sound_note == "Its sound can't be read and is left out."
    assert video.probe(CASES / "opus.webm").sound_note == ""


@pytest.mark.parametrize("transfer", [tone_mapping.PQ, tone_mapping.HLG], ids=["PQ", "HLG"])
def test_high_dynamic_range_is_mapped_to_that_of_a_screen(tmp_path: Path, transfer: int):
    path, white = tmp_path / "hdr.mov", {tone_mapping.PQ: 0.58, tone_mapping.HLG: 0.75}[transfer]  # BT.2408, table 1
    levels = np.full((32, 64, 3), white * 65535, dtype=np.uint16)
    levels[:, 32:] = 0
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx265", rate=10, options={"x265-params": "log-level=none:bframes=0"})
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, transfer, 9, 1
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(levels, format="rgb48le")
            frame = frame.reformat(format="yuv420p10le", dst_colorspace=9, dst_color_range=1)
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    picture = next(video.frames(path)).picture
    red, green, blue = picture.getpixel((8, 16))
    assert 215 <= min(red, green, blue) <= max(red, green, blue) <= 235  # diffuse white stays below full white
    assert max(picture.getpixel((60, 16))) <= 3


def test_moments_are_a_running_mean_over_time():
    smoother = Smoother(0.75)
    first, second = (Moments(torch.full((1, 1, 1, 1), m), torch.ones(1, 1, 1, 1)) for m in (0.0, 4.0))
    content = torch.zeros(1, 3, 8, 8)
    assert float(smoother.moments(first, content).mean) == 0
    assert float(smoother.moments(second, content).mean) == 1
    assert float(smoother.moments(second, content).mean) == 1.75


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
    smoother.moments(Moments(torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)), dark)
    smoother.paint(dark, dark)
    assert float(smoother.moments(Moments(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1, 1)), light).mean) == 1
    painted = light.clone()
    painted[..., 0] = 0.5
    assert torch.equal(smoother.paint(painted, light), painted), "nothing of the scene before is kept"


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_a_smoothing_out_of_range_is_refused(smoothing: float):
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Smoother(smoothing)
