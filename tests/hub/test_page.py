"""The running app loads a visitor's generator from a real Hub-compatible server."""

from pathlib import Path

import pytest
from PIL import Image

from media import provenance
from tests.hub.conftest import Hub
from tests.support.app_server import connected, running_app


def test_the_app_draws_from_a_visitors_generator(
    server: Hub, published: Path, repo_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    commit = server.commit(repo_id)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    with running_app(tmp_path) as url:
        client = connected(url, download_files=str(tmp_path / "got"))
        path, name = client.predict(repo_id, 42, api_name="/bring_your_own")
        assert name == f"{repo_id}@{commit}"
        recipe = provenance.settings(path)
        assert recipe is not None
        assert (recipe["model"], recipe["seed"], recipe["samples"]) == (name, 42, 16)
        assert provenance.source_type(path) == provenance.GENERATED
        ours = client.predict(42, 6, 1, api_name="/sample")
        with Image.open(path) as theirs, Image.open(ours) as own:
            assert theirs.size == own.size
        with pytest.raises(Exception, match="name a repository as org/name"):
            client.predict("/etc/passwd", 42, api_name="/bring_your_own")
