"""A visitor's own generator comes from the configured Hub, or a sentence says what is wrong with it."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants

from models.errors import WeightsError
from models.gan.dcgan import Generator
from models.hub import guest
from serving.engine.errors import EngineError
from serving.local import LocalEngine
from tests.hub.test_published import FAULTS, pickle_instead
from tests.support.folders import ROOT
from tests.support.servers.hub_server import Hub


def refusal(address: str) -> str:
    with pytest.raises(WeightsError) as refused:
        guest.fetch(address)
    return str(refused.value)


def test_a_generator_in_our_layout_is_welcome(server: Hub, published: Path, repo_id: str):
    commit = server.commit(repo_id, tag="v1")
    for address in (repo_id, f"{repo_id}@main", f" {repo_id}@v1 ", f"{repo_id}@{commit}"):
        assert guest.fetch(address).address == f"{repo_id}@{commit}"


def test_its_samples_stand_beside_ours(server: Hub, published: Path, repo_id: str):
    server.commit(repo_id)
    engine = LocalEngine()
    theirs = engine.bring(repo_id)
    assert theirs.steps == (0,)
    ours = engine.sample("mnist-dcgan", step=20_000, seed=3, count=2)
    assert engine.sample(theirs.name, step=0, seed=3, count=2) == ours


SAMPLE_BY_NAME = """
import hashlib, sys
from serving.local import LocalEngine
(picture,) = LocalEngine().sample(sys.argv[1], step=0, seed=3, count=1).pictures
print(hashlib.sha256(picture.tobytes()).hexdigest())
"""


def test_a_process_that_never_brought_it_samples_it_by_name(server: Hub, published: Path, repo_id: str, tmp_path: Path):
    commit = server.commit(repo_id)
    hub = {"HF_ENDPOINT": server.url, "HF_HUB_CACHE": str(tmp_path / "other"), "HF_HUB_OFFLINE": "0"}

    digest = subprocess.run(
        [sys.executable, "-c", SAMPLE_BY_NAME, f"{repo_id}@{commit}"],
        env={**os.environ, **hub},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    (ours,) = LocalEngine().sample("mnist-dcgan", step=20_000, seed=3, count=1).pictures
    assert digest == hashlib.sha256(ours.tobytes()).hexdigest()


def test_every_method_takes_its_name(server: Hub, published: Path, repo_id: str):
    name = f"{repo_id}@{server.commit(repo_id)}"
    engine = LocalEngine()

    sample = engine.sample(name, step=0, seed=3, count=2)
    assert engine.latent(name, seed=3, index=1) == list(sample.z[1])
    assert engine.influential(name, count=4) == engine.influential("mnist-dcgan", count=4)
    walked = engine.walk(name, step=0, seed=3, ends=(0, 1), count=2, way="slerp")
    moved = engine.move(name, step=0, seed=3, index=1, moved={})
    for picture, expected in ((walked[0].picture, sample.pictures[0]), (moved, sample.pictures[1])):
        assert np.abs(np.asarray(picture, dtype=int) - np.asarray(expected, dtype=int)).max() <= 1
    with pytest.raises(EngineError, match="has no attention to show"):
        engine.attention(name, step=0, seed=3, index=0, place=(0.5, 0.5))


def test_a_name_without_a_commit_is_refused_where_samples_are_drawn(server: Hub, published: Path, repo_id: str):
    server.commit(repo_id)
    for name in (repo_id, f"{repo_id}@main"):
        with pytest.raises(EngineError, match="There is no generator"):
            LocalEngine().sample(name, step=0, seed=3, count=1)


@pytest.mark.parametrize("away", ["offline", "no answer"])
def test_a_pinned_commit_in_the_cache_needs_no_hub(
    away: str, server: Hub, published: Path, repo_id: str, use: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
):
    name = f"{repo_id}@{server.commit(repo_id)}"
    fetched = guest.fetch(name)
    use("http://127.0.0.1:9")  # nobody answers there
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", away == "offline")

    assert guest.fetch(name) == fetched
    assert len(LocalEngine().sample(name, step=0, seed=3, count=1).pictures) == 1


def test_the_limits_hold_for_what_is_in_the_cache(
    server: Hub, published: Path, repo_id: str, monkeypatch: pytest.MonkeyPatch
):
    name = f"{repo_id}@{server.commit(repo_id)}"
    guest.fetch(name)
    monkeypatch.setattr(guest, "MAX_WEIGHTS", 1000)
    assert "model.safetensors has 1,016,164 bytes; 1,000 are allowed" in refusal(name)


def test_another_width_and_colour_fit_too(server: Hub, repo_id: str, use: Callable[[str], None]):
    use(server.url)
    torch.manual_seed(0)
    Generator(z_dim=8, width=4, channels=3, size=16).save_pretrained(server.repository(repo_id))
    server.commit(repo_id)
    engine = LocalEngine()
    (picture,) = engine.sample(engine.bring(repo_id).name, step=0, seed=1, count=1).pictures
    assert (picture.mode, picture.size) == ("RGB", (16, 16))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault: str, server: Hub, published: Path, repo_id: str):
    spoil, expected = FAULTS[fault]
    spoil(published)
    server.commit(repo_id)
    assert expected in refusal(repo_id)


def test_a_pickle_is_not_read(server: Hub, published: Path, repo_id: str):
    pickle_instead(published)
    server.commit(repo_id)
    assert "model.safetensors" in refusal(repo_id)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"architecture": "vgg19"}, "names the architecture 'vgg19'; known are: dcgan-generator"),
        ({"architecture": None}, "names the architecture None"),
        ({"size": 4096}, "needs a whole number size from 1 to 128, has 4096"),
        ({"size": 24}, "size must be a power of two"),
        ({"modes": -1}, "needs a whole number modes from 0 to 4096, has -1"),
        ({"z_dim": 8, "modes": 9}, "has 9 modes among 8 numbers of z"),
        ({"z_dim": 10**9}, "needs a whole number z_dim from 1 to 4096"),
        ({"channels": 2}, "a picture has 1 or 3"),
        ({"width": True}, "needs a whole number width"),
        ({"depth": 3}, "can't be built from"),
        ({"width": 16}, "has shape"),
    ],
    ids=str,
)
def test_a_config_that_does_not_fit_is_named(
    server: Hub, published: Path, repo_id: str, change: dict[str, object], expected: str
):
    path = published / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    server.commit(repo_id)
    assert expected in refusal(repo_id)


def test_too_large_a_file_is_not_fetched(
    server: Hub, published: Path, repo_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    server.commit(repo_id)
    monkeypatch.setattr(guest, "MAX_WEIGHTS", 1000)
    assert "model.safetensors has 1,016,164 bytes; 1,000 are allowed" in refusal(repo_id)
    assert not list((tmp_path / "cache").rglob("model.safetensors"))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "name",
        "org/name/x",
        "http://127.0.0.1/org/name",
        "../weights",
        "org/..",
        "org/name@",
        "org/name@a b",
        "/etc",
    ],
)
def test_what_is_no_repository_is_refused_before_any_request(address: str, use: Callable[[str], None]):
    use("http://127.0.0.1:9")
    assert refusal(address) == "name a repository as org/name, or org/name@revision"


def test_a_repository_that_is_not_there_is_named(server: Hub, use: Callable[[str], None]):
    use(server.url)
    assert "org/nothing" in refusal("org/nothing")


def test_a_server_that_is_gone_is_named(use: Callable[[str], None]):
    use("http://127.0.0.1:9")
    assert "http://127.0.0.1:9 could not be asked for org/name" in refusal("org/name")


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, server: Hub, published: Path, repo_id: str):
    name = f"{repo_id}@{server.commit(repo_id)}"
    monkeypatch.setenv("JUST_LOOK_BRING_YOUR_OWN", "0")
    with pytest.raises(EngineError, match="Loading your own weights is switched off on this server"):
        LocalEngine().bring(repo_id)
    with pytest.raises(EngineError, match="switched off on this server"):
        LocalEngine().sample(name, step=0, seed=3, count=1)
