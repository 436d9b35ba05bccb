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
        outcome = apart.submit(storm, url, study=STUDY, raters=20, votes_each=3, way=way).result()

    assert outcome.errors == []
    assert len(outcome.acknowledged) == 60
    audited = audit(f"sqlite:///{tmp_path}/votes.sqlite3", [outcome], study=STUDY)
    assert (audited.lost, audited.twice, audited.uncalled) == (0, 0, 0)
