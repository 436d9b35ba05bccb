"""Options of Gradio events, written down once: `button.click(handler, …, **events.GPU, **events.PRIVATE)`."""

from __future__ import annotations

from typing import Any

from serving.engine.workers import workers

Options = dict[str, Any]

PRIVATE: Options = {"api_visibility": "private"}  # the page may trigger it, the API doesn't list it
QUIET: Options = {**PRIVATE, "show_progress": "hidden"}  # private, and nothing flickers while it runs
AT_ONCE: Options = {**QUIET, "queue": False}  # quiet, and past the queue: for handlers that compute nothing

# While an event runs, of the triggers that follow only the last one counts. So the newest input wins, and answers never
# arrive out of order, as long as each output belongs to one event alone.
LATEST: Options = {"trigger_mode": "always_last"}

# Queues. Events with one concurrency_id share one queue and its limit.
GPU: Options = {"concurrency_id": "gpu", "concurrency_limit": workers()}  # seconds of work, one an engine
LONG: Options = {"concurrency_id": "long", "concurrency_limit": workers()}  # minutes: nobody's restyle waits for it
SAMPLER: Options = {"concurrency_id": "sampler", "concurrency_limit": 2 * workers()}  # milliseconds of work
NOTICES: Options = {"concurrency_id": "notices", "concurrency_limit": 2}  # short texts, such as an estimate
