"""A release becomes a data set on the Hub in one commit, or one sentence says why not."""

from collections.abc import Iterator

import pytest
from huggingface_hub import HfApi

from evaluation.qualitative.release.push import PushError, push
from tests.support.servers.commit_server import CommitServer

CARD = b"---\nlicense: cc-by-4.0\n---\n\n# Votes\n"
FILES = {"README.md": CARD, "votes.csv": b"rater,choice\n", "figures/intervals.svg": b"<svg/>"}


@pytest.fixture
def hub() -> Iterator[CommitServer]:
    with CommitServer().serving() as server:
        yield server


def api(hub: CommitServer) -> HfApi:
    return HfApi(endpoint=hub.url, token="hf_x")


def test_a_release_is_published_in_one_commit(hub: CommitServer):
    address = push(FILES, "lab/votes", title="Release", api=api(hub))

    assert hub.files["lab/votes"] == FILES
    assert hub.commits["lab/votes"] == [sorted(FILES)]
    assert address.startswith(f"{hub.url}/datasets/lab/votes/commit/")


def test_the_next_release_goes_into_the_same_data_set(hub: CommitServer):
    push(FILES, "lab/votes", title="Release", api=api(hub))
    push({**FILES, "votes.csv": b"rater,choice\na,left\n"}, "lab/votes", title="Release", api=api(hub))

    assert len(hub.commits["lab/votes"]) == 2
    assert hub.files["lab/votes"]["votes.csv"].endswith(b"a,left\n")


@pytest.mark.parametrize("name", ["votes", "lab/a/b", "lab/", "-/-", "lab/a--b"])
def test_a_malformed_name_is_refused_before_anything_is_sent(hub: CommitServer, name: str):
    with pytest.raises(PushError, match="names no"):
        push(FILES, name, title="Release", api=api(hub))
    assert hub.files == {}


def test_a_refusal_is_one_sentence(hub: CommitServer):
    hub.refusing = True
    with pytest.raises(PushError, match=r"did not take lab/votes: .*403"):
        push(FILES, "lab/votes", title="Release", api=api(hub))


def test_a_card_that_the_hub_would_refuse_is_not_sent(hub: CommitServer):
    with pytest.raises(PushError, match="did not take"):
        push({**FILES, "README.md": b"---\nlicense:\n---\n"}, "lab/votes", title="Release", api=api(hub))
    assert hub.files["lab/votes"] == {}
