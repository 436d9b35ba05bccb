"""How many engines work side by side, as the settings say."""

import pytest

from serving.engine.workers import replicas, workers


@pytest.mark.parametrize(("wished", "range_of"), [("1", (1, 1)), ("2", (2, 2)), ("1-8", (1, 8)), ("12-300", (12, 300))])
def test_replicas_are_a_number_or_a_range(wished: str, range_of: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_REPLICAS", wished)

    assert replicas() == range_of


@pytest.mark.parametrize("wished", ["0", "", "two", "8-1", "1-", "-3", "1.5", "99999"])
def test_anything_else_is_refused_by_its_name(wished: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_REPLICAS", wished)

    with pytest.raises(ValueError, match="JUST_LOOK_REPLICAS"):
        replicas()


def test_one_process_does_one_heavy_thing_at_a_time_and_a_cluster_as_many_as_it_may_have(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("JUST_LOOK_REPLICAS", "2-5")
    assert workers() == 1

    monkeypatch.setenv("JUST_LOOK_ENGINE", "cluster")
    assert workers() == 5
