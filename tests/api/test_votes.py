"""Voting through the API: blinded, once, and still there after a power cut."""

import base64
import io
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from tests.support.app_server import OWNER_TOKEN, PATIENCE_S, AppProcess, connected


def total(client: Client) -> int:
    """How many answers are stored; the ranking may be some seconds old."""
    return client.predict(kind="jsonl", api_name="/export")["text"].count("\n")


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

    reply = client.predict(ballot["ballot"], "left", ballot["rater"], 1200, api_name="/cast_vote")

    assert reply["choice"] == "left"
    assert reply["left"] != reply["right"]
    assert total(client) == counted + 1


def test_one_ballot_sent_many_times_at_once_counts_once(client: Client):
    counted = total(client)
    ballot = client.predict("", api_name="/next_ballot")

    def vote(_: int) -> bool:
        answer = client.predict(ballot["ballot"], "right", ballot["rater"], api_name="/cast_vote")
        return answer["already_counted"]

    with ThreadPoolExecutor(8) as pool:
        already = list(pool.map(vote, range(8)))

    assert already.count(False) == 1
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
            client.predict(ballot, "right", rater, api_name="/cast_vote")
        assert "Traceback" not in str(refused.value)

    assert total(client) == counted


def test_votes_survive_a_killed_server(app: AppProcess, client: Client):
    counted = total(client)
    ballot = client.predict("", api_name="/next_ballot")
    client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")

    app.kill()
    app.start()

    client = connected(app.url)
    assert total(client) == counted + 1
    again = client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")
    assert again["already_counted"]
    assert total(client) == counted + 1


def test_a_skip_is_stored_and_is_no_judgement(client: Client):
    counted = total(client)
    ballot = client.predict("", api_name="/next_ballot")

    reply = client.predict(ballot["ballot"], ballot["rater"], api_name="/skip")

    assert reply["choice"] == "skip"
    assert total(client) == counted + 1


def test_a_ranking_has_intervals_over_raters(client: Client):
    for choice in ("left", "right") * 6:  # an arm that never loses has one bound only: 1 in 2,048 times here
        ballot = client.predict("", "two-of-a-kind", api_name="/next_ballot")
        client.predict(ballot["ballot"], choice, ballot["rater"], 1200, api_name="/cast_vote")

    rows = client.predict("two-of-a-kind", api_name="/ranking")

    assert {row["arm"] for row in rows} == {"early", "late"}
    assert all(row["low"] <= row["score"] <= row["high"] for row in rows)
    assert all(row["preliminary"] for row in rows)


@pytest.mark.parametrize("kind", ["csv", "spreadsheet", "jsonl", "parquet", "study", "methods", "release"])
def test_a_study_can_be_exported(client: Client, kind: str):
    file = client.predict("two-of-a-kind", kind, api_name="/export")

    assert file["name"].startswith("two-of-a-kind")
    content = base64.b64decode(file["base64"]) if kind in ("parquet", "release") else file["text"]
    assert len(content) > 50


def test_an_unknown_kind_of_export_is_refused_with_those_there_are(client: Client):
    with pytest.raises(AppError, match="csv, spreadsheet, jsonl, parquet"):
        client.predict("two-of-a-kind", "xlsx", api_name="/export")


@pytest.mark.parametrize("action", ["/ranking", "/export"])
@pytest.mark.parametrize("token", ["", "wrong", "ünknown"])
def test_the_results_of_a_running_session_are_its_owners(client: Client, action: str, token: str):
    with pytest.raises(AppError, match="not public"):
        client.predict(study="session-of-pairs", token=token, api_name=action)

    assert client.predict(study="session-of-pairs", token=OWNER_TOKEN, api_name=action) is not None


def test_a_study_with_consent_is_not_begun_by_the_api(client: Client):
    with pytest.raises(AppError, match="study=session-of-pairs"):
        client.predict("", "session-of-pairs", api_name="/next_ballot")


GUARDED = {
    "rating_results": ["session-of-pairs", "wrong", True],
    "rating_download": ["session-of-pairs", "csv", "wrong", True],
    "rating_close": ["session-of-pairs", "wrong"],
    "rating_upload": ["mine.toml", "", "", "", "wrong"],
    "rating_owner": ["wrong"],
    "rating_invited": ["session-of-pairs", "12", "wrong"],
    "rating_register": ["session-of-pairs", "e30=", "wrong"],
    "rating_free": ["session-of-pairs", "5f2a9c", "wrong"],
}


@pytest.mark.parametrize("action", GUARDED)
def test_what_the_page_asks_for_is_guarded_against_plain_requests_too(app_url: str, action: str):
    sent = {"data": GUARDED[action]}

    [reply] = httpx.post(f"{app_url}/gradio_api/run/{action}", json=sent, timeout=PATIENCE_S).json()["data"]

    assert "refused" in reply or "<h2>Results</h2>" in reply["html"]
    assert "Okapi" not in str(reply)


def test_a_ballot_is_judged_by_the_rules_of_its_own_study(app_url: str):
    def ask(action: str, *data: object) -> dict:
        response = httpx.post(f"{app_url}/gradio_api/run/rating_{action}", json={"data": data}, timeout=PATIENCE_S)
        return response.json()["data"][0]

    def answer_after_a_look(ballot: str, response_ms: int | None) -> dict:
        outcome = ask("answer", rater, ballot, "left", response_ms, None)
        while "Look at the pictures" in outcome.get("refused", ""):  # not yet the study's minimum time
            outcome = ask("answer", rater, ballot, "left", response_ms, None)
        return outcome

    name = "session-of-pairs"
    rater = ask("open", name, "", {"PROLIFIC_PID": "by-hand"})["rater"]
    ask("act", name, rater, "consent")
    trial = ask("act", name, rater, "instructed")["ballot"]
    answer_after_a_look(trial["ballot"], None)
    pair = ask("open", name, rater, {"PROLIFIC_PID": "by-hand"})["ballot"]

    reply = answer_after_a_look(pair["ballot"], 900)

    assert reply == {"training": False, "html": ""}  # its study never reveals the arms


def test_an_answer_is_corrected_only_where_the_study_allows_it(app_url: str, client: Client):
    def ask(action: str, *data: object) -> dict:
        response = httpx.post(f"{app_url}/gradio_api/run/rating_{action}", json={"data": data}, timeout=PATIENCE_S)
        return response.json()["data"][0]

    name, link = "session-of-pairs", {"PROLIFIC_PID": "changes-their-mind"}
    rater = ask("open", name, "", link)["rater"]
    ask("act", name, rater, "consent")
    ballots = [ask("act", name, rater, "instructed")["ballot"]["ballot"]]
    for _ in range(2):
        time.sleep(0.3)  # the study's minimum look
        client.predict(ballots[-1], "left", rater, api_name="/cast_vote")
        ballots.append(ask("open", name, rater, link)["ballot"]["ballot"])

    corrected = client.predict(ballots[1], "right", rater, correct=True, api_name="/cast_vote")

    assert (corrected["choice"], corrected["already_counted"]) == ("right", False)
    last = ask("last", name, rater)
    assert (last["ballot"]["ballot"], last["choice"]) == (ballots[1], "right")
    ballot = client.predict("", api_name="/next_ballot")
    client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")
    with pytest.raises(AppError, match="can't be changed"):
        client.predict(ballot["ballot"], "right", ballot["rater"], correct=True, api_name="/cast_vote")
