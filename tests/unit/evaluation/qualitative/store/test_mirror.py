"""The mirror gets every vote that counts and no personal id, and a Hub that is away costs no vote."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from evaluation.qualitative.ballot import Vote, new_rater, new_secret, rater_id
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store import events
from evaluation.qualitative.store.mirror import Mirror, MirrorError, Status, state_of
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from tests.support.app_server import ROOT
from tests.support.servers.commit_server import CommitServer

DIGITS = reading.read("digits-by-training-step")
REPO = "lab/votes"
PROLIFIC = "5f2a9c7e1b"


@pytest.fixture
def hub() -> Iterator[CommitServer]:
    with CommitServer().serving() as server:
        yield server


@pytest.fixture
def mirrored(store: Store, tmp_path: Path) -> Iterator[Callable[..., Mirror]]:
    """Makes mirrors of the store that push when told; each new one is what a restart would make."""
    made: list[Mirror] = []

    def make(url: str) -> Mirror:
        made.append(Mirror(REPO, store, folder=tmp_path / "mirror", every=60, api=HfApi(endpoint=url, token="hf_x")))
        made[-1].catch_up()
        return made[-1]

    yield make
    for mirror_ in made:
        mirror_.close()


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def cast(store: Store, choice: str = "left", *, reason: str = "", rater: str | None = None) -> Vote:
    ballot = store.issue(draw(DIGITS, rater=rater or new_rater()))
    return store.cast(ballot.id, rater=ballot.rater, choice=choice, response_ms=900, reason=reason)


def kept(folder: Path) -> list[dict]:
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def test_without_a_name_there_is_no_mirror_and_it_says_so(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("JUST_LOOK_MIRROR", raising=False)

    assert Mirror.from_environment(store) is None
    assert state_of(None).status == Status.OFF
    assert str(state_of(None)) == "Votes are not copied to the Hub."


@pytest.mark.parametrize("name", ["votes", "a/b/c", "lab/two words", "../votes"])
def test_a_name_that_is_none_is_refused_at_the_start(name: str, store: Store, tmp_path: Path):
    with pytest.raises(MirrorError, match="names no data set"):
        Mirror(name, store, folder=tmp_path)


def test_a_pushed_vote_is_in_the_data_set_as_it_was_cast(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    mirror_ = mirrored(hub.url)
    vote = cast(store)
    mirror_.push()

    (line,) = hub.lines(REPO)
    assert (line["line"], line["study"], line["choice"], line["response_ms"]) == ("votes", DIGITS.name, "left", 900)
    assert (line["ballot"], line["left"], line["right"]) == (vote.ballot.id, vote.ballot.left, vote.ballot.right)
    assert line["pair_probability"] == 1 / 21
    assert line["cast_at"] == vote.cast_at.isoformat()
    assert hub.visibility[REPO] == "private"
    assert mirror_.state.status == Status.PUSHED
    assert mirror_.state.waiting == 0
    assert str(mirror_.state).startswith("Mirror lab/votes: last push ")


def test_it_pushes_by_itself_what_it_finds(store: Store, hub: CommitServer, tmp_path: Path):
    vote = cast(store)
    alone = Mirror(REPO, store, folder=tmp_path / "mirror", every=60, api=HfApi(endpoint=hub.url, token="hf_x"))
    assert alone.state.status == Status.NEVER_REACHED
    alone.start()

    assert hub.committed.wait(60)
    assert [line["ballot"] for line in hub.lines(REPO)] == [vote.ballot.id]
    alone.close()


def test_no_personal_id_leaves(store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]):
    mirror_ = mirrored(hub.url)
    open_to_all = DIGITS.replaced(consent="Do you agree?", session={"minimum_look_ms": 0})
    sessions = RatingSessions(store, open_to_all)
    joined = sessions.join(query={"PROLIFIC_PID": PROLIFIC, "STUDY_ID": "st-7", "SESSION_ID": "se-7"})
    rater = joined.rater
    ballot = sessions.consent(rater, address="192.0.2.7").ballot
    assert ballot is not None
    assert ballot.address is not None
    sessions.answer(ballot.id, rater=rater, choice="left", reason="as Jane Doe said")
    mirror_.push()

    sent = b"".join(hub.files[REPO].values()).decode() + " ".join(hub.files[REPO])
    for secret in (joined.secret, PROLIFIC, "st-7", "se-7", "Jane", ballot.address, "192.0.2.7", store.key):
        assert secret not in sent
    (line,) = hub.lines(REPO)
    assert line["rater"] == rater == rater_id(store.key, DIGITS.name, joined.secret)


def test_a_rater_is_the_same_in_one_study_and_another_in_the_next(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    mirror_, secret = mirrored(hub.url), new_secret()
    for study in (DIGITS, DIGITS, DIGITS.replaced(name="another")):
        sessions = RatingSessions(store, study)
        rater = sessions.join(secret).rater
        ballot = sessions.stage(rater).ballot
        assert ballot is not None
        sessions.answer(ballot.id, rater=rater, choice="tie")
    mirror_.push()

    first, second, elsewhere = (line["rater"] for line in hub.lines(REPO))
    assert first == second != elsewhere


def test_the_same_vote_again_adds_no_line_and_a_correction_adds_one(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    mirror_ = mirrored(hub.url)
    vote = cast(store)
    store.cast(vote.ballot.id, rater=vote.ballot.rater, choice="left")
    store.cast(vote.ballot.id, rater=vote.ballot.rater, choice="right", correct=True)
    mirror_.push()

    assert [(line["choice"], line["revision"]) for line in hub.lines(REPO)] == [("left", 0), ("right", 1)]


def test_files_only_grow_and_one_without_news_is_not_sent_again(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    mirror_ = mirrored(hub.url)
    cast(store)
    mirror_.push()
    before = dict(hub.files[REPO])
    mirror_.push()
    cast(store)
    mirror_.push()

    assert len(hub.commits[REPO]) == 2
    (path,) = hub.files[REPO]
    assert path.startswith("data/votes-")
    assert hub.files[REPO][path].startswith(before[path])


def test_a_hub_that_is_not_there_costs_no_vote_and_gets_all_later(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror], tmp_path: Path
):
    away = mirrored(nobody())
    with ThreadPoolExecutor(8) as pool:
        votes = list(pool.map(lambda _: cast(store), range(40)))
    away.push()

    assert away.state.status == Status.NEVER_REACHED
    assert away.state.waiting == 40
    assert away.state.unreachable_since is not None
    assert "nothing is lost, 40 lines wait" in str(away.state)
    assert {line["ballot"] for line in kept(tmp_path / "mirror")} == {vote.ballot.id for vote in votes}
    away.close()

    back = mirrored(hub.url)
    assert back.state.waiting == 40
    back.push()
    assert sorted(line["ballot"] for line in hub.lines(REPO)) == sorted(vote.ballot.id for vote in votes)
    assert back.state.waiting == 0


def test_a_hub_that_refuses_costs_no_vote_and_gets_all_when_it_takes_them(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    mirror_ = mirrored(hub.url)
    cast(store)
    mirror_.push()
    pushed = mirror_.state.last_push
    hub.refusing = True
    second = cast(store)
    with pytest.raises(HfHubHTTPError):
        mirror_.push()

    state = mirror_.state
    assert (state.status, state.last_push, state.waiting) == (Status.UNREACHABLE, pushed, 1)
    assert "right to write" in state.why
    assert store.count(DIGITS.name) == 2
    with pytest.raises(HfHubHTTPError):
        mirror_.push()
    assert mirror_.state.unreachable_since == state.unreachable_since, "since the first failure"

    hub.refusing = False
    mirror_.push()
    assert hub.lines(REPO)[-1]["ballot"] == second.ballot.id
    assert mirror_.state.unreachable_since is None
    assert mirror_.state.status == Status.PUSHED


def test_a_hub_that_refuses_from_the_start_was_never_reached(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    hub.refusing = True
    mirror_ = mirrored(hub.url)
    cast(store)
    mirror_.push()

    assert mirror_.state.status == Status.NEVER_REACHED
    assert mirror_.state.why


def test_votes_from_before_the_mirror_and_those_whose_line_was_lost_are_added_once(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror], tmp_path: Path
):
    early = cast(store)
    first = mirrored(hub.url)
    cast(store)
    first.push()
    first.close()  # as if the server had died between the commit and the line
    lost = cast(store)
    (path,) = (tmp_path / "mirror").glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"line":"votes","ballot":"torn')

    mirrored(hub.url)
    again = mirrored(hub.url)
    again.push()

    ballots = [line["ballot"] for path in (tmp_path / "mirror").glob("*.jsonl") for line in whole(path)]
    assert len(ballots) == len(set(ballots)) == 3
    assert {early.ballot.id, lost.ballot.id} < set(ballots)


def whole(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def test_a_folder_that_cannot_be_written_costs_no_vote_and_is_caught_up(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror], tmp_path: Path
):
    mirror_ = mirrored(hub.url)
    (tmp_path / "mirror").write_text("a file where the folder should be")
    vote = cast(store)
    (tmp_path / "mirror").unlink()

    mirror_.catch_up()
    mirror_.push()

    assert [line["ballot"] for line in hub.lines(REPO)] == [vote.ballot.id]


def test_who_withdraws_is_told_by_a_line_after_theirs_and_a_restart_tells_it_too(
    store: Store, hub: CommitServer, mirrored: Callable[..., Mirror]
):
    before = mirrored(hub.url)
    vote, other = cast(store), cast(store)
    events.withdraw(store, DIGITS.name, rater=vote.ballot.rater)
    before.close()
    events.withdraw(store, DIGITS.name, rater=other.ballot.rater)
    again = mirrored(hub.url)
    again.push()

    lines = hub.lines(REPO)
    cast_by = {line["ballot"]: line["rater"] for line in lines if line["line"] == "votes"}
    gone = [line["rater"] for line in lines if line["line"] == "withdrawals"]
    assert sorted(gone) == sorted([cast_by[vote.ballot.id], cast_by[other.ballot.id]])
    (first,) = [file for file in hub.files[REPO].values() if vote.ballot.id.encode() in file]
    assert json.loads(first.splitlines()[-1])["rater"] == cast_by[vote.ballot.id]


SERVER = """
import sys, tomllib
from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.mirror import Mirror
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.store.store import Store

name = "digits-by-training-step"
with open(f"studies/{name}.toml", "rb") as file:
    study = Study.model_validate({"name": name, **tomllib.load(file)})
store = Store(sys.argv[1])
mirror = Mirror.from_environment(store)
for _ in range(5):
    ballot = store.issue(draw(study, rater=new_rater()))
    store.cast(ballot.id, rater=ballot.rater, choice="left")
    print(ballot.id, flush=True)
sys.stdin.read()
"""


def test_a_process_that_is_killed_while_the_hub_is_away_leaves_its_lines_for_the_next(
    hub: CommitServer, tmp_path: Path
):
    url = f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    environment = {**os.environ, "JUST_LOOK_MIRROR": REPO, "HF_ENDPOINT": nobody()}
    command = [sys.executable, "-c", SERVER, url]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(5)]
        process.kill()

    store = Store(url)
    following = Mirror(REPO, store, folder=tmp_path / "votes.sqlite3.mirror", api=HfApi(endpoint=hub.url, token="hf_x"))
    assert sorted(line["ballot"] for line in kept(following.folder)) == sorted(acknowledged)
    following.push()
    following.close()
    store.close()
    assert sorted(line["ballot"] for line in hub.lines(REPO)) == sorted(acknowledged)
