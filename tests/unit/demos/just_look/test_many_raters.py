"""Votes are counted while very many pictures are drawn, and whoever finds no place reads so at once."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demos.edge.turns import DRAWING, MANY
from demos.just_look import tab
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from serving.local import LocalEngine
from tests.support.sessions import RECIPES, REQUEST

STUDY = "recipes"


class SlowEngine:
    """Draws as the app's engine does, but nothing while the gate is closed."""

    def __init__(self) -> None:
        self._engine = LocalEngine()
        self.gate = threading.Event()
        self.gate.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def sample(self, *values: Any, **named: Any) -> Any:
        assert self.gate.wait(60)
        return self._engine.sample(*values, **named)


@pytest.fixture
def engine() -> Iterator[SlowEngine]:
    engine = SlowEngine()
    yield engine
    engine.gate.set()


def test_votes_pass_those_who_wait_for_their_pictures(
    engine: SlowEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tab, "MOST_RATERS", DRAWING + 1)
    (tmp_path / f"{STUDY}.toml").write_text(RECIPES)
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    page = tab.build(engine, store, StudyLibrary(tmp_path, tmp_path / "brought"), study=STUDY)
    act = {fn.api_name: fn.fn for fn in page.fns.values()}

    def arrive(number: int) -> Any:
        return act["rating_open"](STUDY, "", {"fresh": f"{number:022}"}, REQUEST)

    async def crowd() -> None:
        first = await arrive(0)
        engine.gate.clear()
        waiting = [asyncio.create_task(arrive(number)) for number in range(1, DRAWING + 2)]
        await asyncio.sleep(0)  # all have their places
        late = await arrive(99)
        vote = await act["rating_answer"](first["rater"], first["ballot"]["ballot"], "left", 900, None)
        assert not any(task.done() for task in waiting)
        assert late == {"unavailable": MANY, "busy": True}
        assert "refused" not in vote
        assert store.count(STUDY) == 1
        engine.gate.set()
        assert all("ballot" in state for state in await asyncio.gather(*waiting))

    asyncio.run(crowd())
    store.close()
