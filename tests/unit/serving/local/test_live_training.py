"""Live training in processes of their own: bounded, steered, freed; and what was learned comes back."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageDraw

from serving.engine.errors import EngineError
from serving.engine.live_training import JUDGED, SHEET, LiveRecipe, live_recipe
from serving.local import LocalEngine
from serving.local.live_training import MOST_RUNS, LocalLiveTrainer

DRAWN = live_recipe({"pictures": "drawings"})


def drawings(count: int = 6) -> list[Image.Image]:
    sheets = [Image.new("RGB", (96, 96), "white") for _ in range(count)]
    for i, sheet in enumerate(sheets):
        ImageDraw.Draw(sheet).ellipse((10 + 2 * i, 12, 70 + 2 * i, 80), outline="black", width=8)
    return sheets


@pytest.fixture
def trainer() -> Iterator[LocalLiveTrainer]:
    trainer = LocalLiveTrainer()
    yield trainer
    for handle in [*trainer._live, *trainer._live_over]:
        trainer.end_live(handle)


def watch(trainer: LocalLiveTrainer, handle: str) -> None:
    """Look at a run as a page does, until it is over: a run that nobody looks at ends by itself."""

    def look() -> None:
        with suppress(EngineError):  # it was ended
            for _ in trainer.live_frames(handle, interval=2):
                pass

    threading.Thread(target=look, daemon=True).start()


def processes(trainer: LocalLiveTrainer) -> list[bool]:
    return [bool(run.process and run.process.alive) for run in trainer._live.values()]


def test_a_run_is_watched_steered_stopped_and_sampled(trainer: LocalLiveTrainer, engine: LocalEngine):
    handle = trainer.start_live(DRAWN, drawings=drawings(), visitor="a")
    frames = trainer.live_frames(handle, interval=0)
    frame = next(frames)
    while frame.step < 3:
        frame = next(frames)
    assert len(frame.samples) == len(frame.closest) == SHEET
    assert sum(frame.kinds) == JUDGED
    assert len(frame.kinds) == 6
    assert frame.curve

    trainer.control_live(handle, "pause")
    paused = next(frames)
    assert (paused.state, next(frames).step) == ("paused", paused.step)
    trainer.control_live(handle, "d-step")
    assert (next(frames).step, next(frames).curve) == (paused.step + 1, ())
    trainer.control_live(handle, "go")
    while (frame := next(frames)).step < paused.step + 3:
        assert frame.state == "training"

    trainer.control_live(handle, "stop")
    assert [frame.state for frame in frames] == ["stopped"]
    assert trainer._live == {}
    info = trainer.keep_live(handle)
    pictures = engine.sample(info.name, step=0, seed=1, count=2).pictures
    again = engine.bring_file(trainer.own_file(info.name))
    assert engine.sample(again.name, step=0, seed=1, count=2).pictures == pictures
    with pytest.raises(EngineError, match="over"):
        trainer.control_live(handle, "go")

    trainer.end_live(handle)
    for ask in (trainer.keep_live, trainer.live_frames):
        with pytest.raises(EngineError, match="not kept"):
            ask(handle)
    with pytest.raises(EngineError, match="not kept"):
        engine.sample(info.name, step=0, seed=1, count=2)


def test_a_hundred_starts_leave_one_run_and_other_visitors_a_clear_answer(trainer: LocalLiveTrainer):
    for _ in range(2):  # the newest run of a visitor takes the place of the one before
        last = trainer.start_live(DRAWN, drawings=drawings(), visitor="a")
    assert list(trainer._live) == [last]
    watch(trainer, last)
    for i in range(MOST_RUNS - 1):
        watch(trainer, trainer.start_live(DRAWN, drawings=drawings(), visitor=f"b{i}"))

    for _ in range(100):
        with pytest.raises(EngineError, match=r"All \d+ places for live training are taken"):
            trainer.start_live(DRAWN, drawings=drawings())

    assert processes(trainer) == [True] * MOST_RUNS


def test_a_process_that_ended_by_itself_frees_its_place(trainer: LocalLiveTrainer):
    lost_run, *others = [trainer.start_live(DRAWN, drawings=drawings(), visitor=str(i)) for i in range(MOST_RUNS)]
    for handle in others:
        watch(trainer, handle)
    lost = trainer._live[lost_run].process
    assert lost
    lost._process.kill()
    lost._process.wait()

    with pytest.raises(EngineError, match="not kept"):
        next(trainer.live_frames(lost_run))
    trainer.start_live(DRAWN, drawings=drawings(), visitor="new")

    assert processes(trainer) == [True] * MOST_RUNS


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ([], "Draw 5 to 40 pictures"),
        (drawings(2), "there are 2"),
        (drawings(41), "there are 41"),
        ([*drawings(5), Image.new("L", (64, 64), "white")], "Drawing 6 is blank"),
        ([Image.new("L", (64, 64), "black"), *drawings(5)], "Drawing 1 is blank"),
    ],
)
def test_drawings_that_teach_nothing_are_refused(trainer: LocalLiveTrainer, sent: list[Image.Image], sentence: str):
    with pytest.raises(EngineError, match=sentence):
        trainer.start_live(DRAWN, drawings=sent)
    assert trainer._live == {}


def test_an_unknown_handle_and_an_unknown_action_are_refused(trainer: LocalLiveTrainer):
    with pytest.raises(EngineError, match="not kept"):
        trainer.control_live("nobody", "go")
    with pytest.raises(EngineError, match="can go on, pause"):
        trainer.control_live("nobody", "explode")  # type: ignore[arg-type]
    trainer.end_live("nobody")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no safetensors file"),
        (b"\x80\x04pickled code", "pickle"),
        (b"x" * 100, "no safetensors file"),
        (b"\x02\0\0\0\0\0\0\0{}", "does not say which generator"),
        (b"\0" * (9 * 2**20), "are allowed"),
    ],
)
def test_a_file_of_something_else_is_refused(engine: LocalEngine, content: bytes, sentence: str):
    with pytest.raises(EngineError, match=sentence):
        engine.bring_file(content)


def test_without_the_data_set_digits_come_from_our_generator(
    trainer: LocalLiveTrainer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.setenv("JUST_LOOK_CACHE", str(tmp_path_factory.mktemp("empty")))
    handle = trainer.start_live(LiveRecipe())

    frame = next(trainer.live_frames(handle))

    assert "MNIST is not on this server" in frame.source
    assert sum(frame.kinds) == JUDGED
    assert len(frame.kinds) == 10
    assert np.asarray(frame.closest[0]).max() > 200  # dark on white
