"""One photo in every painting, a folder, a film: all come back restyled, and nothing is left behind."""

import io
import itertools
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from media import images, provenance, video
from serving.engine.errors import EngineError
from serving.local import LocalEngine, batches, networks
from tests.support.films import CASES, film
from tests.support.restyling import SMALL, levels, settings


def test_a_contact_sheet_shows_the_photo_and_each_style(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]
):
    steps = list(engine.contact_sheet(photo, paintings, settings(weights=(1.0, 3.0))))
    assert [(step.done, step.total) for step in steps] == [(1, 2), (2, 2)]
    before = engine.prepared(photo, SMALL)
    assert steps[-1].sheet.crop((0, 0, *before.size)) == before
    second = engine.restyled(photo, paintings[1:], SMALL).after
    top = before.height + 8
    assert steps[-1].sheet.crop((0, top, 40, top + 40)) == second.crop((0, 0, 40, 40))


def folder(*files: tuple[str, bytes]) -> io.BytesIO:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as opened:
        for name, content in files:
            opened.writestr(name, content)
    return io.BytesIO(raw.getvalue())


def png(seed: int) -> bytes:
    return provenance.png(Image.effect_noise((40, 30), 10 + seed).convert("RGB"), {})


def test_a_folder_comes_back_restyled_and_names_what_it_left_out(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = folder(("a/one.png", png(1)), ("notes.txt", b"hello"), ("a/one.jpg", png(2)))
    steps = list(engine.restyle_folder(source, tmp_path / "out.zip", paintings[:1], SMALL))
    assert [(step.done, step.name, bool(step.problem)) for step in steps] == [
        (1, "a/one.png", False),
        (2, "notes.txt", True),
        (3, "a/one-2.png", False),
    ]
    with zipfile.ZipFile(tmp_path / "out.zip") as result:
        assert result.namelist() == ["a/one.png", "a/one-2.png"]
        written = io.BytesIO(result.read("a/one.png"))
        assert images.read(written).size == (40, 30)
        assert provenance.settings(written)["side"] == 64


def test_a_bad_member_of_a_folder_is_named_and_the_rest_is_painted(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = folder(("a\\one.png", png(1)), ("../two.png", png(2)), ("three.png", png(3)))
    steps = list(engine.restyle_folder(source, tmp_path / "out.zip", paintings[:1], SMALL))
    assert [(step.done, step.total, step.name, bool(step.problem)) for step in steps] == [
        (1, 3, "a/one.png", False),
        (2, 3, "../two.png", True),
        (3, 3, "three.png", False),
    ]
    assert "'../two.png'" in steps[1].problem


@pytest.mark.parametrize("files", [[("notes.txt", b"hello")], [("a.png", png(1)), ("b.png", png(2))]])
def test_a_folder_without_pictures_or_stopped_half_way_leaves_nothing(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path, files: list[tuple[str, bytes]]
):
    steps = engine.restyle_folder(folder(*files), tmp_path / "out.zip", paintings[:1], SMALL)
    if len(files) == 1:
        with pytest.raises(EngineError, match="None of the files"):
            list(steps)
    else:
        next(steps)
        assert list(tmp_path.iterdir()) != []
        steps.close()
    assert list(tmp_path.iterdir()) == []


def flicker(path: Path) -> float:
    frames = [levels(frame.picture) for frame in video.frames(path)]
    return float(np.mean([np.abs(a - b).mean() for a, b in itertools.pairwise(frames)]))


def test_smoothing_takes_the_flicker_out_of_a_still_film_with_noise(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = film(tmp_path / "noise.mp4", frames=6, noise=6)
    flickers = {}
    for smoothing in (0.0, 0.8):
        target = tmp_path / f"{smoothing}.mp4"
        steps = list(engine.restyle_video(source, target, paintings[:1], SMALL, smoothing=smoothing))
        assert [(step.done, step.total) for step in steps] == [(n, 6) for n in range(1, 7)]
        flickers[smoothing] = flicker(target)
    assert flickers[0.8] < flickers[0.0] / 2


def test_frames_painted_together_are_those_painted_one_by_one(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source, painted = film(tmp_path / "a.mp4", frames=6, noise=6), []
    for together in (1, 4):
        monkeypatch.setattr(batches, "frames_together", lambda _, together=together: together)
        steps = list(engine.restyle_video(source, tmp_path / "b.mp4", paintings[:1], SMALL))
        assert [(step.done, step.total) for step in steps] == [(n, 6) for n in range(1, 7)]
        painted.append([levels(step.frame) for step in steps])
    for alone, beside in zip(*painted, strict=True):
        assert np.abs(np.asarray(alone, dtype=int) - np.asarray(beside, dtype=int)).max() <= 3


def test_a_film_keeps_its_sound_and_a_stopped_one_leaves_nothing(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = film(tmp_path / "a.mp4", frames=3, sound=True)
    assert engine.estimate_video(source, SMALL).frames == 3
    list(engine.restyle_video(source, tmp_path / "b.mp4", paintings[:1], SMALL))
    assert video.probe(tmp_path / "b.mp4").sound
    steps = engine.restyle_video(source, tmp_path / "c.mp4", paintings[:1], SMALL)
    next(steps)
    steps.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_film_that_breaks_off_leaves_nothing(engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path):
    whole = film(tmp_path / "a.mkv", frames=40, noise=9)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 4])
    with pytest.raises(EngineError, match="breaks off after"):
        list(engine.restyle_video(whole, tmp_path / "b.mp4", paintings[:1], settings(side=32)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_a_film_held_upright_comes_back_upright(engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path):
    steps = list(engine.restyle_video(CASES / "rot90.mp4", tmp_path / "b.mp4", paintings[:1], SMALL))
    header = video.probe(tmp_path / "b.mp4")
    assert {step.frame.size for step in steps} == {(36, 64)} == {(header.width, header.height)}


def test_a_film_cut_by_an_edit_list_is_painted_as_it_is_shown(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    assert engine.estimate_video(CASES / "editlist.mp4", SMALL).frames == 14
    steps = list(engine.restyle_video(CASES / "editlist.mp4", tmp_path / "b.mp4", paintings[:1], SMALL))
    assert [(step.done, step.total) for step in steps] == [(n, 14) for n in range(1, 15)]
    assert video.probe(tmp_path / "b.mp4").frames == 14


def test_a_gif_comes_back_as_a_gif_with_its_pauses(engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path):
    list(engine.restyle_video(CASES / "holds.gif", tmp_path / "b.gif", paintings[:1], SMALL, kind="gif"))
    with Image.open(tmp_path / "b.gif") as opened:
        assert (opened.format, opened.n_frames) == ("GIF", 4)
    assert [float(frame.seconds) for frame in video.frames(tmp_path / "b.gif")] == pytest.approx([0.1, 0.1, 0.1, 3.0])


def test_lost_sound_is_told_before_the_work(engine: LocalEngine):
    assert engine.estimate_video(CASES / "opus.webm", SMALL, kind="gif").sentence.endswith(
        "A GIF has no sound, so the film's is left out."
    )
    assert "sound" not in engine.estimate_video(CASES / "opus.webm", SMALL).sentence


@pytest.mark.parametrize("network", ["light", "adain"])
def test_the_features_of_a_batch_are_those_of_each(network: networks.PassName):
    pictures = torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0))
    one_pass = networks.one_pass(network)
    with torch.inference_mode():
        both, second = one_pass.encode(pictures), one_pass.encode(pictures[1:])
    torch.testing.assert_close(both[1:], second, rtol=1e-3, atol=1e-3)
