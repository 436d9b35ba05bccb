"""docs/scale.md holds the tables that its script prints, and the script multiplies and divides what it should."""

import pytest

from benchmarks.cluster import plan
from benchmarks.cluster.plan import ActionCost, Assumed, MachineCosts
from tests.support.folders import ROOT

ASSUMED = Assumed(
    actions={"opening": 1, "vote": 10},
    minutes=10,
    peak=2,
    busy=0.5,
    session=1e6,
    link=1e9,
    core_hour=0.1,
    sent_gigabyte=0.5,
)
MEASURED = MachineCosts(
    processor="a processor",
    costs={"opening": ActionCost(1.0, 4.0, 2e6), "vote": ActionCost(0.1, 0.0, 0.0)},
    ray=0.5,
    vote_bytes=1000,
    commits=100,
    page_memory=5e8,
    replica_memory=1e9,
)


def test_a_visit_costs_what_its_actions_do():
    assert plan.of_a_visit(MEASURED, ASSUMED) == ActionCost(2.0, 4.0, 2e6)


def test_an_audience_needs_what_its_busiest_hour_does():
    needs = plan.need(432_000, MEASURED, ASSUMED)  # 5 visits a second, 10 in the busiest hour

    assert needs.visits == pytest.approx(10)
    assert (needs.pages, needs.replicas) == (40, 80)
    assert needs.memory == pytest.approx(40 * 5e8 + 80 * 1e9 + 6000 * 1e6)
    assert needs.bits == pytest.approx(160e6)
    assert needs.votes == pytest.approx(100)
    assert needs.stored == pytest.approx(365 * 4_320_000 * 1000)
    assert needs.dollars == pytest.approx(1440 * 0.1 + 12 * 0.1 + 864 * 0.5)  # core-hours, Ray's own, gigabytes


def test_a_small_audience_needs_one_of_each():
    needs = plan.need(1, MEASURED, ASSUMED)
    assert (needs.pages, needs.replicas) == (1, 1)


def test_the_part_that_carries_least_is_the_first_limit():
    carried = plan.carried(MEASURED, ASSUMED)

    assert carried == {
        "a replica with one core": pytest.approx(5_400),
        "a process of the page": pytest.approx(10_800),
        "a database that commits each vote by itself": pytest.approx(216_000),
        "a network link of 1 Gbit/s": pytest.approx(1_350_000),
    }
    assert list(carried.values()) == sorted(carried.values())
    assert plan.first_limits(540, MEASURED, ASSUMED) == "nothing: a replica with one core is at 10%"
    assert plan.first_limits(10_800, MEASURED, ASSUMED) == "a replica with one core (2.0 ×)"


def test_the_page_about_scale_holds_what_the_script_prints():
    assert plan.table(MachineCosts.read(), Assumed()) in (ROOT / "docs" / "scale.md").read_text()
