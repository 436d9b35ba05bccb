"""The disk fills up, weights are damaged, the database is away: each visitor gets a sentence, and votes are kept."""

import resource
from pathlib import Path

import httpx
import psutil

from demos.edge.calls import DISK
from deploy import space
from evaluation.qualitative.store.store import Store
from serving.engine.watched import MEMORY, WEIGHTS
from tests.support import api_calls as calls
from tests.support.api_calls import rating, usual_values
from tests.support.app_server import app_process, connected

STUDY = "digits-by-training-step"
ENDS_S = 240


def last_event(http: httpx.Client, name: str, values: list[object]) -> tuple[str, str]:
    """The kind of a call's last event, and its sentence where it failed."""
    kind, data = list(calls.events(http, calls.begin(http, name, values)))[-1]
    return kind, data["error"] if kind == "error" else ""


def test_a_full_disk_is_said_and_nothing_that_was_acknowledged_is_lost(tmp_path: Path):
    with app_process(tmp_path) as app, httpx.Client(base_url=app.url, timeout=ENDS_S) as http:
        sampling = usual_values(connected(app.url), "sample", seed=4)
        opened = rating(http, "open", [STUDY, "", {}])
        answer = [opened["rater"], opened["ballot"]["ballot"], "left", 900, None]
        before = rating(http, "open", [STUDY, "", {}])
        assert "html" in rating(http, "answer", [before["rater"], before["ballot"]["ballot"], "left", 900, None])
        assert http.get("/readyz").status_code == 200

        unlimited = resource.prlimit(app.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        upload = http.post("/gradio_api/upload", files={"files": calls.PHOTO.open("rb")})
        assert (upload.status_code, upload.json()["error"]) == (503, DISK)
        assert last_event(http, "sample", sampling) == ("error", DISK)
        assert "try again in a moment" in rating(http, "answer", answer)["unavailable"]
        ready = http.get("/readyz")
        assert (ready.status_code, ready.json()["disk"]) == (503, "failing")
        assert http.get("/").status_code == 200

        resource.prlimit(app.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert "html" in rating(http, "answer", answer)
        assert last_event(http, "sample", sampling) == ("complete", "")
        assert http.get("/readyz").status_code == 200

    store = Store(f"sqlite:///{tmp_path}/votes.sqlite3")
    assert list(store.results(STUDY)["ballot"]) == [before["ballot"]["ballot"], opened["ballot"]["ballot"]]
    store.close()


def test_damaged_weights_are_said_and_name_no_arm(tmp_path: Path):
    root = tmp_path / "checkout"
    space.assemble(root)
    damaged = [root / "weights" / name / "model.safetensors" for name in ("light-style", "adain-decoder")]
    damaged += sorted((root / "weights/mnist-dcgan/snapshots").glob("*.safetensors"))
    assert len(damaged) > 2
    for file in damaged:
        file.write_bytes(file.read_bytes()[:-1000] + bytes(1000))

    with (
        app_process(tmp_path, root=root) as app,
        httpx.Client(base_url=app.url, timeout=ENDS_S) as http,
    ):
        client = connected(app.url)
        assert last_event(http, "restyle", calls.with_pictures(http, client, "restyle")) == ("error", WEIGHTS)
        opened = rating(http, "open", [STUDY, "", {}])
        assert opened == {"unavailable": "The pictures can't be drawn at the moment. Try again in a while."}
        assert last_event(http, "sample", usual_values(client, "sample", seed=4))[0] == "complete"
        assert "Traceback" not in app.log.read_text()


def test_a_machine_without_memory_says_so_and_works_again_with_it(tmp_path: Path):
    with app_process(tmp_path) as app, httpx.Client(base_url=app.url, timeout=ENDS_S) as http:
        small = calls.with_pictures(http, connected(app.url), "restyle")
        large = calls.with_pictures(http, connected(app.url), "restyle", side=2048)
        assert last_event(http, "restyle", small) == ("complete", "")

        unlimited = resource.prlimit(app.process.pid, resource.RLIMIT_AS)
        used = psutil.Process(app.process.pid).memory_info().vms
        resource.prlimit(app.process.pid, resource.RLIMIT_AS, (used + 64 * 2**20, resource.RLIM_INFINITY))
        assert last_event(http, "restyle", large) == ("error", MEMORY)
        assert http.get("/healthz").status_code == 200

        resource.prlimit(app.process.pid, resource.RLIMIT_AS, unlimited)
        assert last_event(http, "restyle", small) == ("complete", "")
        assert "out of memory in restyle" in app.log.read_text()
