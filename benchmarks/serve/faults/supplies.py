"""A Hub that nobody reaches, and weights that are damaged: the sentence that visitors get, and the votes meanwhile."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from benchmarks.app_http import last_event
from benchmarks.serve.faults.outcome import FaultOutcome, during_votes
from models.hub import manifest, publish
from serving.local import LocalEngine
from tests.support.app_server import ROOT
from tests.support.servers.hub_server import Hub

PUBLISHED = "mnist-dcgan"
ANSWERED, NO_SENTENCE = "answered though it could not be", "an error without a sentence"
DRAWN_S = 60.0  # for a first sample on a loaded machine
NOT_COPIED = (".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", "weights", "build", "tests", "docs")


def hub_away(folder: Path, times: int) -> FaultOutcome:
    """The Hub goes away: a visitor's generator costs a sentence, raters go on; it is back, and the generator comes."""
    (folder / "hub").mkdir()
    hub = Hub(folder / "hub")
    repositories = [f"org/guest-{number}" for number in range(times)]
    for repository in repositories:  # a generator that was fetched once is kept: each fault needs another one
        publish.build(PUBLISHED, repository, hub.repository(repository))
        hub.commit(repository)
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(folder / "home")}
    hub.start()
    try:
        with during_votes("Hub unreachable", folder, environment=environment) as (outcome, app, voting):
            for repository in repositories:
                voting.wait_for(5)
                with hub.gone():
                    _refused(outcome, *_answer(app.url, "bring_your_own", [repository, 42]))
                    voting.wait_for(5)
                outcome.recovered.append(_until_it_works(app.url, "bring_your_own", [repository, 42]))
    finally:
        hub.stop()
    return outcome


def corrupted_weights(folder: Path, times: int) -> FaultOutcome:
    """A generator's file is damaged before it is first used, and then repaired; raters of another one go on."""
    root = folder / "root"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    shutil.copytree(manifest.FOLDER, root / "weights", copy_function=os.symlink)
    known = [model for model in LocalEngine().generators() if model.name != PUBLISHED]  # raters judge that one
    with during_votes("weights corrupted", folder, root=root) as (outcome, app, voting):
        for model, damage in zip(known[:times], cycle(DAMAGES.values()), strict=False):
            voting.wait_for(5)
            values: list[object] = [42, len(model.steps) - 1, 1, model.name, 4]
            path = root / "weights" / model.name / "model.safetensors"  # of the last snapshot
            whole = path.read_bytes()
            path.unlink()  # the link to the repository's own file
            damage(path, whole)
            _refused(outcome, *_answer(app.url, "sample", values))
            voting.wait_for(5)
            path.unlink(missing_ok=True)
            path.write_bytes(whole)
            outcome.recovered.append(_until_it_works(app.url, "sample", values))
    return outcome


def _flip(path: Path, whole: bytes) -> None:
    content = bytearray(whole)
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path, bytes], object]] = {
    "a byte in the middle": _flip,
    "cut off": lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    "empty": lambda path, _: path.write_bytes(b""),
    "gone": lambda *_: None,
    "another header": lambda path, whole: path.write_bytes(b"\xff" * 8 + whole[8:]),
}


def _refused(outcome: FaultOutcome, event: str, data: Any) -> None:
    """Count what a visitor is told; anything but a sentence is named as such."""
    sentence = data.get("error") if isinstance(data, dict) else data
    if event == "complete":
        outcome.sentences[ANSWERED] += 1
    elif event == "error" and not sentence:
        outcome.sentences[NO_SENTENCE] += 1
    else:
        outcome.sentences[f"a visitor: {sentence!s:.110}"] += 1


def _until_it_works(url: str, action: str, values: list[object]) -> float:
    """Call an action until it answers with values, and return how many seconds that took."""
    begun = time.perf_counter()
    while _answer(url, action, values)[0] != "complete":
        if time.perf_counter() - begun > DRAWN_S:
            raise TimeoutError("what had failed did not come back")
        time.sleep(0.2)
    return time.perf_counter() - begun


def _answer(url: str, action: str, values: list[object]) -> tuple[str, Any]:
    """Call an action through its queue; return the name of the last event and its data, or the refusal's status."""
    with httpx.Client(base_url=url, timeout=DRAWN_S) as http:
        reply = http.post(f"/gradio_api/call/{action}", json={"data": values})
        if reply.status_code != httpx.codes.OK:
            return str(reply.status_code), reply.text
        return last_event(http.get(f"/gradio_api/call/{action}/{reply.json()['event_id']}").text)
