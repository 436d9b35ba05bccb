"""Serves until the process is told to end, and then ends in order: votes are stored, visitors get a sentence."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

import gradio as gr

from demos.edge.fair_queue import FairQueue
from serving.web.ending import CHECK_S, Ending

log = logging.getLogger("just_look.ending")

NEW = "The app is about to restart and takes no new work. Try again in a minute."
UNDER_WAY = "The app restarts, so this was ended before it was done. Start it again in a minute."
READING_S = 1.0  # for visitors to receive that sentence
CONNECTIONS_S = 2  # for answers that are on their way


def serve(page: gr.Blocks, ending: Ending, *, closing: Sequence[Callable[[], object]]) -> NoReturn:
    """Serve until the process is told to end, then end it.

    Votes are taken until the last moment. New work of the queue is refused; what is waiting or under way has
    `ending.patience_s` seconds, and whatever is left then gets a sentence.

    Args:
        page: a page that was launched without blocking.
        ending: listens to the signals.
        closing: what has to be closed at last, in this order.
    """
    ending.wait()
    queue = page._queue
    assert isinstance(queue, FairQueue)
    begun = time.monotonic()
    queue.refuse(NEW)
    log.warning("ending: %s calls and %s requests are under way", queue.left(), ending.requests)
    until(lambda: not queue.left() and not ending.requests, seconds=ending.patience_s)
    if left := queue.left():
        log.warning("ending: %s calls were not done after %g s", left, ending.patience_s)
        queue.give_up(UNDER_WAY)
    until(lambda: not queue.listened_to(), seconds=READING_S)
    page.server.config.timeout_graceful_shutdown = CONNECTIONS_S
    page.close(verbose=False)
    for close in closing:
        try:
            close()
        except Exception:  # the rest is closed all the same
            log.exception("ending: something could not be closed")
    log.warning("ended after %.1f s", time.monotonic() - begun)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(ending.status)  # a thread that computes, or waits for a device, can't be ended otherwise


def until(done: Callable[[], bool], *, seconds: float) -> None:
    """Wait until something is done, at most for some seconds."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(CHECK_S)
