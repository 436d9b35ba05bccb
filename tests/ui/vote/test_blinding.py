"""Nothing that reaches a rater's browser tells what a picture is, and nothing around the pictures does."""

import base64
import json
import re
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.support.app_server import PATIENCE_S
from tests.support.rating import SESSION, answer, begin, panel, ready, rows

STORAGE = """async () => JSON.stringify({
    local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
    caches: await Promise.all((await caches.keys()).map(async name =>
        [name, (await (await caches.open(name)).keys()).map(request => request.url)])),
    databases: await indexedDB.databases(),
    marks: performance.getEntriesByType("resource").map(entry => entry.name),
})"""
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
BALLOTS = 7


@pytest.fixture(scope="module")
def recorded(browser: Browser, app_url: str, app_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A whole session: its traffic, what the browser keeps afterwards, and the page as it was at each ballot."""
    har = tmp_path_factory.mktemp("har") / "session.har"
    context = browser.new_context(record_har_path=har, record_har_content="embed")
    page = context.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    pages = []
    page.goto(f"{app_url}/?study={SESSION}&PROLIFIC_PID=blinded")
    begin(page)
    for number in range(BALLOTS):
        ready(page)
        pages.append(page.content())
        if number < BALLOTS - 1:
            answer(page)
        else:
            page.keyboard.press("1")
    expect(page.locator("#completion-code")).to_be_visible()
    pages.append(page.content())
    storage = page.evaluate(STORAGE)
    context.close()
    return {
        "traffic": json.loads(har.read_text())["log"]["entries"],
        "storage": storage,
        "pages": pages,
        "sockets": sockets,
        "ballots": rows(
            app_folder,
            "SELECT left_seed, right_seed, id FROM ballots WHERE rater IN "
            "(SELECT rater FROM events WHERE details LIKE '%blinded%')",
        ),
    }


def everything(recorded: dict) -> str:
    return json.dumps(recorded["traffic"]) + recorded["storage"] + "".join(recorded["pages"])


def about_ballots(recorded: dict) -> list[dict]:
    return [entry for entry in recorded["traffic"] if "/run/rating_" in entry["request"]["url"]]


def body(entry: dict) -> str:
    content = entry["response"]["content"]
    text = content.get("text", "")
    return base64.b64decode(text).decode("utf-8", "replace") if content.get("encoding") == "base64" else text


def test_all_of_the_session_was_recorded(recorded: dict):
    answered = [entry for entry in about_ballots(recorded) if entry["request"]["url"].endswith("rating_answer")]
    assert len(answered) == BALLOTS + 1
    assert all(body(entry) for entry in about_ballots(recorded))
    assert len(recorded["ballots"]) >= BALLOTS + 1
    assert recorded["sockets"] == []


@pytest.mark.parametrize("word", ["quagga", "okapi"])
def test_no_arm_is_named_anywhere(recorded: dict, word: str):
    told_of = re.sub("C0DE-OKAPI", "", everything(recorded))
    assert word not in told_of.lower()


def test_no_model_file_or_step_is_named_where_ballots_are_handed_out(recorded: dict):
    text = " ".join(PICTURE.sub("", body(entry) + json.dumps(entry["request"])) for entry in about_ballots(recorded))
    for word in (
        "dcgan",
        "mnist",
        "generator",
        "safetensors",
        "weights",
        ".toml",
        "/studies",
        "expected",
        "digest",
        "probability",
    ):
        assert word not in text.lower()
    # The step as a number of its own: the digits also come up by chance inside a token that is drawn at random.
    assert not re.search(r"(?<![A-Za-z0-9.])0*20000(?![A-Za-z0-9])", text)


def test_no_seed_is_told(recorded: dict):
    text = PICTURE.sub("", everything(recorded))
    seeds = {str(seed) for left, right, _ in recorded["ballots"] for seed in (left, right)}
    assert len(seeds) > BALLOTS
    assert not [seed for seed in seeds if re.search(rf"(?<!\d){seed}(?!\d)", text)]


def test_every_picture_came_once_by_no_address_of_its_own_and_of_one_size(recorded: dict):
    drawn = [encoded for entry in about_ballots(recorded) for encoded in PICTURE.findall(body(entry))]
    assert len(drawn) == 2 * (BALLOTS + 1)
    assert len(set(drawn)) == len(drawn)
    assert len({len(encoded) for encoded in drawn}) == 1
    chunks = {re.sub(rb"(?s)IDAT.*", b"", base64.b64decode(encoded)) for encoded in drawn}
    assert len(chunks) == 1  # no text, no time, nothing before the pixels that differs
    addressed = {  # what the other tabs load
        entry["response"]["content"].get("text")
        for entry in recorded["traffic"]
        if entry["request"]["url"].startswith("http") and "image" in entry["response"]["content"]["mimeType"]
    }
    assert not addressed & set(drawn)


def test_the_browser_keeps_nothing_but_who_rates(recorded: dict):
    kept = json.loads(recorded["storage"])
    own = f"just-look-rater:{SESSION}"
    secrets = [own, f"{own}:all", f"{own}:fresh"]  # of the rater, of raters who share the device, of the next of them
    assert set(kept["local"]) - set(secrets) <= {"theme"}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", kept["local"].get(name, "x" * 22)) for name in secrets)
    assert kept["local"][own] == kept["local"][f"{own}:all"] != kept["local"].get(f"{own}:fresh")
    assert kept["session"] == {}
    assert (kept["cookies"], kept["caches"], kept["databases"]) == ("", [], [])


def test_an_attention_check_comes_as_any_other_ballot(recorded: dict):
    ballots = [
        reply["ballot"]
        for entry in about_ballots(recorded)
        if isinstance(reply := json.loads(body(entry))["data"][0], dict) and reply.get("ballot")
    ]
    assert len({tuple(sorted(ballot)) for ballot in ballots}) == 1


def test_the_casual_visitor_is_told_after_the_vote_only(home: Page):
    home.get_by_role("tab", name="Vote").click()
    ready(home)
    before = PICTURE.sub("", panel(home).inner_html().partition('data-part="ranking"')[0])
    assert not re.search("steps|DCGAN|Real digits", before)

    home.keyboard.press("1")

    expect(home.locator("#reveal")).to_contain_text(re.compile(r"Left: .+Right: .+"))


BALLOTS_TO_LEARN = 160


@pytest.fixture(scope="module")
def measured(app_url: str, app_folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Sizes and times of ballots of two arms of a kind, `(N, 4)`; whether the left one was the early one, `(N,)`."""
    features, ballots = [], []
    with httpx.Client(base_url=f"{app_url}/gradio_api/run", timeout=PATIENCE_S) as client:

        def ask(action: str, *data: object) -> tuple[dict, list[float]]:
            start = time.perf_counter()
            with client.stream("POST", f"/{action}", json={"data": data}) as response:
                first = time.perf_counter() - start
                content = response.read()
            return json.loads(content)["data"][0], [first, time.perf_counter() - start, len(content)]

        rater = ask("rating_open", "two-of-a-kind", "", {})[0]["rater"]
        for _ in range(BALLOTS_TO_LEARN + 8):
            reply, opening = ask("rating_open", "two-of-a-kind", rater, {})
            _, answered = ask("rating_answer", rater, reply["ballot"]["ballot"], "tie", None, None)
            features.append([*opening, answered[1]])
            ballots.append(reply["ballot"]["ballot"])
    left = dict(rows(app_folder, "SELECT id, left FROM ballots WHERE study = 'two-of-a-kind'"))
    return np.array(features[8:]), np.array([left[ballot] == "early" for ballot in ballots[8:]])  # after a warm-up


@pytest.mark.parametrize(
    "classifier",
    [LogisticRegression(), KNeighborsClassifier(5)],
    ids=lambda classifier: type(classifier).__name__,
)
def test_a_classifier_learns_nothing_from_sizes_and_times(measured: tuple[np.ndarray, np.ndarray], classifier):
    features, early = measured
    folds = StratifiedKFold(10, shuffle=True, random_state=0)

    guessed = cross_val_predict(make_pipeline(StandardScaler(), classifier), features, early, cv=folds)

    right = int((guessed == early).sum())
    commoner = max(early.mean(), 1 - early.mean())
    chance = binom(len(early), commoner)
    assert right <= chance.ppf(0.9995), f"{right} of {len(early)} right, by chance at most {chance.ppf(0.9995):.0f}"


def test_the_classifier_would_find_a_leak(measured: tuple[np.ndarray, np.ndarray]):
    features, early = measured
    leaking = np.column_stack([features, features[:, 1] + 0.5 * features[:, 1].std() * early * 4])

    guessed = cross_val_predict(make_pipeline(StandardScaler(), LogisticRegression()), leaking, early, cv=10)

    assert (guessed == early).sum() > binom(len(early), 0.5).ppf(0.9995)
