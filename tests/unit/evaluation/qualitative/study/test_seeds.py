"""Seeds of a study are moved by a secret that stays the same, and that is another one in the next study."""

from itertools import pairwise

import pytest

from evaluation.qualitative.study import reading
from evaluation.qualitative.study.seeds import SETTING, Seeds
from models.gan.seeds import MAX_SEED

PAIRS = reading.read("gan-recipes")
KEY, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)


def test_every_seed_moves_by_an_offset_of_its_own_and_always_by_the_same():
    seeds = Seeds.of(PAIRS, KEY)

    drawn = [seeds.drawn(seed) for seed in range(10_000)]

    assert drawn == [Seeds.of(PAIRS, KEY).drawn(seed) for seed in range(10_000)], "as after a restart"
    assert 0 <= min(drawn) < MAX_SEED * 0.01 < MAX_SEED * 0.99 < max(drawn) <= MAX_SEED
    assert len({after - before for before, after in pairwise(drawn)}) > 9_900
    assert seeds.drawn(MAX_SEED) <= MAX_SEED


def test_another_study_and_another_database_have_other_offsets():
    drawn = {Seeds.of(study, key).drawn(7) for study in (PAIRS, PAIRS.replaced(name="another")) for key in (KEY, OTHER)}

    assert len(drawn) == 4


def test_a_setting_takes_the_place_of_the_databases_secret(monkeypatch: pytest.MonkeyPatch):
    before = Seeds.of(PAIRS, KEY).drawn(7)
    monkeypatch.setenv(SETTING, "of the whole lab")

    assert Seeds.of(PAIRS, KEY).drawn(7) == Seeds.of(PAIRS, OTHER).drawn(7) != before


def test_photos_have_no_seed_and_a_study_may_draw_from_its_seeds_as_they_are():
    items = {**PAIRS.items.model_dump(exclude_defaults=True), "offset": False}

    assert Seeds.of(reading.read("photos-as-paintings"), KEY).secret is None
    assert Seeds.of(PAIRS.replaced(items=items), KEY).drawn(7) == 7


def test_the_published_table_says_from_which_seed_each_was_drawn():
    seeds = Seeds.of(PAIRS, KEY)

    assert seeds.published([7, 3, 7]) == f"seed,drawn_from\n3,{seeds.drawn(3)}\n7,{seeds.drawn(7)}\n"
