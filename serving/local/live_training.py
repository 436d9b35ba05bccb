"""Live training for this process: each run in a process of its own, `serving.live`, a bounded number at once."""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
from cachetools import LRUCache
from PIL import Image, ImageOps
from spaces.config import Config

from models import device
from serving.engine.errors import EngineError
from serving.engine.live_training import (
    FEWEST_DRAWINGS,
    MOST_DRAWINGS,
    Action,
    LiveFrame,
    LiveRecipe,
    is_action,
)
from serving.engine.sampling import GeneratorInfo
from serving.live.requests import SIDE, Act, Begin, Keep, Observe, Refused, Request
from serving.local import own_generators
from serving.local.sampling import check_guests_are_allowed

ROOT = Path(__file__).parents[2]
MOST_RUNS = int(os.environ.get("JUST_LOOK_LIVE_RUNS", "2"))  # at once; beside each other they share the cores
MOST_OVER = 32  # runs that are over and still have a handle
INSIDE = 26  # pixels that a drawing's longer side fills of `SIDE`
INK = 40  # levels of 255 that a stroke differs from the paper by
GONE = "This training is not kept any more. Start a new one."
OVER = "This training is over. Start a new one."
SWITCHED_OFF = "Live training is switched off on this server."
BUSY = "All {count} places for live training are taken just now. Each is free again after ten minutes at most."
ENDING_S = 60.0  # a killed process ends at once, but on a busy machine


class _Process:
    """A training process, and one request to it at a time."""

    def __init__(self) -> None:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "serving.live"],
            cwd=ROOT,
            env={**os.environ, **threads},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lock = threading.Lock()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Request) -> Any:
        """Its answer.

        Raises:
            EngineError: it refused, or it has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        try:
            with self._lock:
                pickle.dump(request, self._process.stdin)
                self._process.stdin.flush()
                answer = pickle.load(self._process.stdout)  # noqa: S301 - of our own process
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            raise EngineError(GONE) from None
        if isinstance(answer, Refused):
            raise EngineError(answer.message)
        return answer

    def end(self) -> None:
        """End it, whatever it is doing, and wait until it has."""
        self._process.kill()
        self._process.wait(ENDING_S)
        with self._lock:  # a request that was under way has failed by now
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe
                with contextlib.suppress(BrokenPipeError):  # of what was still to be sent
                    pipe.close()


@dataclass
class _Run:
    """A run: its process while there is one, and the last frame once it is over."""

    visitor: str
    process: _Process | None = None
    last: LiveFrame | None = None
    info: GeneratorInfo | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)


class LocalLiveTrainer:
    """The part of the engine that trains live; `serving.engine.live_training.LiveTrainer` documents the methods."""

    def __init__(self) -> None:
        super().__init__()
        self._live_lock = threading.Lock()
        self._live: dict[str, _Run] = {}
        self._live_over: LRUCache[str, _Run] = LRUCache(MOST_OVER)
        self._spare: _Process | None = None

    def prepare_live(self) -> None:
        with self._live_lock:
            self._sweep_runs()
            if len(self._live) < MOST_RUNS and (self._spare is None or not self._spare.alive):
                self._spare = _Process()

    def start_live(self, recipe: LiveRecipe, *, drawings: Sequence[Image.Image] = (), visitor: str = "") -> str:
        if MOST_RUNS < 1:
            raise EngineError(SWITCHED_OFF)
        own = _prepared(drawings) if recipe.pictures == "drawings" else ()
        with self._live_lock:
            mine = [handle for handle, run in self._live.items() if visitor and run.visitor == visitor]
        for handle in mine:
            self.end_live(handle)
        handle, run = secrets.token_urlsafe(24), _Run(visitor)
        with self._live_lock:
            self._sweep_runs()
            if len(self._live) >= MOST_RUNS:
                raise EngineError(BUSY.format(count=MOST_RUNS))
            self._live[handle] = run
            spare, self._spare = self._spare, None
            run.process = spare if spare and spare.alive else _Process()
        try:
            run.process.ask(Begin(recipe, own, _device()))
        except BaseException:
            self.end_live(handle)
            raise
        return handle

    def live_frames(self, handle: str, *, interval: float = 0.3) -> Iterator[LiveFrame]:
        run = self._run_of(handle)
        return self._frames_of_run(handle, run, interval)

    def _frames_of_run(self, handle: str, run: _Run, interval: float) -> Iterator[LiveFrame]:
        while True:
            start = monotonic()
            frame = run.last or self._ask_run(handle, run, Observe())
            took = monotonic() - start
            yield frame
            if frame.over:
                return
            sleep(max(interval - took, took))  # on a busy machine half of the time is left for training

    def control_live(self, handle: str, action: Action) -> None:
        if not is_action(action):
            raise EngineError("Live training can go on, pause, make a d-step or a g-step, or stop.")
        run = self._run_of(handle)
        if run.last:
            raise EngineError(OVER)
        self._ask_run(handle, run, Act(action))

    def end_live(self, handle: str) -> None:
        with self._live_lock:
            run = self._live.pop(handle, None) or self._live_over.pop(handle, None)
        if run is None:
            return
        if run.process:
            run.process.end()
        with run.lock:
            if run.info:
                own_generators.forget(run.info.name)

    def end_all_live(self) -> None:
        """End all training processes; what they learned is lost."""
        with self._live_lock:
            processes = [run.process for run in self._live.values()] + [self._spare]
            self._live.clear()
            self._spare = None
        for process in processes:
            if process:
                process.end()

    def keep_live(self, handle: str) -> GeneratorInfo:
        run = self._run_of(handle)
        with run.lock:
            if run.last is None and run.process:
                self._keep_run(run, run.process)
            if run.info is None:
                raise EngineError(GONE)
            return run.info

    def own_file(self, model: str) -> bytes:
        return own_generators.content(model)

    def bring_file(self, content: bytes) -> GeneratorInfo:
        check_guests_are_allowed()
        return own_generators.keep(content, title="Your file")

    def _run_of(self, handle: str) -> _Run:
        with self._live_lock:
            run = self._live.get(handle) or self._live_over.get(handle)
        if run is None:
            raise EngineError(GONE)
        return run

    def _ask_run(self, handle: str, run: _Run, request: Observe | Act) -> LiveFrame:
        """Ask for a frame; after the last one what was learned is kept, and the process ends."""
        with run.lock:
            if run.last:
                return run.last
            if run.process is None:
                raise EngineError(GONE)
            try:
                frame: LiveFrame = run.process.ask(request)
                if frame.over:
                    self._keep_run(run, run.process)
            except EngineError:
                self.end_live(handle)
                raise
            if frame.over:
                run.last = frame
                run.process.end()
                with self._live_lock:
                    if self._live.pop(handle, None):
                        self._live_over[handle] = run
            return frame

    @staticmethod
    def _keep_run(run: _Run, process: _Process) -> None:
        content = process.ask(Keep())
        if run.info:
            own_generators.forget(run.info.name)
        run.info = own_generators.keep(content, title="Trained just now")

    def _sweep_runs(self) -> None:
        """Forget the runs whose processes have ended by themselves, because nobody looked."""
        for handle, run in list(self._live.items()):
            if run.process and not run.process.alive:
                run.process.end()
                del self._live[handle]


def _prepared(drawings: Sequence[Image.Image]) -> tuple[Image.Image, ...]:
    """Drawings as the training takes them: light on black, in the middle of `SIDE` pixels.

    Raises:
        EngineError: there are too few or too many, or one is blank.
    """
    if not FEWEST_DRAWINGS <= len(drawings) <= MOST_DRAWINGS:
        raise EngineError(
            f"Draw {FEWEST_DRAWINGS} to {MOST_DRAWINGS} pictures first, best twenty; there are {len(drawings)}."
        )
    return tuple(_centred(drawing, number) for number, drawing in enumerate(drawings, 1))


def _centred(drawing: Image.Image, number: int) -> Image.Image:
    ink = ImageOps.invert(drawing.convert("L"))
    box = ink.point(lambda level: 255 * (level > INK)).getbbox()
    if box is None or int(np.ptp(np.asarray(ink))) <= INK:
        raise EngineError(f"Drawing {number} is blank. Draw something on it, or remove it.")
    part = ImageOps.contain(ink.crop(box), (INSIDE, INSIDE), Image.Resampling.BOX)
    centred = Image.new("L", (SIDE, SIDE))
    centred.paste(part, ((SIDE - part.width) // 2, (SIDE - part.height) // 2))
    return centred


def _device() -> str:
    """On ZeroGPU the GPU is lent for seconds only, and another process can't have it."""
    return "cpu" if Config.zero_gpu else str(device.choose())
