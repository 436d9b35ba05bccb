"""A release on a real Hub-compatible server: what is there recomputes its numbers, and a refusal loses nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import HfApi, snapshot_download

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.release import archive
from evaluation.qualitative.release.push import PushError, push
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from evaluation.qualitative.study.library import StudyLibrary
from tests.support.servers.hub_server import Hub

DIGITS = reading.read("digits-by-training-step")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    for number in range(24):
        ballot = store.issue(draw(DIGITS, rater=new_rater()))
        choice = "left" if number % 3 else "tie"
        store.cast(ballot.id, rater=ballot.rater, choice=choice, response_ms=900 + number)
    built = archive.build(Analyses(StudyLibrary(), store).of(DIGITS.name), store, licence="cc-by-4.0")
    store.close()
    return built


def test_a_published_release_is_downloaded_and_recomputes_its_numbers(
    server: Hub, repo_id: str, use: Callable[[str], None], files: dict[str, bytes]
):
    use(server.url)
    folder = server.repository(repo_id, kind="datasets")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    commit = server.commit(repo_id, kind="datasets")

    downloaded = Path(snapshot_download(repo_id, repo_type="dataset", revision=commit))

    assert {str(path.relative_to(downloaded)) for path in downloaded.rglob("*") if path.is_file()} == set(files)
    done = subprocess.run([sys.executable, "analysis.py"], cwd=downloaded, capture_output=True, text=True)
    assert done.stdout.endswith(" 0 differ\n"), done.stdout + done.stderr


def test_a_server_that_takes_no_uploads_is_named_with_its_refusal(server: Hub, repo_id: str, files: dict[str, bytes]):
    with pytest.raises(PushError, match=f"{server.url} did not take {repo_id}: .*405"):
        push(files, repo_id, title="Release", api=HfApi(endpoint=server.url, token="hf_x"))
