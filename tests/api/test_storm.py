"""Raters who vote at once over HTTP: everybody is answered, and every vote counts once."""

from concurrent.futures import ThreadPoolExecutor

from benchmarks.votes.ledger import audit
from benchmarks.votes.storm import Way, storm
from tests.support.app_server import AppProcess

STUDY = "shared-seeds"  # no other test of this folder votes in it
WAYS: tuple[Way, ...] = ("call", "run")


def test_twenty_raters_at_once_lose_nothing_and_count_once(app: AppProcess):
    with ThreadPoolExecutor(1) as apart:  # a thread of its own: after tests of the browser, this one runs an event loop
        outcomes = [
            apart.submit(storm, app.url, study=STUDY, raters=20, votes_each=3, way=way).result() for way in WAYS
        ]

    for outcome in outcomes:
        assert outcome.errors == []
        assert len(outcome.acknowledged) == 60
        assert outcome.received > 0
    audited = audit(f"sqlite:///{app.folder}/votes.sqlite3", outcomes, study=STUDY)
    assert (audited.lost, audited.twice, audited.unknown) == (0, 0, 0)
