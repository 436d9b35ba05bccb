"""The pictures of the results by item are those that raters saw, for those who may see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from demos.just_look import items
from demos.just_look.reports.reports import Reports
from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.imported.reading import read as read_votes
from evaluation.qualitative.imported.storing import store_votes
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import Arm, StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.reading import read
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from tests.support.folders import STUDIES

SHARED = read("shared-seeds", STUDIES)


class FakeGallery:
    """Takes what a gallery takes, and draws grey."""

    opened: ClassVar[list[tuple[str, Seeds]]] = []

    def __init__(self, study: Study, *, seeds: Seeds) -> None:
        self.opened.append((study.name, seeds))

    def draw(self, arm: Arm, item: str, engine: object) -> Image.Image:
        if item not in (SHARED.items.ids or []):
            raise StudyError(f"{item!r} is no item of {SHARED.name}")
        return Image.new("L", (40, 40), 128)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    for _ in range(2):
        rater, past = new_rater(), []
        for _ in range(4):
            past.append(store.issue(draw(SHARED, rater=rater, past=past)))
            store.cast(past[-1].id, rater=rater, choice="left", response_ms=2_000)
    yield store
    store.close()


def test_an_imported_item_that_the_study_does_not_have_keeps_its_numbers(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(items, "Gallery", FakeGallery)
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", "secret")
    first, second = (arm.id for arm in SHARED.competing)
    content = "\n".join(["rater,left,right,choice,item", *(f"r{i},{first},{second},left,a tree" for i in range(9))])
    store_votes(store, SHARED, read_votes(content.encode(), SHARED), content.encode())
    library = StudyLibrary(STUDIES)
    actions = items.ItemActions(library, store, Reports(library, store), engine=None)

    html = actions.pictures(SHARED.name, "secret", True)["html"]

    assert html.count("<img") == 4
    row = html.split('<th scope="row">a tree</th>')[1].split("</tr>")[0]
    assert "<img" not in row
    assert "100 %" in row


def test_an_owner_sees_the_pictures_of_the_moved_seeds_and_a_rater_of_an_open_study_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(FakeGallery, "opened", [])
    monkeypatch.setattr(items, "Gallery", FakeGallery)
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", "secret")
    library = StudyLibrary(STUDIES)
    actions = items.ItemActions(library, store, Reports(library, store), engine=None)

    html = actions.pictures(SHARED.name, "secret", True)["html"]

    assert html.count("<img") == 4  # two arms, two seeds
    assert FakeGallery.opened == [(SHARED.name, Seeds.of(SHARED, store.key))]
    assert FakeGallery.opened[0][1].secret is not None
    with pytest.raises(StudyError, match="when the study is closed"):
        actions.pictures(SHARED.name, "", True)
