"""Work in a process beside the app, which takes neither the interpreter nor the threads that votes need.

The app asks for a method by its name. The process has a low priority, does one job at a time, and imports only what
its jobs need. It starts with the first job, ends with the app or when nobody has asked for a while, and a new one takes
its place after it died or worked on one job for too long.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NICE = 10  # of Unix: beside a vote, a tenth of its share of a core
LIMIT_S = 900.0  # for one job: a core that votes keep busy leaves little
IDLE_S = 600.0  # a process that nobody asks gives its memory back
PAUSE_S = 10.0  # after a failure, so that a job that always fails does not take a core
TICK_S = 0.2
ENDING_S = 60.0  # a killed process ends at once, but on a busy machine
FAILED = "This could not be computed: the process that does it ended. Try again in a minute; voting goes on."
TOO_LONG = "This took too long to compute and was stopped. Try again in a minute; voting goes on."


class NotComputedError(RuntimeError):
    """The process died, or worked for too long."""

    http_status = 503


class UnwantedError(RuntimeError):
    """Nobody waits for the result any more."""


@dataclass(frozen=True)
class _Job:
    method: str
    values: tuple[Any, ...]
    named: Mapping[str, Any]


class _Begun:
    """The process has begun with the job."""


@dataclass(frozen=True)
class _Question:
    values: tuple[Any, ...]


@dataclass(frozen=True)
class _Reply:
    value: Any


@dataclass(frozen=True)
class _Done:
    value: Any


@dataclass(frozen=True)
class _Failed:
    error: Exception


class _Stop:
    """Nobody wants the result of the job any more."""


class _IdleDeathError(RuntimeError):
    """The process had died before it began with a job."""


class Beside:
    """A process for one kind of work. Safe to share between threads, which take turns."""

    def __init__(
        self,
        module: str,
        beginning: Callable[[], Any],
        *,
        limit_s: float = LIMIT_S,
        idle_s: float = IDLE_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        """Start nothing yet.

        Args:
            module: runs `serve` as its main program.
            beginning: returns what `serve` makes the object from whose methods are asked for; pickled.
            limit_s: seconds for one job.
            idle_s: seconds without a job after which the process ends.
            pause_s: seconds after a failure in which jobs are refused.
        """
        self._module, self._beginning = module, beginning
        self._limit_s, self._idle_s, self._pause_s = limit_s, idle_s, pause_s
        self._process: _Process | None = None
        self._refusal, self._refused_until = "", 0.0
        self._idle: threading.Timer | None = None
        self._turn = threading.Lock()

    def ask(
        self,
        method: str,
        *values: Any,
        named: Mapping[str, Any] = {},
        reply: Callable[..., Any] | None = None,
        wanted: Callable[[], bool] | None = None,
    ) -> Any:
        """Return what a method of the process's object returns for some values.

        Args:
            method: its name.
            values: pickled.
            named: further values by name.
            reply: answers the questions that the process asks meanwhile (`Asking.ask`).
            wanted: whether somebody still waits for the result; where nobody does, the job is given up.

        Raises:
            NotComputedError: the process died or took too long, just now or some seconds ago.
            UnwantedError: nobody waited any more.
            Exception: what the method raised.
        """
        with self._turn:
            if wanted is not None and not wanted():
                raise UnwantedError
            if time.monotonic() < self._refused_until:
                raise NotComputedError(self._refusal)
            job, deadline = _Job(method, values, named), time.monotonic() + self._limit_s
            try:
                try:
                    answer = self._running().ask(job, reply, wanted, deadline)
                except _IdleDeathError:
                    self._end()
                    answer = self._running().ask(job, reply, wanted, deadline)
            except _IdleDeathError:
                raise self._failed(FAILED) from None
            except TimeoutError:
                raise self._failed(TOO_LONG) from None
            except (OSError, EOFError):
                raise self._failed(FAILED) from None
            except BaseException:  # of `reply`: the process would wait for it for ever
                self._end()
                raise
            self._end_when_idle()
        if isinstance(answer, _Failed):
            raise answer.error
        return answer.value

    def end(self) -> None:
        """End the process, whatever it is doing; the next job starts a new one."""
        if (process := self._process) is not None:
            process.kill()  # who waits for its answer lets the next one have their turn
        with self._turn:
            self._end()

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        return self._process.pid if self._process else None

    def _running(self) -> _Process:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None and not self._process.alive:
            self._end()
        if self._process is None:
            self._process = _Process(self._module, self._beginning())
        return self._process

    def _failed(self, sentence: str) -> NotComputedError:
        self._end()
        self._refusal, self._refused_until = sentence, time.monotonic() + self._pause_s
        return NotComputedError(sentence)

    def _end_when_idle(self) -> None:
        self._idle = threading.Timer(self._idle_s, self._end_if_idle)
        self._idle.daemon = True
        self._idle.start()

    def _end_if_idle(self) -> None:
        if self._turn.acquire(blocking=False):  # else there is a job just now
            try:
                self._end()
            finally:
                self._turn.release()

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class _Process:
    """The process, as the app sees it."""

    def __init__(self, module: str, beginning: Any) -> None:
        ours, theirs = socket.socketpair()
        # the same working folder, because an address of a database may be relative to it
        variables = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                env=variables,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._connection = Connection(ours.detach())
        weakref.finalize(self, self._process.kill)
        with contextlib.suppress(OSError):  # it died at once: the first job notices
            self._connection.send(beginning)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self,
        job: _Job,
        reply: Callable[..., Any] | None,
        wanted: Callable[[], bool] | None,
        deadline: float,
    ) -> _Done | _Failed:
        begun = False
        try:
            self._connection.send(job)
            while True:
                while not self._connection.poll(TICK_S):
                    if time.monotonic() > deadline:
                        raise TimeoutError
                    if wanted is not None and not wanted():
                        wanted = None
                        self._connection.send(_Stop())
                message = self._connection.recv()
                if isinstance(message, _Question):
                    self._connection.send(_Reply(reply(*message.values) if reply else None))
                elif isinstance(message, _Begun):
                    begun = True
                else:
                    return message
        except (ConnectionError, EOFError) as error:
            if begun:
                raise
            raise _IdleDeathError from error

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self.kill()
        self._connection.close()
        self._process.wait(ENDING_S)


class Asking:
    """The app, as the process sees it during a job."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._replies: queue.SimpleQueue[_Reply] = queue.SimpleQueue()
        self._unwanted = threading.Event()

    def ask(self, *values: Any) -> Any:
        """Ask the app for something; the `reply` of `Beside.ask` answers."""
        self._connection.send(_Question(values))
        return self._replies.get().value

    def check(self) -> None:
        """Go on with a long job only while somebody waits for its result.

        Raises:
            UnwantedError: nobody does.
        """
        if self._unwanted.is_set():
            raise UnwantedError


def serve(make: Callable[[Any, Asking], object]) -> None:
    """Be the process: make an object from what the app sent, and call its methods until the app is gone.

    Args:
        make: gets what `beginning` returned, and the app to ask; imports what is large, with the priority low by then.
    """
    os.nice(max(0, NICE - os.nice(0)))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed in the terminal is for the app, which ends this
    connection = Connection(int(sys.argv[1]))
    app, jobs = Asking(connection), queue.SimpleQueue[Any]()
    threading.Thread(target=_receive, args=(connection, app, jobs), daemon=True).start()
    beginning, target = jobs.get(), None
    while True:
        job: _Job = jobs.get()
        connection.send(_Begun())
        answer: _Done | _Failed
        try:
            if target is None:  # here, so that the app hears why it can't be made
                target = make(beginning, app)
            answer = _Done(getattr(target, job.method)(*job.values, **job.named))
        except Exception as error:
            answer = _Failed(_sendable(error))
        connection.send(answer)


def _receive(connection: Connection, app: Asking, jobs: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            message = connection.recv()
            if isinstance(message, _Stop):
                app._unwanted.set()
            elif isinstance(message, _Reply):
                app._replies.put(message)
            else:
                app._unwanted.clear()
                jobs.put(message)
    except (EOFError, OSError):
        os._exit(0)  # the app is gone, whatever is under way


def _sendable(error: Exception) -> Exception:
    """The error as it can be sent, with the place where it was raised."""
    error.add_note(f"In a process beside the app:\n{''.join(traceback.format_exception(error))}")
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
