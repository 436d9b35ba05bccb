"""What the running process says of itself, its checks and its numbers, and what it loads once the page is up."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from pathlib import Path

from gradio.utils import get_upload_folder

from demos.just_look.tab import FIRST
from evaluation.qualitative.store.store import Store, VoteCounter
from serving.engine.watched import WatchedEngine
from serving.web import health
from serving.web.ending import Ending
from serving.web.service import Service

log = logging.getLogger("just_look.start")


def service(engine: WatchedEngine, store: Store, ending: Ending) -> Service:
    """Whether this process can do its work, and how much it has done."""
    votes = VoteCounter()
    store.subscribe(votes)
    gauges: dict[str, tuple[str, Callable[[], float]]] = {
        "votes": ("Answers that this process counted.", lambda: votes.total)
    }
    if memory := getattr(engine, "memory", None):  # the replicas of a cluster have metrics of their own
        gauges["network_bytes"] = ("Memory of the networks that are loaded.", lambda: memory().networks)
        gauges["device_bytes"] = ("Memory of the GPU that is in use.", lambda: memory().device)
    return Service(
        checks={
            "votes": lambda: store.count(FIRST),
            "weights": engine.sources,
            "disk": lambda: health.check_writable(*_folders(store)),
            "device": engine.check,
            "process": ending.check,
        },
        gauges=gauges,
        ending=ending,
    )


def warm_up(engine: WatchedEngine) -> None:
    """Load what the first visitors need, and the first page does not."""
    if load := getattr(engine, "warm_up", None):  # replicas of a cluster do it by themselves
        try:
            load()
        except Exception as error:  # whoever asks for what is damaged gets a sentence; all else works
            log.error("not everything could be loaded: %s: %s", type(error).__name__, error)
    for module in ("evalica", "matplotlib.figure"):
        importlib.import_module(module)


def _folders(store: Store) -> list[Path]:
    """Where the process has to be able to write: what visitors send, and the journal of the votes."""
    journal = store.journal
    return [Path(get_upload_folder()), *([journal.path.absolute().parent] if journal else [])]
