"""Live training over the API: as many runs as there is room for, a sentence for all others, and nothing left behind."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil

from serving.local.live_training import BUSY, MOST_RUNS
from tests.support.app_server import AppProcess

STARTS = 100
SECONDS = 120  # for one answer on a loaded machine


def test_a_hundred_starts_train_as_many_as_fit_and_tell_the_others_so(app: AppProcess):
    with httpx.Client(base_url=app.url, timeout=SECONDS) as http:
        information = http.get("/gradio_api/info").json()["named_endpoints"]["/train_live"]["parameters"]
        values = [parameter["parameter_default"] for parameter in information[:-1]]

        def start(number: int) -> tuple[str, str]:
            """The kind and the text of the last message of a run of five seconds."""
            visitor = {"X-Forwarded-For": f"203.0.113.{number}"}
            event = http.post("/gradio_api/call/train_live", json={"data": [*values, 5]}, headers=visitor).json()
            stream = http.get(f"/gradio_api/call/train_live/{event['event_id']}", headers=visitor).text
            kind, data = stream.strip().rpartition("event: ")[2].split("\n", 1)
            return kind, data.removeprefix("data: ")

        with ThreadPoolExecutor(STARTS) as together:
            ended = list(together.map(start, range(STARTS)))

        trained = [data for kind, data in ended if kind == "complete"]
        refused = {json.loads(data)["error"] for kind, data in ended if kind == "error"}
        assert len(trained) >= MOST_RUNS
        assert refused == {BUSY.format(count=MOST_RUNS)}
        assert {kind for kind, _ in ended} == {"complete", "error"}
        sheet = http.post("/gradio_api/call/sample", json={"data": [1, 6, 1, "mnist-dcgan", 4]}).json()
        assert "event: complete" in http.get(f"/gradio_api/call/sample/{sheet['event_id']}").text
    processes = [process.info for process in psutil.process_iter(["ppid", "cmdline"])]
    training = [
        process["cmdline"]
        for process in processes
        if process["ppid"] == app.process.pid and "serving.live" in (process["cmdline"] or [])
    ]
    assert len(training) <= 1, "at most the one that is ready for the next visitor"
