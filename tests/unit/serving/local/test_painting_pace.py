"""The pace of painting is measured once, whoever asks, and then follows the newest painting."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from serving.local.painting_pace import Pace

THREADS = 8


def test_threads_that_ask_together_measure_once():
    together, measured = Barrier(THREADS), []

    def measure() -> float:
        measured.append(1)
        return 0.5

    pace = Pace(measure)

    def ask(_: int) -> float:
        together.wait()
        return pace.seconds()

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(ask, range(THREADS))) == {0.5}
    assert len(measured) == 1


def test_what_a_painting_took_replaces_the_measurement():
    pace = Pace(lambda: 0.5)
    pace.learn(0.25)
    assert pace.seconds() == 0.25
