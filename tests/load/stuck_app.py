"""The real app with a device that hangs: drawing the samples of one seed never comes back. `python -m` starts it."""

import runpy
import threading
from typing import Any

from serving.local import LocalEngine

HANGS = 13  # the seed

drawn = LocalEngine.sample


def sample(engine: LocalEngine, model: str, *, seed: int, **others: Any) -> Any:
    if seed == HANGS:
        threading.Event().wait()
    return drawn(engine, model, seed=seed, **others)


if __name__ == "__main__":
    LocalEngine.sample = sample  # type: ignore[method-assign]
    runpy.run_path("app.py", run_name="__main__")
