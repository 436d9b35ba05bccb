"""Long work of the engine runs with a low priority, and what takes milliseconds does not."""

import os
import sys
import threading
from contextvars import ContextVar

from serving.engine.watched import MOST, NICE, WatchedEngine

WHOSE: ContextVar[str] = ContextVar("whose")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


class Engine:
    def restyled(self) -> tuple[int, int, str]:
        return niceness(), threading.get_ident(), WHOSE.get("")

    sample = restyled

    def wait_for(self, everybody: threading.Barrier) -> None:
        everybody.wait(60)


def test_long_work_leaves_the_cores_to_others():
    own = niceness()
    WHOSE.set("a visitor's")
    engine = WatchedEngine(Engine(), bound_s=60.0)

    nice, thread, whose = engine.restyled()
    lower = max(own, NICE) if sys.platform == "linux" else own  # elsewhere a thread has no priority of its own
    assert (nice, whose) == (lower, "a visitor's")
    assert thread != threading.get_ident()
    assert engine.sample() == (own, threading.get_ident(), "a visitor's")
    assert niceness() == own


def test_as_many_wait_for_each_other_as_there_are_threads():
    everybody = threading.Barrier(MOST)
    engine = WatchedEngine(Engine(), bound_s=60.0)
    callers = [threading.Thread(target=engine.wait_for, args=[everybody]) for _ in range(MOST)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert not everybody.broken
