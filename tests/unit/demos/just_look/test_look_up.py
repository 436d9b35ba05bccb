"""Before the vote nobody finds a ballot's pictures among those that the app draws for anybody."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from demos.just_look.rating import RatingActions
from demos.just_look.reports.reports import Reports
from demos.just_look.results import ResultsActions
from evaluation.qualitative.imported.reading import read as read_votes
from evaluation.qualitative.imported.storing import store_votes
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import rendering
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from serving.local import LocalEngine
from tests.support.sessions import RECIPES, REQUEST

STUDY = "recipes"


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    return LocalEngine()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def library(tmp_path: Path) -> StudyLibrary:
    (tmp_path / f"{STUDY}.toml").write_text(RECIPES)
    return StudyLibrary(tmp_path, tmp_path / "brought")


def pixels(data_url: str) -> bytes:
    return Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2]))).tobytes()


@pytest.mark.parametrize("choice", ["skip", "not_sure"])
def test_an_answer_that_judges_nothing_reveals_nothing(
    store: Store, library: StudyLibrary, engine: LocalEngine, choice: str, tmp_path: Path
):
    file = f'answers = ["tie", "not_sure", "skip"]\nreveal = "after_vote"\n{RECIPES}'
    (tmp_path / f"{STUDY}.toml").write_text(file)
    rating = RatingActions(library, store, engine)
    names = ("After 500 steps", "After 20,000 steps")

    asked = rating.question(STUDY, "", REQUEST)
    answer = rating.cast(asked["rater"], asked["ballot"], choice, 900, None)
    again = rating.cast(asked["rater"], asked["ballot"], choice, 900, None)
    asked = rating.question(STUDY, asked["rater"], REQUEST)
    page = rating.answer(asked["rater"], asked["ballot"], choice, 900, None)

    assert [(reply["left"], reply["right"]) for reply in (answer, again)] == [(None, None)] * 2
    assert not [name for name in names if name in str(page)]
    asked = rating.question(STUDY, asked["rater"], REQUEST)
    judged = rating.cast(asked["rater"], asked["ballot"], "left", 900, None)
    assert {judged["left"], judged["right"]} == set(names)


def test_a_session_of_skips_ends_without_a_name(
    store: Store, library: StudyLibrary, engine: LocalEngine, tmp_path: Path
):
    session = 'answers = ["skip"]\nconsent = "Do you agree?"\nreveal = "{reveal}"\n'
    rules = "[session]\nballots_per_rater = 2\nminimum_look_ms = 0\n[items]"
    for reveal in ("after_session", "after_vote"):
        text = session.format(reveal=reveal) + RECIPES.replace("[items]", rules)
        (tmp_path / f"{STUDY}.toml").write_text(text)
        rating = RatingActions(library, store, engine)
        secret = rating.open(STUDY, "", {}, REQUEST)["rater"]
        state, replies = rating.act(STUDY, secret, "consent", REQUEST), []
        for choice in ("skip", "left"):
            replies.append(rating.answer(secret, state["ballot"]["ballot"], choice, 900, None))
            state = rating.open(STUDY, secret, {}, REQUEST)

        assert "steps" not in str(replies[0])
        assert state["html"].count("<li>") == 1, "the pair that was judged"


def test_the_pictures_of_a_ballot_are_not_those_of_its_seeds_until_the_study_has_closed(
    store: Store, library: StudyLibrary, engine: LocalEngine
):
    rating = RatingActions(library, store, engine)
    results = ResultsActions(library, store, Reports(library, store), None)
    study = library.read(STUDY)
    samples = {
        rendering.render(study, arm, item, engine).tobytes() for arm in study.arms for item in study.items.ids or []
    }

    asked = rating.question(STUDY, "", REQUEST)
    pictures = [pixels(asked[side]) for side in ("left", "right")]
    assert not samples & set(pictures)
    with pytest.raises(StudyError, match="published when the study has closed"):
        results.export(STUDY, "seeds", "", True)

    reply = rating.cast(asked["rater"], asked["ballot"], "left", 900, None)
    elsewhere = f"rater,left,right,choice,item\na,{','.join(arm.id for arm in study.competing)},left,99\n".encode()
    store_votes(store, study, read_votes(elsewhere, study), elsewhere)
    library.close(STUDY)
    lines = results.export(STUDY, "seeds", "", True)["text"].splitlines()

    vote = store.results(STUDY).iloc[0]
    drawn_from = dict(line.split(",") for line in lines)[str(vote["left_seed"])]
    assert len(lines) == 2, "one seed was shown here: none of an empty place, none of an imported vote"
    items = {"seeds": [int(drawn_from)], "paired": True, "offset": False}
    repeated = study.replaced(items=items)
    again = [rendering.render(repeated, repeated.arm(vote[side]), drawn_from, engine) for side in ("left", "right")]
    assert [picture.tobytes() for picture in again] == pictures, "and the study can be repeated with the very pictures"
    assert reply["left"] == study.arm(vote["left"]).title
