"""A call to the device never comes back: whoever comes later gets a sentence, and whoever runs the app hears of it."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from serving.engine.watched import STUCK
from tests.load.stuck_app import HANGS
from tests.support import api_calls as calls
from tests.support.api_calls import rating
from tests.support.app_server import app_process, connected

SECONDS = 6
BEHIND = STUCK.format(minutes=SECONDS / 60)
ENDS_S = 240


def test_a_device_that_hangs_is_noticed_and_nobody_waits_for_ever(tmp_path: Path):
    with (
        app_process(
            tmp_path,
            environment={"JUST_LOOK_STUCK_SECONDS": str(SECONDS)},
            command=("-m", "tests.load.stuck_app"),
        ) as app,
        httpx.Client(base_url=app.url, timeout=ENDS_S) as http,
        ThreadPoolExecutor(3) as listeners,
    ):
        client = connected(app.url)
        usual, hanging = (calls.usual_values(client, "sample", seed=seed) for seed in (1, HANGS))

        def last_event(values: list[object]) -> tuple[str, str]:
            kind, data = list(calls.events(http, calls.begin(http, "sample", values)))[-1]
            return kind, data["error"] if kind == "error" else ""

        assert last_event(usual) == ("complete", "")
        assert http.get("/readyz").status_code == 200

        stuck = [listeners.submit(last_event, hanging) for _ in range(2)]  # as many as the lane has workers
        assert [call.result() for call in stuck] == [("error", BEHIND)] * 2

        assert reply_to(http, "sample", usual) == (503, BEHIND), "the lane is closed"
        opened = rating(http, "open", ["digits-by-training-step", "", {}])
        assert "can't be drawn at the moment" in opened["unavailable"], "and nobody else waits for the device"
        ready = http.get("/readyz")
        assert (ready.status_code, ready.json()["device"], ready.json()["votes"]) == (503, "failing", "ok")
        assert http.get("/healthz").status_code == 200
        log = logged(app.log, f"stuck: sample has not come back for {SECONDS} s")

    assert "stuck_app.py" in log, "the log says where"


def logged(log: Path, words: str) -> str:
    """What the log says from some words on, as soon as it has them."""
    deadline = time.monotonic() + ENDS_S
    while words not in (text := log.read_text()):
        assert time.monotonic() < deadline, text
        time.sleep(0.2)
    return text.partition(words)[2]


def reply_to(http: httpx.Client, name: str, values: list[object]) -> tuple[int, str]:
    reply = http.post(f"/gradio_api/call/{name}", json={"data": values})
    return reply.status_code, reply.json().get("detail", "")
