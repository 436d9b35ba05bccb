"""What a session costs the server: `python -m benchmarks.page.sessions [--quick]`.

A request that answers a fixed number, to the real page past its queue, with Gradio's own sessions and with the lighter
ones of `demos/parts/lighter_gradio.py`, in turns. A request without a session makes one for itself. Then the memory of
a hundred sessions of each.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from typing import Any

import gradio as gr
import httpx
from gradio.state_holder import SessionState

from benchmarks.report import Figure, interleaved, print_report, ratio

OURS, GRADIOS = "a request, lighter sessions", "a request, Gradio's sessions"
KEPT = 100
LIMIT = 0.5


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 40 if parser.parse_args().quick else 200
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/votes.sqlite3"
        os.environ["GRADIO_TEMP_DIR"] = folder
        gradios: Any = SessionState.__init__
        from app import demo  # reads the settings above, and makes sessions lighter

        ours: Any = SessionState.__init__
        with demo:
            number = gr.Number(visible=False)
            gr.Button(visible=False).click(lambda: 1, None, number, api_name="fixed", queue=False)
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
        with httpx.Client(base_url=url, timeout=60) as client:

            def request(begin: Any) -> Callable[[], None]:
                def task() -> None:
                    SessionState.__init__ = begin  # type: ignore[method-assign]
                    client.post("/gradio_api/run/fixed", json={"data": []}).raise_for_status()

                return task

            seconds = interleaved({OURS: request(ours), GRADIOS: request(gradios)}, runs=runs, warm_up=5)
        kilobytes = {name: _memory(begin, demo) for name, begin in (("lighter", ours), ("Gradio's", gradios))}
        demo.close()
    print(", ".join(f"{name} session: {size:.0f} kB" for name, size in kilobytes.items()))
    print_report("Sessions", seconds, [Figure("request_without_session", ratio(seconds, OURS, GRADIOS), LIMIT)])


def _memory(begin: Any, page: gr.Blocks) -> float:
    """Kilobytes of a session of a visitor who has done nothing yet."""
    SessionState.__init__ = begin  # type: ignore[method-assign]
    tracemalloc.start()
    kept = [SessionState(page) for _ in range(KEPT)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(kept) / 1000


if __name__ == "__main__":
    main()
