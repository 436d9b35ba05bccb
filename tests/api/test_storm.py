"""Raters who vote at once over HTTP: everybody is answered, and every vote counts once."""

from pathlib import Path

import pytest
from gradio_client import Client

from benchmarks.storm import Way, audit, storm
from tests.app_server import running_app

STUDY = "digits-by-training-step"


@pytest.mark.parametrize("way", ["call", "run"])
def test_twenty_raters_at_once_lose_nothing_and_count_once(way: Way, tmp_path: Path):
    with running_app(tmp_path) as url:
        seen = storm(url, study=STUDY, raters=20, votes_each=3, way=way)

    assert seen.errors == []
    assert len(seen.acknowledged) == 60
    found = audit(f"sqlite:///{tmp_path}/votes.sqlite3", [seen], study=STUDY)
    assert (found.lost, found.twice, found.uncalled) == (0, 0, 0)


def test_who_has_voted_finds_the_vote_in_the_ranking(client: Client):
    def ranked() -> int:
        return sum(row["votes"] for row in client.predict(api_name="/ranking")) // 2

    for _ in range(3):
        before = ranked()
        ballot = client.predict("", api_name="/next_ballot")
        client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")
        assert ranked() == before + 1
