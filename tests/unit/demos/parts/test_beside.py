"""Work beside the app: by a real process, which may die, take too long, be given up, and ends with the app."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from demos.parts.beside import ROOT, Beside, NotComputedError, UnwantedError

MODULE = "tests.support.beside.work"


@pytest.fixture
def beside() -> Iterator[Beside]:
    beside = Beside(MODULE, lambda: "for these tests", pause_s=0.0)
    yield beside
    beside.end()


def gone(pid: int) -> bool:
    """Wait until a process has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def test_the_work_is_done_in_another_process_at_a_low_priority_and_without_torch(beside: Beside):
    assert beside.pid is None, "nothing runs before somebody asks"
    pid, priority, began_with = beside.ask("where")

    assert pid == beside.pid != os.getpid()
    assert priority >= 10
    assert began_with == "for these tests"
    assert beside.ask("where")[0] == pid, "the next job is for the same process"


def test_an_error_comes_back_as_it_was_raised(beside: Beside):
    with pytest.raises(KeyError, match="no such thing") as raised:
        beside.ask("fail")
    assert "in fail" in raised.value.__notes__[0], "the note says where"
    assert beside.ask("double", 4) == 8


def test_an_error_that_cannot_be_sent_comes_back_in_words(beside: Beside):
    with pytest.raises(RuntimeError, match="PickyError: one and two"):
        beside.ask("fail_pickily")


def test_the_process_may_ask_the_app_for_something(beside: Beside):
    assert beside.ask("ask_for_sum", 3, reply=lambda number: number * 100) == 600


def test_a_process_that_died_is_said_and_replaced(beside: Beside):
    before = beside.ask("where")[0]
    with pytest.raises(NotComputedError, match="Try again in a minute"):
        beside.ask("die")

    assert beside.ask("where")[0] != before


def test_a_process_that_was_killed_between_two_jobs_is_replaced_without_a_word(beside: Beside):
    before = beside.ask("where")[0]
    os.kill(before, signal.SIGKILL)
    assert gone(before)

    assert beside.ask("double", 1) == 2
    assert beside.pid != before


def test_a_job_without_an_end_is_stopped():
    beside = Beside(MODULE, lambda: "", limit_s=5.0, pause_s=60.0)
    pid = beside.ask("where")[0]
    with pytest.raises(NotComputedError, match="took too long"):
        beside.ask("never_end")

    assert gone(pid)
    with pytest.raises(NotComputedError, match="took too long"):
        beside.ask("double", 1)  # refused for a while, and nothing is started
    assert beside.pid is None


def test_a_job_that_nobody_waits_for_any_more_is_given_up_and_the_process_goes_on(beside: Beside):
    begun, wanted = threading.Event(), True

    def reply() -> None:
        begun.set()

    def leave() -> None:
        nonlocal wanted
        assert begun.wait(60)
        wanted = False

    leaving = threading.Thread(target=leave)
    leaving.start()
    pid = beside.ask("where")[0]
    with pytest.raises(UnwantedError):
        beside.ask("work_while_wanted", reply=reply, wanted=lambda: wanted)
    leaving.join()

    assert beside.ask("where")[0] == pid


def test_the_app_ends_it_in_the_middle_of_a_job(beside: Beside):
    begun, failures = threading.Event(), list[NotComputedError]()

    def ask() -> None:
        try:
            beside.ask("work_while_wanted", reply=begun.set)
        except NotComputedError as error:
            failures.append(error)

    pid = beside.ask("where")[0]
    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(60)
    beside.end()
    asking.join(60)

    assert gone(pid)
    assert len(failures) == 1
    assert beside.ask("double", 3) == 6


def test_a_process_that_nobody_asks_ends():
    beside = Beside(MODULE, lambda: "", idle_s=0.1)
    assert gone(beside.ask("where")[0])
    assert beside.ask("double", 2) == 4
    beside.end()


def test_the_process_ends_with_the_app_however_the_app_ends():
    script = (
        "from demos.parts.beside import Beside\n"
        f"beside = Beside({MODULE!r}, lambda: '')\n"
        "print(beside.ask('where')[0], flush=True)\n"
        "beside.ask('never_end')\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline())
        app.kill()  # nothing can be tidied up
    assert gone(pid)
