"""Puts the app behind its limits when it starts, however it is started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from demos.edge import uploads
from demos.edge.calls import guarded
from demos.edge.fair_queue import FairQueue
from demos.edge.turns import Turns
from serving.web.edge import Edge
from serving.web.janitor import FileBounds, Janitor
from serving.web.limits import QueueLimits
from serving.web.listeners import Listeners
from serving.web.logs import lines as logs
from serving.web.metrics import Metrics
from serving.web.service import Service


@asynccontextmanager
async def behind_limits(app: Any, *, service: Service) -> AsyncIterator[None]:
    """As the lifespan of Gradio's app: put the queue, the calls, the files and all requests under their limits.

    Args:
        app: Gradio's, with its page.
        service: the state of the process.
    """
    logs.take_over()
    page, listeners, metrics = app.get_blocks(), Listeners(), Metrics()
    page._queue = queue = FairQueue(page._queue, listeners=listeners, limits=QueueLimits.from_environment())
    metrics.watch(
        {
            "waiting": ("Calls that wait in the queue.", lambda: len(queue)),
            "working": ("Calls that are being worked on.", queue.get_active_worker_count),
            "sessions": ("Sessions in memory.", lambda: len(app.state_holder.session_data)),
            "refused": ("Calls that found no place in the queue.", lambda: queue.refused),
            **service.gauges,
        }
    )
    page.api_open = False  # a plain request (/run/…) takes no work past its queue
    page.process_api = guarded(page.process_api)
    # outside of Gradio's own layers, which it adds around those that an app gives it
    app.middleware_stack = Edge(
        Turns(app.middleware_stack), listeners=listeners, metrics=metrics, knows=queue.knows, ending=service.ending
    )
    at_start = uploads.shown_at_start(page.config)
    janitor = Janitor(Path(get_upload_folder()).resolve(), FileBounds.from_environment(), keep=at_start)
    janitor.start()
    try:
        yield
    finally:
        janitor.stop()
