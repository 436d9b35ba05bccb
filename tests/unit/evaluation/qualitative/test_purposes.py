"""Training trials, attention and gold checks never move a ranking, whoever computes it."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from demos.just_look import ranking_html
from evaluation.qualitative.ballot import Purpose, new_rater
from evaluation.qualitative.ranking.hype import hype_infinity, hype_time
from evaluation.qualitative.ranking.pairing import pair_probabilities
from evaluation.qualitative.ranking.ranking import rank
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading as studies
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study

DIGITS = studies.read("digits-by-training-step")
ARMS = [arm.id for arm in DIGITS.arms]
OTHERS = [Purpose.TRAINING, Purpose.ATTENTION, Purpose.GOLD]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    yield store
    store.close()


def cast(store: Store, study: Study, choices: list[str], *, purpose: Purpose, raters: int = 6) -> None:
    for _ in range(raters):
        rater = new_rater()
        for choice in choices:
            ballot = store.issue(draw(study, rater=rater, purpose=purpose, past=store_past(store, study, rater)))
            store.cast(ballot.id, rater=rater, choice=choice, response_ms=2_000)


def store_past(store: Store, study: Study, rater: str) -> list:
    return [record.ballot for record in store.history(study.name, rater=rater)]


def chances(store: Store) -> dict[tuple[str, str], float]:
    counts = {(left, right, str(choice)): n for (left, right, choice), n in store.pair_counts(DIGITS.name).items()}
    return pair_probabilities(counts, ARMS)


@pytest.mark.parametrize("purpose", OTHERS)
def test_pairs_are_ranked_by_ratings_alone(purpose: Purpose, store: Store):
    cast(store, DIGITS, ["left", "right", "left", "tie"], purpose=Purpose.RATING)
    before, rule = store.results(DIGITS.name), chances(store)
    ranking_rows = ranking_html.rows(Analyses(StudyLibrary(), store).of(DIGITS.name))
    cast(store, DIGITS, ["right"] * 6, purpose=purpose)

    after = store.results(DIGITS.name)
    assert (len(before), len(after)) == (24, 60)
    assert rank(after, arms=ARMS, resamples=50) == rank(before, arms=ARMS, resamples=50)
    summary, alone = (summarise(votes, ARMS, resamples=50) for votes in (after, before))
    assert summary.comparison == alone.comparison
    assert summary.agreement == alone.agreement
    assert summary.response_times == alone.response_times
    assert summary.checks == {purpose.value: 36}
    assert ranking_html.rows(Analyses(StudyLibrary(), store).of(DIGITS.name)) == ranking_rows
    assert chances(store) == rule

    disguised = after.assign(purpose="rating")
    assert rank(disguised, arms=ARMS) != rank(before, arms=ARMS), "these votes would change it, if they counted"


@pytest.mark.parametrize("protocol", ["real_or_fake", "timed"])
@pytest.mark.parametrize("purpose", OTHERS)
def test_single_pictures_are_scored_by_ratings_alone(purpose: Purpose, protocol: str, store: Store):
    fields = DIGITS.model_dump(exclude={"reveal", "answers", "session"})
    exposure = {"exposure_ms": 500} if protocol == "timed" else {}
    if protocol == "timed":  # such a study has one generator
        fields["arms"] = fields["arms"][:2]
    single = Study.model_validate({**fields, "protocol": protocol, "session": exposure})
    cast(store, single, ["real", "fake", "real", "fake", "fake"], purpose=Purpose.RATING)
    before = store.results(single.name)
    cast(store, single, ["real"] * 9, purpose=purpose)
    after = store.results(single.name)

    def scores(votes: pd.DataFrame) -> list:
        score = hype_time if protocol == "timed" else hype_infinity
        return score(votes, arms=ARMS, real=["real"], resamples=50)

    assert len(after) > len(before)
    assert scores(after) == scores(before)
    assert (
        summarise(after, ARMS, real=["real"], resamples=50).realism
        == summarise(before, ARMS, real=["real"], resamples=50).realism
    )
    assert scores(after.assign(purpose="rating")) != scores(before), "these votes would change it, if they counted"
