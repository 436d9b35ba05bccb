"""What is uploaded as a Space, started as a Space starts it: in an environment of its own, with one writable folder."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from huggingface_hub import HfApi

from deploy import space
from tests.support.app_server import PATIENCE_S, free_port
from tests.support.folders import ROOT
from tests.support.servers.commit_server import CommitServer

# A Space's user may not pass over permissions. Root does so by two capabilities, which this takes away.
PLAIN = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that is removed at once afterwards: an environment has gigabytes."""
    folder = Path(tempfile.mkdtemp(prefix="just-look-space-"))
    yield folder
    for path in (folder / "app").rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    (folder / "app").chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def assembled(folder: Path) -> Path:
    """The Space's files, read-only."""
    space.assemble(folder / "app")
    for path in (folder / "app").rglob("*"):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    (folder / "app").chmod(0o555)
    return folder / "app"


@pytest.fixture(scope="module")
def python(folder: Path, assembled: Path) -> Path:
    """The interpreter of an environment that holds what a Space installs: its requirements, and its Gradio.

    The packages are those of the tests' pins, so that a release of today can't break the test of yesterday's app.
    """
    subprocess.run([sys.executable, "-m", "venv", folder / "environment"], check=True, timeout=PATIENCE_S)
    python = folder / "environment" / "bin" / "python"
    gradio = f"gradio[oauth,mcp]=={space.front_matter(assembled / 'README.md')['sdk_version']}"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = ["-r", assembled / "requirements.txt", gradio, "-c", ROOT / "constraints.txt"]
    subprocess.run([*install, *wanted], check=True, timeout=PATIENCE_S)
    return python


@contextlib.contextmanager
def started(python: Path, app: Path, volume: Path, **settings: str) -> Iterator[str]:
    """The Space's address; its process obeys permissions, whoever runs the tests."""
    port = free_port()
    home = volume / "home"
    home.mkdir(mode=0o555)
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "SYSTEM": "spaces",
        "SPACE_ID": "lab/just-look",
        "SPACE_HOST": "lab-just-look.hf.space",
        "SPACE_AUTHOR_NAME": "lab",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(port),  # 7860 on a Space, where nobody else listens
        "JUST_LOOK_SIDE": "384",
        **settings,
    }
    command = [*(PLAIN if os.geteuid() == 0 else ()), python, "app.py"]
    log = volume / "app.log"
    with (
        log.open("w") as out,
        subprocess.Popen(command, cwd=app, env=variables, stdout=out, stderr=out) as process,
    ):
        try:
            deadline = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline:
                assert process.poll() is None, log.read_text()[-3000:]
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S).raise_for_status()
                    break
                threading.Event().wait(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("server_side_rendering", ["False", "True"])
def test_the_space_starts_without_a_home_in_a_folder_it_cannot_write(
    python: Path, assembled: Path, folder: Path, server_side_rendering: str
):
    volume = folder / f"volume-{server_side_rendering}"
    volume.mkdir()
    settings = {"DATABASE_URL": f"sqlite:///{volume}/votes.sqlite3", "GRADIO_SSR_MODE": server_side_rendering}

    with started(python, assembled, volume, **settings) as url:
        forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Host": "lab-just-look.hf.space"}
        page = httpx.get(f"{url}/", headers=forwarded, timeout=PATIENCE_S)
        opened = httpx.post(
            f"{url}/gradio_api/run/rating_open",
            json={"data": ["digits-by-training-step", "", {}]},
            headers=forwarded,
            timeout=PATIENCE_S,
        ).json()["data"][0]

    assert "Just Look" in page.text
    assert "https://lab-just-look.hf.space/preview.jpg" in page.text  # the address that visitors see
    assert opened["ballot"]["ballot"]
    assert (volume / "votes.sqlite3").is_file()


def test_the_folder_holds_what_the_app_imports_and_no_test(assembled: Path):
    names = {path.name for path in assembled.iterdir()}

    assert {"app.py", "README.md", "requirements.txt", "weights", "studies"} <= names
    assert {path.name for path in (assembled / "training").iterdir()} == {"recipes"}  # which the app reads
    assert not names & {"tests", "benchmarks", ".git", ".venv", "votes.sqlite3"}


@pytest.mark.parametrize("names", [["thesis.tex"], ["app.py", "votes.sqlite3"], ["docs"]])
def test_a_folder_with_other_files_is_left_alone(names: list[str], tmp_path: Path):
    for name in names:
        (tmp_path / name).write_text("years of work")

    with pytest.raises(space.SpaceError, match="holds other files"):
        space.assemble(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == set(names)


@pytest.mark.parametrize("key", space.REQUIRED)
def test_a_setting_that_is_missing_is_named(key: str, tmp_path: Path):
    lines = [line for line in (ROOT / "README.md").read_text().splitlines() if not line.startswith(f"{key}:")]
    (tmp_path / "README.md").write_text("\n".join(lines))

    with pytest.raises(space.SpaceError, match=key):
        space.front_matter(tmp_path / "README.md")


def test_a_space_is_created_and_replaced_in_one_commit(tmp_path: Path):
    (tmp_path / "app.py").write_text("print('hello')")
    with CommitServer().serving() as hub:
        api = HfApi(endpoint=hub.url, token="hf_x")
        space.push(tmp_path, "lab/just-look", api=api)
        (tmp_path / "app.py").rename(tmp_path / "main.py")
        space.push(tmp_path, "lab/just-look", api=api)

    assert hub.files["lab/just-look"] == {"main.py": b"print('hello')"}
    assert len(hub.commits["lab/just-look"]) == 2


@pytest.mark.parametrize("name", ["just-look", "lab/just look", ""])
def test_a_name_that_the_hub_would_refuse_is_refused_here(name: str, tmp_path: Path):
    with pytest.raises(space.SpaceError):
        space.push(tmp_path, name)
