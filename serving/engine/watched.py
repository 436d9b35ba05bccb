"""An engine whose calls are watched, and whose long ones leave the cores to whatever takes milliseconds.

While one does not come back, later ones are refused instead of waiting behind it. A call that hangs in a driver can't
be ended from outside, so nothing is: the app says that it is not ready, and whoever runs it, or `JUST_LOOK_STUCK_EXIT`,
starts it anew.

On two cores, twenty visitors who restyle and paint keep both busy, and a vote would wait for its share of one. So long
calls have threads of low priority, which get what the others leave; those that PyTorch starts inherit it.
"""

from __future__ import annotations

import contextvars
import itertools
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from models.errors import WeightsError
from serving.engine.errors import UnavailableError

log = logging.getLogger("just_look.engine")

STUCK = (
    "The machine that computes this has not answered for {minutes:g} minutes. Try again later; the people who run this "
    "app are informed."
)
MEMORY = "The server has not enough memory for this at the moment. Choose a smaller size, or try again in a minute."
WEIGHTS = "The server could not load the weights for this; its log says why. Choose something else, or try again later."
SHORT = {  # milliseconds: they stay in the caller's thread
    *("generators", "welcomes_guests", "sample", "latent", "move", "influential", "directions"),
    *("estimate", "instant_side", "translators", "judged", "forget_painting"),
}
UNWATCHED = {"sources", "memory", "warm_up", "free_memory", "close"}  # no visitor waits for them
OVER = object()  # after the last step
NICE = 10  # of Unix: beside a vote, a tenth of its share of a core
MOST = 64  # long calls at once: more than Gradio's handlers, so that none of them waits here for another
STEPS_BETWEEN = 4  # looks at the calls within the time that a call may take


@dataclass(frozen=True)
class _Running:
    name: str
    thread: int
    begun: float


class WatchedEngine:
    """Passes each call on to an engine, long ones with a low priority, and knows which of them have not come back.

    Each step of what a method yields is a call of its own. Where the machine has no memory left for a call, the engine
    frees what it keeps; the caller gets a sentence then, and where weights are damaged.

    Args:
        engine: does the work; `serving.engine.Engine` documents the methods.
        bound_s: seconds after which a call counts as stuck.
        clock: seconds.
    """

    def __init__(self, engine: Any, *, bound_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._bound_s, self._clock = engine, bound_s, clock
        self._running: dict[int, _Running] = {}
        self._numbers = itertools.count()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._engine, name)
        if not callable(value) or name in UNWATCHED:
            return value

        def call(*arguments: Any, **options: Any) -> Any:
            self.check()
            answer = self._watched(name, lambda: value(*arguments, **options))
            return self._steps(name, answer) if isinstance(answer, Iterator) else answer

        return call

    def check(self) -> None:
        """Check that the machine answers.

        Raises:
            UnavailableError: a call has not come back in time.
        """
        if self.stuck():
            raise UnavailableError(STUCK.format(minutes=self._bound_s / 60))

    def stuck(self) -> list[_Running]:
        """The calls that have not come back in time."""
        since = self._clock() - self._bound_s
        return [running for running in list(self._running.values()) if running.begun < since]

    def watch(self, then: Callable[[], None] | None = None) -> None:
        """Log each stuck call once, with the line where it stands, in the background.

        Args:
            then: what is done besides, for each of them.
        """

        def look() -> None:
            known: set[_Running] = set()
            while True:
                time.sleep(self._bound_s / STEPS_BETWEEN)
                now = self.stuck()
                for running in set(now) - known:
                    log.critical(
                        "stuck: %s has not come back for %g s; it stands at\n%s",
                        running.name,
                        self._bound_s,
                        _standing(running.thread),
                    )
                    if then:
                        then()
                known = set(now)

        threading.Thread(target=look, name="engine-watch", daemon=True).start()

    def _steps(self, name: str, steps: Iterator[Any]) -> Iterator[Any]:
        try:
            while (step := self._watched(name, lambda: next(steps, OVER))) is not OVER:
                yield step
        finally:
            if close := getattr(steps, "close", None):
                close()

    def _watched(self, name: str, act: Callable[[], Any]) -> Any:
        number = next(self._numbers)

        def noted() -> Any:
            self._running[number] = _Running(name, threading.get_ident(), self._clock())
            return act()

        try:
            return noted() if name in SHORT else _THREADS.submit(contextvars.copy_context().run, noted).result()
        except WeightsError as error:
            log.error("weights in %s: %s", name, error)
            raise UnavailableError(WEIGHTS) from error
        except Exception as error:
            if not out_of_memory(error):
                raise
            log.error("out of memory in %s: %s", name, error)
        finally:
            self._running.pop(number, None)
        # here the error is gone, and with it the frames that held what did not fit
        if free := getattr(self._engine, "free_memory", None):
            free()
        raise UnavailableError(MEMORY)


def _lower() -> None:
    if sys.platform == "linux":  # where 0 is this thread; elsewhere it is the whole process
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))


_THREADS = ThreadPoolExecutor(MOST, thread_name_prefix="engine", initializer=_lower)


def out_of_memory(error: BaseException) -> bool:
    """Whether the machine had no memory for something: its own, or its device's (PyTorch's errors say so in words)."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and any(words in str(error)[:400].lower() for words in ("out of memory", "can't allocate memory"))
    )


def _standing(thread: int) -> str:
    frame = sys._current_frames().get(thread)
    return "".join(traceback.format_stack(frame)) if frame else "nowhere: it has just come back"
