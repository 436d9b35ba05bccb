"""Voting through the API: blinded, once, and still there after a power cut."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from tests.app_server import running_app


def total(client: Client) -> int:
    return sum(row["votes"] for row in client.predict(api_name="/ranking")) // 2


def opened(data_url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2])))


def test_a_ballot_shows_two_pictures_alike_and_says_nothing_of_the_arms(client: Client):
    ballot = client.predict("", api_name="/next_ballot")

    left, right = opened(ballot["left"]), opened(ballot["right"])
    assert (left.format, left.size, left.mode, left.info) == (right.format, right.size, right.mode, right.info)
    assert len(ballot["left"]) == len(ballot["right"])
    assert set(ballot) == {"ballot", "rater", "question", "choices", "left", "right"}


def test_a_vote_is_counted_and_reveals_the_arms(client: Client):
    counted = total(client)
    ballot = client.predict("", api_name="/next_ballot")

    told = client.predict(ballot["ballot"], "left", ballot["rater"], 1200, api_name="/cast_vote")

    assert told["choice"] == "left"
    assert told["left"] != told["right"]
    assert total(client) == counted + 1


def test_one_ballot_sent_many_times_at_once_counts_once(client: Client):
    counted = total(client)
    ballot = client.predict("", api_name="/next_ballot")

    def vote(_: int) -> bool:
        try:
            client.predict(ballot["ballot"], "right", ballot["rater"], api_name="/cast_vote")
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(vote, range(8)))

    assert accepted.count(True) == 1
    assert total(client) == counted + 1


def test_an_unanswered_ballot_comes_again(client: Client):
    first = client.predict("", api_name="/next_ballot")

    assert client.predict(first["rater"], api_name="/next_ballot") == first


@pytest.mark.parametrize("choice", ["best", "", None, 1])
def test_an_invalid_choice_is_refused_and_the_ballot_stays_open(client: Client, choice: object):
    ballot = client.predict("", api_name="/next_ballot")

    with pytest.raises(AppError, match="left, right, tie"):
        client.predict(ballot["ballot"], choice, ballot["rater"], api_name="/cast_vote")

    assert client.predict(ballot["ballot"], "tie", ballot["rater"], api_name="/cast_vote")["choice"] == "tie"


def test_unknown_foreign_and_used_ballots_are_refused(client: Client):
    mine, other = (client.predict("", api_name="/next_ballot") for _ in range(2))
    client.predict(mine["ballot"], "left", mine["rater"], api_name="/cast_vote")
    counted = total(client)

    for ballot, rater in (
        ("nonsense", mine["rater"]),
        (other["ballot"], mine["rater"]),
        (mine["ballot"], mine["rater"]),
    ):
        with pytest.raises(AppError) as refused:
            client.predict(ballot, "left", rater, api_name="/cast_vote")
        assert "Traceback" not in str(refused.value)

    assert total(client) == counted


def test_votes_survive_a_killed_server(tmp_path: Path):
    with running_app(tmp_path) as url:
        client = Client(url, verbose=False)
        ballot = client.predict("", api_name="/next_ballot")
        client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")

    with running_app(tmp_path) as url:
        client = Client(url, verbose=False)
        assert total(client) == 1
        with pytest.raises(AppError):
            client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")
