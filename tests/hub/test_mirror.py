"""A real Hub-compatible server that takes no commits: the mirror says so, and the votes are where they belong."""

from pathlib import Path

from huggingface_hub import HfApi

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.mirror import Mirror, Status
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from tests.support.servers.hub_server import Hub

DIGITS = reading.read("digits-by-training-step")


def test_a_server_that_takes_no_uploads_was_never_reached_and_costs_no_vote(server: Hub, repo_id: str, tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    mirror = Mirror(repo_id, store, folder=tmp_path / "mirror", api=HfApi(endpoint=server.url))
    ballot = store.issue(draw(DIGITS, rater=new_rater()))
    store.cast(ballot.id, rater=ballot.rater, choice="left")
    mirror.push()

    assert mirror.state.status == Status.NEVER_REACHED
    assert "405" in mirror.state.why
    assert mirror.state.waiting == 1
    assert store.count(DIGITS.name) == 1
    mirror.close()
    store.close()
