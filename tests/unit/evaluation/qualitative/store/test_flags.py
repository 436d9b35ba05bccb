"""Flags name what should not count and delete nothing; limits hold; no trace of an address outlives its day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from demos.just_look import results_html
from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.session import issuing
from evaluation.qualitative.session.addresses import Addresses, TooManyBallotsError
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store.flags import JUDGED, REASONS, Limits, flags
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading as studies
from evaluation.qualitative.study.library import StudyLibrary

DIGITS = studies.read("digits-by-training-step")
NOBODY = pd.DataFrame(columns=["rater", "session"])
CHOICES = ["left", "right"]
ISSUED = datetime(2026, 5, 1, tzinfo=UTC)


def answers(rater: str, choices: list[str], **columns: Any) -> list[dict[str, Any]]:
    """Ratings of one rater as rows of `JUDGED`, a ballot id each."""
    usual = {
        "response_ms": 1_500, "purpose": "rating", "expected": None, "address": None,
        "issued_at": ISSUED, "cast_at": ISSUED + timedelta(seconds=5), "exposure_ms": None,
    }  # fmt: skip
    return [
        {"ballot": f"{rater}-{number}", "rater": rater, "choice": choice, **usual, **columns}
        for number, choice in enumerate(choices)
    ]


def flagged(rows: list[dict[str, Any]], joined: pd.DataFrame = NOBODY, **limits: int) -> dict[str, str]:
    votes = pd.DataFrame(rows, columns=JUDGED).astype({"response_ms": "Int64", "exposure_ms": "Int64"})
    return flags(votes, joined, limits=Limits(**limits))


def of(reason: str, reasons_by_ballot: dict[str, str]) -> set[str]:
    assert reason in REASONS
    return {ballot for ballot, reasons in reasons_by_ballot.items() if reason in reasons.split(",")}


@pytest.mark.parametrize("choice", ["left", "tie", "real"])
def test_many_equal_answers_bear_no_flag_for_an_honest_rater_of_a_one_sided_study_gives_them(choice: str):
    assert not flagged(answers("sure", [choice] * 60))


def test_an_answer_is_too_fast_under_the_limit_only():
    rows = [answers(f"r{ms}", ["left"], response_ms=ms)[0] for ms in (0, 299, 300, None)]

    assert of("too_fast", flagged(rows)) == {"r0-0", "r299-0"}
    assert not flagged(answers("skipper", ["skip"], response_ms=100))


@pytest.mark.parametrize(
    ("right", "wrong", "failed"),
    [(0, 1, True), (1, 1, False), (5, 1, False), (0, 2, True), (5, 2, True), (3, 0, False)],
)
@pytest.mark.parametrize("kind", ["attention", "gold"])
def test_two_failed_checks_flag_all_of_a_rater_and_a_single_one_where_there_was_no_other(
    kind: str, right: int, wrong: int, failed: bool
):
    ratings = answers("a", ["left", "right", "left"])
    checks = answers("a", ["left"] * right + ["right"] * wrong, purpose=kind, expected="left")
    for number, check in enumerate(checks):
        check["ballot"] = f"check-{number}"
    other = answers("b", ["left", "right"])

    ballots = of("failed_checks", flagged(ratings + checks + other))

    assert ballots == ({row["ballot"] for row in ratings + checks} if failed else set())


def test_failed_training_is_no_failed_check():
    assert not flagged(answers("a", ["left"] * 5, purpose="training", expected="right"))


def test_an_address_with_very_many_raters_is_flagged_and_a_family_is_not():
    hall = [row for number in range(21) for row in answers(f"hall-{number}", CHOICES, address="one")]
    family = [row for number in range(20) for row in answers(f"family-{number}", CHOICES, address="two")]
    unknown = [row for number in range(40) for row in answers(f"unknown-{number}", CHOICES, address=None)]

    assert of("shared_address", flagged(hall + family + unknown)) == {row["ballot"] for row in hall}


@pytest.mark.parametrize(
    ("server_ms", "exposure_ms", "fast"),
    [(299, None, True), (301, None, False), (799, 500, True), (801, 500, False), (-1, None, False)],
)
def test_an_answer_without_a_time_is_timed_by_the_server(server_ms: int, exposure_ms: int | None, fast: bool):
    cast_at = ISSUED + timedelta(milliseconds=server_ms)
    script = answers("script", ["left"], response_ms=None, cast_at=cast_at, exposure_ms=exposure_ms)

    assert of("too_fast", flagged(script)) == ({"script-0"} if fast else set())


def test_a_script_that_leaves_the_time_out_is_flagged_as_the_server_saw_it(store: Store):
    ballot = store.issue(draw(DIGITS, rater=new_rater()))
    store.cast(ballot.id, rater=ballot.rater, choice="left")
    earlier = datetime.now(UTC) - timedelta(seconds=5)
    patient = store.issue(draw(DIGITS, rater=new_rater(), issued_at=earlier))
    store.cast(patient.id, rater=patient.rater, choice="left")

    assert list(store.results(DIGITS.name)["flags"]) == ["too_fast", ""]


def test_the_twenty_first_rater_of_an_address_empties_no_ranking_and_the_page_shows_the_flag(store: Store):
    for _ in range(21):
        ballot = store.issue(draw(DIGITS, rater=new_rater(), address="one"))
        store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=2_000)
    hasty = store.issue(draw(DIGITS, rater=new_rater(), address="one"))
    store.cast(hasty.id, rater=hasty.rater, choice="left", response_ms=100)

    analysis = Analyses(StudyLibrary(), store).of(DIGITS.name)

    assert set(analysis.votes["flags"]) == {"shared_address", "shared_address,too_fast"}
    assert (analysis.summary.votes, analysis.summary.raters, analysis.summary.excluded) == (21, 21, 1)
    assert analysis.summary.excluded_by_reason == {"too_fast": 1}
    assert any(standing.score is not None for standing in analysis.summary.comparison.standings)
    assert sift(analysis.votes).informing == {"shared_address": 22}
    page = results_html.page(analysis, checked=True, link="")
    assert "<td>shared address</td><td>22</td><td>many raters voted from this address on that day" in page


def test_a_second_submission_flags_a_rater_and_a_reload_does_not():
    joined = pd.DataFrame(
        [("twice", "s1"), ("twice", "s2"), ("reload", "s3"), ("reload", "s3"), ("visitor", None), ("visitor", None)],
        columns=["rater", "session"],
    )
    rows = [row for rater in ("twice", "reload", "visitor") for row in answers(rater, CHOICES)]

    assert of("duplicate_participant", flagged(rows, joined)) == {"twice-0", "twice-1"}


def test_reasons_add_up_and_honest_answers_have_none():
    liar = answers("liar", ["left"] * 12, response_ms=100)
    honest = answers("honest", CHOICES * 20)
    joined = pd.DataFrame([("liar", "s1"), ("liar", "s2")], columns=["rater", "session"])

    reasons_by_ballot = flagged(liar + honest, joined)

    assert reasons_by_ballot == {row["ballot"]: "duplicate_participant,too_fast" for row in liar}


def test_a_flag_deletes_nothing_and_the_analysis_says_what_it_leaves_out(store: Store):
    rater = new_rater()
    for number in range(15):
        ballot = store.issue(draw(DIGITS, rater=rater))
        store.cast(ballot.id, rater=rater, choice="left", response_ms=100 if number < 5 else 2_000)
    honest = store.issue(draw(DIGITS, rater=new_rater()))
    store.cast(honest.id, rater=honest.rater, choice="left", response_ms=2_000)

    for _ in range(2):  # looking changes nothing
        table = store.results(DIGITS.name)
        assert list(table["flags"]) == ["too_fast"] * 5 + [""] * 11
        assert store.count(DIGITS.name) == 16
        sifted = sift(table)
        assert list(sifted.counted["ballot"]) == [*table["ballot"][5:15], honest.id]
        assert (len(sifted.rating), sifted.excluded) == (16, 5)
        assert sifted.by_reason == {"too_fast": 5}


class Calendar:
    """A day that a test turns."""

    def __init__(self) -> None:
        self.day = date(2026, 3, 1)

    def __call__(self) -> date:
        return self.day


def test_an_address_is_one_hash_today_another_tomorrow_and_the_old_one_never_comes_back():
    calendar = Calendar()
    addresses = Addresses(today=calendar)
    today = addresses.hashed("192.0.2.7")
    assert addresses.hashed("192.0.2.7") == today
    assert addresses.hashed("192.0.2.8") != today
    assert today is not None
    assert len(today) == 32
    assert "192" not in today

    hashes = {today}
    for _ in range(3):
        calendar.day += timedelta(days=1)
        hashes.add(addresses.hashed("192.0.2.7"))
    calendar.day = date(2026, 3, 1)  # a clock that is set back finds no old salt either
    hashes.add(addresses.hashed("192.0.2.7"))

    assert len(hashes) == 5


def test_no_two_processes_hash_alike_and_no_address_is_none():
    assert Addresses().hashed("192.0.2.7") != Addresses().hashed("192.0.2.7")
    assert Addresses().hashed(None) is Addresses().hashed("") is None


def test_an_address_has_its_ballots_a_day_and_new_ones_the_next():
    calendar = Calendar()
    addresses = Addresses(limits=Limits(ballots_per_address=3), today=calendar)
    for _ in range(3):
        addresses.count(addresses.hashed("192.0.2.7"))
    with pytest.raises(TooManyBallotsError, match="your network's address"):
        addresses.count(addresses.hashed("192.0.2.7"))
    addresses.count(addresses.hashed("192.0.2.8"))
    addresses.count(None)

    calendar.day += timedelta(days=1)
    for _ in range(3):
        addresses.count(addresses.hashed("192.0.2.7"))
    with pytest.raises(TooManyBallotsError):
        addresses.count(addresses.hashed("192.0.2.7"))


def test_a_rater_has_so_many_ballots_a_day_and_older_ones_do_not_count(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(issuing, "LIMITS", Limits(ballots_per_rater=3))
    sessions, rater, now = RatingSessions(store, DIGITS), new_rater(), datetime.now(UTC)
    for hours in (30, 26, 23, 22):
        given = store.issue(draw(DIGITS, rater=rater, issued_at=now - timedelta(hours=hours)))
        store.cast(given.id, rater=rater, choice="left")

    third = sessions.stage(rater).ballot
    assert third is not None
    assert sessions.stage(rater).ballot == third, "the one that waits comes again, limit or not"
    sessions.answer(third.id, rater=rater, choice="left")
    with pytest.raises(TooManyBallotsError, match="come back tomorrow"):
        sessions.stage(rater)
    assert sessions.stage(new_rater()).ballot is not None
