"""What visitors cost the real app on a cluster, by what they do: seconds of cores, bytes to them, memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from gradio_client import Client, handle_file
from playwright.sync_api import sync_playwright

from assets import samples
from benchmarks.cluster.clusters import RESTYLE_PX, SHEET, Used, is_replica, used
from benchmarks.cluster.plan import ActionCost
from benchmarks.first_minute import ARGUMENTS, fresh, received
from benchmarks.votes.storm import storm
from tests.support.app_server import connected, running_app
from tests.support.own_ray import own_ray

STUDY = "digits-by-training-step"
AT_ONCE = 4
LAST = 6  # snapshot of the sheet's generator
PAINTING_PX, PAINTING_STEPS = 256, 20


@dataclass(frozen=True)
class VisitCosts:
    """What was measured.

    Attributes:
        costs: by action.
        vote_bytes: by which the database and its journal grow with a vote.
        page_memory: bytes that the page's process has for itself at the end.
        replica_memory: those of a replica.
    """

    costs: dict[str, ActionCost]
    vote_bytes: float
    page_memory: int
    replica_memory: int


def measure(*, times: int) -> VisitCosts:
    """Start the app on a cluster of two replicas, and let visitors open it, restyle, sample, paint and vote.

    Args:
        times: of restyles; of the rest it is in proportion.
    """
    environment = {"JUST_LOOK_ENGINE": "cluster", "JUST_LOOK_REPLICAS": "2"}
    with (
        tempfile.TemporaryDirectory() as name,
        own_ray() as ray,
        running_app(folder := Path(name), environment={**environment, **ray}) as url,
    ):
        (app,) = (child for child in psutil.Process().children() if "app.py" in child.cmdline())
        client = connected(url, download_files=str(folder / "answers"))
        acts = {"restyle": partial(_restyle, client), "sheet": partial(_sheet, client)}
        for act in acts.values():
            act(0)
        costs = {"opening": _opening(url, app, visits=max(2, times // 8))}
        costs |= {name: _cost(app, act, times) for name, act in acts.items()}
        costs[f"{PAINTING_STEPS} steps of a painting"] = _cost(app, partial(_painting, client), 2)
        size = _stored(folder)
        before = used(app)
        voting = storm(url, study=STUDY, raters=AT_ONCE, votes_each=4 * times, way="page")
        votes = len(voting.acknowledged)
        costs["vote"] = _of_each(used(app) - before, voting.received, votes)
        return VisitCosts(
            costs,
            (_stored(folder) - size) / votes,
            app.memory_full_info().uss,
            max(child.memory_full_info().uss for child in app.children(recursive=True) if is_replica(child)),
        )


def _restyle(client: Client, number: int) -> int:
    photo, painting = (handle_file(sample.path) for sample in (_turn(samples.photos(), number), samples.paintings()[0]))
    answer = client.predict(photo, painting, side=RESTYLE_PX, api_name="/restyle")
    return sum(Path(picture).stat().st_size for picture in answer)


def _sheet(client: Client, number: int) -> int:
    return Path(client.predict(number, LAST, 1, SHEET["model"], 4, api_name="/sample")).stat().st_size


def _painting(client: Client, number: int) -> int:
    photo, painting = (handle_file(_turn(some, number).path) for some in (samples.photos(), samples.paintings()))
    settings = {"content": photo, "style": painting, "side": PAINTING_PX, "steps": PAINTING_STEPS}
    return sum(len(str(frame)) for frame in client.submit(**settings, api_name="/paint"))


def _turn(some: Any, number: int) -> Any:
    return some[number % len(some)]


def _cost(app: psutil.Process, act: Callable[[int], int], times: int) -> ActionCost:
    before = used(app)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = sum(pool.map(act, range(1, times + 1)))
    return _of_each(used(app) - before, sent, times)


def _of_each(together: Used, sent: int, times: int) -> ActionCost:
    return ActionCost(together.page / times, together.replicas / times, sent / times)


def _opening(url: str, app: psutil.Process, *, visits: int) -> ActionCost:
    """A browser that has been nowhere yet opens the page and looks at what is there first."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))

        def visit(_: int) -> int:
            with fresh(browser) as page:
                sizes = received(page)
                page.goto(url)
                page.wait_for_function("first.picture")
                page.wait_for_timeout(1_500)  # what comes late, comes by then
                return sum(sizes)

        before = used(app)
        sent = sum(map(visit, range(visits)))
        together = used(app) - before
        browser.close()
    return _of_each(together, sent, visits)


def _stored(folder: Path) -> int:
    """Bytes of the database's used pages and of the journal."""
    engine = sa.create_engine(f"sqlite:///{folder}/votes.sqlite3")
    with engine.connect() as connection:
        pages, free, size = (
            int(connection.execute(sa.text(f"PRAGMA {name}")).scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    engine.dispose()
    return (pages - free) * size + sum(journal.stat().st_size for journal in folder.glob("votes*.jsonl"))
