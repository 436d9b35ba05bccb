"""The training process: reads requests from its input, answers on its output, and trains in between.

It runs at a low priority and with one thread. It ends when its input closes, or when nothing is asked for a while.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from time import monotonic
from typing import Any, BinaryIO

from serving.live.requests import LEASE, SPARE, Act, Begin, Keep, Observe, Refused, Request

NICE = 10  # of Unix: beside a request of the app, a tenth of its share of a core


def main() -> None:
    """Serve one run."""
    if hasattr(os, "nice"):
        os.nice(max(0, NICE - os.nice(0)))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    requests: queue.Queue[Request | None] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, requests), daemon=True).start()

    def answer(value: Any) -> None:
        pickle.dump(value, answers)
        answers.flush()

    failed = 0
    try:
        serve(requests, answer)
    except Exception:  # the app has its sentence, and this is for the log
        traceback.print_exc()
        failed = 1
    os._exit(failed)  # at once: the reading thread waits for input and can't be ended


def serve(
    requests: queue.Queue[Request | None],
    answer: Callable[[Any], None],
    *,
    lease: float = LEASE,
    spare: float = SPARE,
) -> None:
    """Answer each request, and train while there is none; return when the run has no more use.

    Args:
        requests: from the app; None is its end.
        answer: takes the answers.
        lease: seconds without a request after which a run ends.
        spare: the same before the run begins.
    """
    import torch  # after the priority is lowered: this takes seconds

    torch.set_num_threads(1)
    from serving.live.session import TrainingSession

    session: TrainingSession | None = None
    heard, patience = monotonic(), min(lease, spare) / 4
    while True:
        try:
            request = requests.get_nowait() if session and session.trains else requests.get(timeout=patience)
        except queue.Empty:
            if monotonic() - heard > (lease if session else spare):
                return
            if session and session.trains:
                session.advance()
            continue
        if request is None:
            return
        try:
            match request:
                case Begin():
                    session = TrainingSession(request)
                    answer(None)
                case Observe() if session:
                    answer(session.frame())
                case Act() if session:
                    session.act(request.action)
                    answer(session.frame())
                case Keep() if session:
                    answer(session.file())
                case _:
                    answer(Refused("The run has not begun."))
        except Exception as error:  # the process ends
            answer(Refused(f"The training broke down: {error}"))
            raise
        heard = monotonic()  # after the work: on a busy machine it may have taken long


def _read(source: BinaryIO, requests: queue.Queue[Request | None]) -> None:
    try:
        while True:
            requests.put(pickle.load(source))  # noqa: S301 - of the app
    except (EOFError, OSError):
        requests.put(None)


if __name__ == "__main__":
    main()
