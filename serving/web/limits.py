"""How much of the app a visitor may take, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

SESSION_BYTES = 600_000  # what Gradio keeps of a visitor: a copy of the page's settings, measured with this page
SHARE = 0.05  # of the machine's memory that may go to that


@dataclass(frozen=True)
class QueueLimits:
    """Places in the queue, and how long work may last.

    Attributes:
        session: calls of a page or a script that may wait or run at a time.
        address: calls from a network address; a class behind a school's router has one address.
        unheard_s: seconds after which a call ends that nobody listens to.
        line: calls that may always wait for one kind of work, however long it takes.
        wait_s: seconds that a call may have to wait where more than those are before it.
        job_s: seconds after which any work ends.
        turn_s: seconds after which work ends while others wait for the same worker.
        stuck_s: seconds without an answer after which the machine behind a call counts as stuck.
    """

    session: int = 32
    address: int = 512
    unheard_s: float = 10.0
    line: int = 32
    wait_s: float = 120.0
    job_s: float = 3600.0
    turn_s: float = 600.0
    stuck_s: float = 300.0

    @classmethod
    def from_environment(cls) -> QueueLimits:
        """The limits as the settings say.

        Raises:
            ValueError: a setting is not a positive number; the message names it.
        """
        return cls(
            session=int(number("JUST_LOOK_PLACES", cls.session)),
            address=int(number("JUST_LOOK_PLACES_PER_ADDRESS", cls.address)),
            wait_s=60 * number("JUST_LOOK_WAIT_MINUTES", cls.wait_s / 60),
            job_s=60 * number("JUST_LOOK_JOB_MINUTES", cls.job_s / 60),
            turn_s=60 * number("JUST_LOOK_TURN_MINUTES", cls.turn_s / 60),
            stuck_s=number("JUST_LOOK_STUCK_SECONDS", cls.stuck_s),
        )


def number(name: str, default: float) -> float:
    """A setting that is a positive number.

    Raises:
        ValueError: it is something else; the message names the setting.
    """
    text = os.environ.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}: {text!r} is not a positive number.")
    return value


def sessions() -> int:
    """How many visitors' sessions are kept in memory: the least recently used one goes first."""
    fitting = psutil.virtual_memory().total * SHARE / SESSION_BYTES
    return int(number("JUST_LOOK_SESSIONS", min(10_000, max(500, fitting))))
