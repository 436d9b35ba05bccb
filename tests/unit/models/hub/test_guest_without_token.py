"""A stranger names a repository: the Hub must not see the server's own token."""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import constants

from models.errors import WeightsError
from models.hub import guest


class _Hub(http.server.BaseHTTPRequestHandler):
    authorised: ClassVar[list[str | None]] = []

    def do_HEAD(self) -> None:
        self.authorised.append(self.headers.get("Authorization"))
        self.send_response(404)
        self.send_header("X-Error-Code", "RepoNotFound")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str | None]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_serversOwnToken")
    _Hub.authorised.clear()
    yield _Hub.authorised
    server.shutdown()


def test_a_guests_repository_is_asked_for_without_the_servers_token(hub: list[str | None]):
    with pytest.raises(WeightsError, match="there is no public repository"):
        guest.fetch("somebody/private-generator")
    assert hub
    assert set(hub) == {None}


def test_the_guests_that_were_fetched_longest_ago_make_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    folders = []
    for age in range(3):
        folder = guest.cache_folder() / f"models--org--guest-{age}"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(bytes(100))
        os.utime(folder / "model.safetensors", (10_000 - age, 10_000 - age))
        folders.append(folder)

    guest.make_room(except_for="org/guest-2", most=250)

    assert [folder.exists() for folder in folders] == [True, False, True]
