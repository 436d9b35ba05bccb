"""An engine that hangs, has no memory left, or finds its weights damaged: a sentence each, and nobody waits."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.errors import WeightsError
from serving.engine.errors import EngineError, UnavailableError
from serving.engine.watched import MEMORY, STUCK, WEIGHTS, WatchedEngine

BOUND_S = 60.0


class Engine:
    """Hangs, fails and yields when it is asked to."""

    def __init__(self) -> None:
        self.hangs, self.goes_on = threading.Event(), threading.Event()
        self.freed = 0
        self.closed = False

    def hang(self) -> str:
        self.hangs.set()
        self.goes_on.wait()
        return "back"

    def steps(self, error: Exception | None = None) -> Iterator[int]:
        try:
            yield 1
            if error:
                raise error
            yield 2
        finally:
            self.closed = True

    def fail(self, error: Exception) -> None:
        raise error

    def free_memory(self) -> None:
        self.freed += 1


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.goes_on.set()


@pytest.fixture
def watched(engine: Engine, seconds: list[float]) -> WatchedEngine:
    return WatchedEngine(engine, bound_s=BOUND_S, clock=lambda: seconds[0])


def test_while_a_call_does_not_come_back_later_ones_are_refused(
    watched: WatchedEngine, engine: Engine, seconds: list[float]
):
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(watched.hang)
        assert engine.hangs.wait(20)
        seconds[0] = BOUND_S
        assert list(watched.steps()) == [1, 2], "not yet"
        seconds[0] = BOUND_S + 1
        with pytest.raises(UnavailableError, match=STUCK.format(minutes=BOUND_S / 60)):
            watched.steps()
        with pytest.raises(UnavailableError):
            watched.check()
        engine.goes_on.set()
        assert call.result() == "back"
    assert list(watched.steps()) == [1, 2], "it works again"


def test_a_long_painting_is_not_stuck_while_its_steps_come(watched: WatchedEngine, seconds: list[float]):
    for _ in watched.steps():
        seconds[0] += BOUND_S + 1
        watched.check()


def test_whoever_stops_reading_ends_the_work(watched: WatchedEngine, engine: Engine):
    steps = watched.steps()
    next(steps)
    steps.close()
    assert engine.closed


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
)
def test_an_engine_out_of_memory_frees_what_it_keeps(watched: WatchedEngine, engine: Engine, error: Exception):
    with pytest.raises(UnavailableError, match=MEMORY[:30]) as raised:
        watched.fail(error)
    assert engine.freed == 1
    assert raised.value.http_status == 503
    assert raised.value.__context__ is None, "the frames of the error hold what did not fit"
    with pytest.raises(UnavailableError):
        list(watched.steps(error))
    assert engine.freed == 2


def test_damaged_weights_are_the_servers_fault_and_only_the_log_names_the_file(
    watched: WatchedEngine, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(UnavailableError) as raised:
        watched.fail(WeightsError("/app/weights/model.safetensors is damaged"))
    assert str(raised.value) == WEIGHTS
    assert "weights in fail: /app/weights/model.safetensors is damaged" in caplog.text


@pytest.mark.parametrize("error", [EngineError("choose a smaller size"), KeyError("x"), RuntimeError("a mistake")])
def test_other_errors_pass_as_they_are(watched: WatchedEngine, engine: Engine, error: Exception):
    with pytest.raises(type(error)) as raised:
        watched.fail(error)
    assert raised.value is error
    assert engine.freed == 0


def test_a_stuck_call_is_logged_once_with_the_line_where_it_stands(caplog: pytest.LogCaptureFixture):
    engine, happened = Engine(), threading.Event()
    watched = WatchedEngine(engine, bound_s=0.1)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(watched.hang)
        watched.watch(then=happened.set)
        assert happened.wait(20)
        engine.goes_on.set()
        call.result()
    assert "stuck: hang has not come back for 0.1 s" in caplog.text
    assert "self.goes_on.wait()" in caplog.text
