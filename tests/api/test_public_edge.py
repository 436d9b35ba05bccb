"""The app on a public link: floods, rubbish and guesses change nothing for the other visitors."""

import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from demos.edge.fair_queue import YOURS
from serving.web.limits import QueueLimits
from tests.api.conftest import METRICS
from tests.support.api_calls import PAINTING, PHOTO, picture, with_pictures
from tests.support.app_server import AppProcess

SECONDS = 120  # for one answer on a loaded machine


@pytest.fixture
def http(app: AppProcess):
    with httpx.Client(base_url=app.url, timeout=SECONDS) as client:
        yield client


def call(http: httpx.Client, name: str, data: object, *, visitor: str) -> httpx.Response:
    return http.post(f"/gradio_api/call/{name}", json={"data": data}, headers={"X-Forwarded-For": visitor})


def test_work_that_nobody_listens_to_blocks_nobody_and_ends(app: AppProcess, http: httpx.Client, client: Client):
    data = with_pictures(http, client, "paint", steps=1000)  # it would take minutes

    with ThreadPoolExecutor(8) as flood:
        posted = list(flood.map(lambda _: call(http, "paint", data, visitor="203.0.113.5"), range(120)))
    assert {reply.status_code for reply in posted} == {200}

    begun = time.monotonic()
    before, _ = client.predict(content=handle_file(PHOTO), style=handle_file(PAINTING), side=384, api_name="/restyle")
    assert Path(before).exists()
    assert time.monotonic() - begun < 100, "one of 120 paintings would take longer than that"

    assert emptied(http), "calls that nobody listens to leave the queue"
    forgotten = http.get(f"/gradio_api/call/paint/{posted[-1].json()['event_id']}")
    assert forgotten.status_code == 404
    assert "nobody read them in time" in forgotten.json()["error"]


def emptied(http: httpx.Client, *, within_s: float = 90) -> bool:
    """Whether no call waits or is worked on any more, at the latest after this time."""
    deadline = time.monotonic() + within_s
    while left := gauge(http, "waiting") + gauge(http, "working"):
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    return left == 0


def gauge(http: httpx.Client, name: str) -> float:
    text = http.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"}).text
    return float(next(line for line in text.splitlines() if line.startswith(f"just_look_{name} ")).split()[1])


def test_a_session_has_places_and_its_next_call_is_told_to_wait(app: AppProcess, http: httpx.Client, client: Client):
    data, places = with_pictures(http, client, "paint", steps=1000), QueueLimits().session

    def post(session: str) -> httpx.Response:
        return http.post(
            "/gradio_api/call/paint",
            json={"data": data, "session_hash": session},
            headers={"X-Forwarded-For": "203.0.113.6"},
        )

    with ThreadPoolExecutor(8) as flood:
        replies = list(flood.map(post, ["one-session"] * (places + 20)))
    refused = [reply for reply in replies if reply.status_code != 200]
    assert len(refused) == 20
    assert {reply.status_code for reply in refused} == {503}
    assert {reply.json()["detail"] for reply in refused} == {YOURS.format(count=places)}
    assert gauge(http, "refused") >= 20
    assert post("another-session").status_code == 200
    assert emptied(http)


def test_metrics_count_votes_and_the_memory_of_networks(app: AppProcess, http: httpx.Client):
    before = gauge(http, "votes")
    opened = http.post("/gradio_api/run/rating_open", json={"data": ["digits-by-training-step", "", {}]}).json()
    rater, ballot = opened["data"][0]["rater"], opened["data"][0]["ballot"]["ballot"]
    for _ in range(2):  # sent again, it counts once
        http.post("/gradio_api/run/rating_answer", json={"data": [rater, ballot, "left", 900, None]})
    assert gauge(http, "votes") == before + 1
    assert gauge(http, "network_bytes") > 10**6
    assert gauge(http, "device_bytes") >= 0


def test_eight_pictures_that_unfold_at_once_stay_within_the_budget(app: AppProcess, http: httpx.Client):
    raw = io.BytesIO()
    Image.fromarray(np.zeros((5000, 5000), np.uint16)).save(raw, "PNG")
    content = http.post("/gradio_api/upload", files={"files": ("p.png", raw.getvalue())}).json()[0]
    style = http.post("/gradio_api/upload", files={"files": PAINTING.open("rb")}).json()[0]
    process = psutil.Process(app.process.pid)
    before, peak = process.memory_info().rss, 0

    def gram() -> str:
        data = [picture(Path(content)), picture(Path(style)), ["relu1_1"], None]
        return answer_of(http, "gram", data)

    with ThreadPoolExecutor(8) as at_once:
        waiting = [at_once.submit(gram) for _ in range(8)]
        while not all(answer.done() for answer in waiting):
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.02)
    assert all("event: complete" in answer.result() for answer in waiting)
    assert peak - before < 1500 * 2**20, "each of the eight alone took 650 MB"


def answer_of(http: httpx.Client, name: str, data: object) -> str:
    """The stream of a call, or the refusal."""
    reply = call(http, name, data, visitor="203.0.113.8")
    if reply.status_code != 200:
        return reply.text
    return http.get(f"/gradio_api/call/{name}/{reply.json()['event_id']}").text


JSON = {"Content-Type": "application/json"}
RUBBISH = (
    {"data": [None] * 40},
    {"data": "text"},
    {"data": [{"path": "/etc/passwd"}, [[[]]], 1e308, "\0", -1]},
    {"data": [1]},
)


def test_rubbish_gets_a_sentence_and_leaves_no_traceback(app: AppProcess, http: httpx.Client):
    config = http.get("/config").json()
    named: dict[str, list[object]] = {}  # a few private actions of two tabs share a name
    for call in config["dependencies"]:
        if call["api_name"]:
            named.setdefault(call["api_name"], []).append(call["queue"])
    direct = [name for name, queues in named.items() if False in queues]
    queued = [name for name in named if name not in direct]
    assert len(direct) > 20
    assert len(queued) > 40
    log = app.folder / "app.log"
    written = log.stat().st_size

    def run(pair: tuple[str, object]) -> tuple[str, httpx.Response]:
        return pair[0], http.post(f"/gradio_api/run/{pair[0]}", content=json.dumps(pair[1]), headers=JSON)

    def stream(pair: tuple[str, object]) -> str:
        reply = http.post(f"/gradio_api/call/{pair[0]}", content=json.dumps(pair[1]), headers=JSON)
        assert reply.status_code < 500, (pair, reply.text)
        if reply.status_code != 200:
            return reply.text
        return http.get(f"/gradio_api/call/{pair[0]}/{reply.json()['event_id']}").text

    with ThreadPoolExecutor(4) as senders:
        replies = list(senders.map(run, [(name, body) for name in direct for body in RUBBISH]))
        refused = list(senders.map(run, [(name, {"data": []}) for name in queued]))
        streams = list(senders.map(stream, [(name, body) for name in queued for body in RUBBISH[2:3]]))

    assert {reply.status_code for _, reply in replies} >= {400, 422}
    assert {reply.status_code for _, reply in refused} == {404}, "no work goes past its queue"
    assert all("Traceback" not in text for text in streams)
    failed = {(name, reply.status_code, reply.text[:200]) for name, reply in replies if reply.status_code >= 500}
    assert failed == set()
    assert all("Traceback" not in reply.text for _, reply in replies)
    lines = log.read_bytes()[written:].decode(errors="replace")
    assert "Traceback" not in lines
    assert "\0" not in lines
    assert http.get("/").status_code == 200


def test_a_number_that_is_none_is_said(app: AppProcess, http: httpx.Client):
    config = http.get("/config").json()
    plain = {component["id"] for component in config["components"] if component["type"] == "number"}
    values = {component["id"]: component["props"].get("value") for component in config["components"]}
    asked = 0
    for action in config["dependencies"]:
        if action["api_name"] and action["backend_fn"] and action["queue"] and not plain.isdisjoint(action["inputs"]):
            data = ["abc" if number in plain else values[number] for number in action["inputs"]]
            stream = answer_of(http, str(action["api_name"]), data)
            if "event: error" in stream:
                assert '"error": null' not in stream, action["api_name"]
                asked += 1
    assert asked > 5


def test_guessing_the_owners_token_ends_soon_and_is_logged(app: AppProcess, http: httpx.Client):
    def guess(token: str, visitor: str) -> str:
        data = ["shared-seeds", token]
        reply = http.post(
            "/gradio_api/run/rating_close", json={"data": data}, headers={"X-Forwarded-For": visitor}
        ).json()
        return str(reply["data"][0]["refused"])

    before = len((app.folder / "app.log").read_text())  # tests of other files use this app too
    sentences = [guess(f"guess-{number}", "203.0.113.9") for number in range(25)]
    assert "Only its owner" in sentences[0]
    assert "Too many wrong owner's tokens" in sentences[-1]
    assert "Only its owner" in guess("guess", "203.0.113.10"), "another network is another one"
    log = (app.folder / "app.log").read_text()[before:]
    visitors = re.findall(r"a wrong owner's token from visitor (\w{12})\n", log)
    assert len(set(visitors)) == 2
    assert len(visitors) == 21, "each is logged, and named by a hash"
    assert "203.0.113." not in log
    assert "guess-1" not in log
