"""Raters who vote at once over HTTP: everybody is answered, and every vote counts once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.storm import Way, audit, storm
from tests.support.app_server import running_app

STUDY = "digits-by-training-step"


@pytest.mark.parametrize("way", ["call", "run"])
def test_twenty_raters_at_once_lose_nothing_and_count_once(way: Way, tmp_path: Path):
    # a thread of its own: after tests of the browser, this one runs an event loop already
    with running_app(tmp_path) as url, ThreadPoolExecutor(1) as apart:
        seen = apart.submit(storm, url, study=STUDY, raters=20, votes_each=3, way=way).result()

    assert seen.errors == []
    assert len(seen.acknowledged) == 60
    found = audit(f"sqlite:///{tmp_path}/votes.sqlite3", [seen], study=STUDY)
    assert (found.lost, found.twice, found.uncalled) == (0, 0, 0)
