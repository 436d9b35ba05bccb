"""The running app and a Hub-compatible server: a visitor's generator, and studies where one of a repository competes.

A study names it at one commit; the Hub's silence must not give it away.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from gradio_client.exceptions import AppError
from PIL import Image

from evaluation.qualitative.study import reading, rendering
from media import provenance
from serving.local import LocalEngine
from tests.support.app_server import connected, running_app
from tests.support.servers.hub_server import Hub

STUDY = """
title = "Theirs and ours"
question = "Which?"
sheet = 4
[[arms]]
id = "okapi-theirs"
title = "Okapi of theirs"
kind = "hub"
repo_id = "{repo_id}"
revision = "{commit}"
[[arms]]
id = "okapi-ours"
title = "Okapi of ours"
kind = "generator"
model = "mnist-dcgan"
step = 500
"""


class App(NamedTuple):
    url: str
    studies: Path


@pytest.fixture(scope="module")
def app(server: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on this Hub; it finds a study as soon as its file is there."""
    folder = tmp_path_factory.mktemp("app")
    hub = {"HF_ENDPOINT": server.url, "HF_HOME": str(folder / "home")}
    with running_app(folder, environment=hub) as url:
        yield App(url, folder / "studies")


def write(folder: Path, name: str, repo_id: str, commit: str) -> None:
    (folder / f"{name}.toml").write_text(STUDY.format(repo_id=repo_id, commit=commit))


def test_the_app_draws_from_a_visitors_generator(app: App, server: Hub, published: Path, repo_id: str, tmp_path: Path):
    commit = server.commit(repo_id)
    client = connected(app.url, download_files=str(tmp_path / "got"))

    path, name = client.predict(repo_id, 42, api_name="/bring_your_own")

    assert name == f"{repo_id}@{commit}"
    recipe = provenance.settings(path)
    assert recipe is not None
    assert (recipe["model"], recipe["seed"], recipe["samples"]) == (name, 42, 16)
    assert provenance.source_type(path) == provenance.GENERATED
    ours = client.predict(42, 6, 1, api_name="/sample")
    with Image.open(path) as theirs, Image.open(ours) as own:
        assert theirs.size == own.size
    with pytest.raises(AppError, match="name a repository as org/name"):
        client.predict("/etc/passwd", 42, api_name="/bring_your_own")


def test_the_arm_of_a_study_stays_at_its_commit(server: Hub, published: Path, repo_id: str, tmp_path: Path):
    commit = server.commit(repo_id)
    (published / "model.safetensors").unlink()
    server.commit(repo_id)
    write(tmp_path, "theirs", repo_id, commit)
    study = reading.read("theirs", tmp_path)
    source = LocalEngine()

    drawn = rendering.render(study, study.arms[0], "7", source)

    ours = study.arms[1].model_copy(update={"step": 20_000})  # which is what was published
    assert drawn.tobytes() == rendering.render(study, ours, "7", source).tobytes()


def test_raters_vote_on_it_and_only_the_answer_tells(app: App, server: Hub, published: Path, repo_id: str):
    write(app.studies, "theirs", repo_id, server.commit(repo_id))
    client = connected(app.url)

    ballot = client.predict("", "theirs", api_name="/next_ballot")
    reply = client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")

    assert "okapi" not in str(ballot).lower()
    assert len(ballot["left"]) == len(ballot["right"])
    assert {reply["left"], reply["right"]} == {"Okapi of theirs", "Okapi of ours"}


def test_a_hub_that_is_gone_costs_the_rater_a_sentence_without_names(
    app: App, server: Hub, published: Path, repo_id: str
):
    write(app.studies, "theirs-without-the-hub", repo_id, server.commit(repo_id))

    with server.gone(), pytest.raises(AppError) as refused:
        connected(app.url).predict("", "theirs-without-the-hub", api_name="/next_ballot")

    message = str(refused.value).lower()
    assert "can't be drawn" in message
    assert "okapi" not in message
    assert repo_id not in message
