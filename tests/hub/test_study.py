"""A study may let a generator of a Hub repository compete, at one commit; the Hub's silence must not give it away."""

from pathlib import Path

import pytest
from gradio_client.exceptions import AppError

from evaluation.qualitative.study import reading, rendering
from serving.local import LocalEngine
from tests.hub.conftest import Hub
from tests.support.app_server import connected, running_app

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


def written(folder: Path, repo_id: str, commit: str) -> Path:
    path = folder / "studies/theirs.toml"
    path.parent.mkdir()
    path.write_text(STUDY.format(repo_id=repo_id, commit=commit))
    return path


def test_the_arm_stays_at_its_commit(server: Hub, published: Path, repo_id: str, tmp_path: Path):
    commit = server.commit(repo_id)
    (published / "model.safetensors").unlink()
    server.commit(repo_id)
    study = reading.read("theirs", written(tmp_path, repo_id, commit).parent)
    source = LocalEngine()

    drawn = rendering.render(study, study.arms[0], "7", source)

    ours = study.arms[1].model_copy(update={"step": 20_000})  # which is what was published
    assert drawn.tobytes() == rendering.render(study, ours, "7", source).tobytes()


def test_raters_vote_on_it_and_only_the_answer_tells(
    server: Hub, published: Path, repo_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    written(tmp_path, repo_id, server.commit(repo_id))
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    with running_app(tmp_path) as url:
        client = connected(url)
        ballot = client.predict("", "theirs", api_name="/next_ballot")
        assert "okapi" not in str(ballot).lower()
        assert len(ballot["left"]) == len(ballot["right"])
        reply = client.predict(ballot["ballot"], "left", ballot["rater"], api_name="/cast_vote")
    assert {reply["left"], reply["right"]} == {"Okapi of theirs", "Okapi of ours"}


def test_a_hub_that_is_gone_costs_the_rater_a_sentence_without_names(
    server: Hub, published: Path, repo_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    written(tmp_path, repo_id, server.commit(repo_id))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens at the discard port
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    with running_app(tmp_path) as url:
        client = connected(url)
        with pytest.raises(AppError) as refused:
            client.predict("", "theirs", api_name="/next_ballot")
    message = str(refused.value).lower()
    assert "can't be drawn" in message
    assert "okapi" not in message
    assert repo_id not in message
