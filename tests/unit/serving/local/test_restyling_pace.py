"""The size that the page starts with is the largest that this machine restyles within about a second."""

import pytest

from serving.engine.settings import INSTANT_SIDES
from serving.local import LocalEngine, restyling_pace


@pytest.fixture(autouse=True)
def _not_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUST_LOOK_SIDE")


@pytest.mark.parametrize(
    ("pixels_per_second", "side"), [(5e6, 1024), (600_000, 1024), (400_000, 768), (160_000, 512), (20_000, 384)]
)
def test_a_quicker_machine_starts_larger(monkeypatch: pytest.MonkeyPatch, pixels_per_second: float, side: int):
    engine = LocalEngine()
    monkeypatch.setitem(engine._rates, "light", pixels_per_second)
    assert engine.instant_side("light") == engine.instant_side() == side


def test_what_is_measured_at_start_decides(monkeypatch: pytest.MonkeyPatch):
    engine = LocalEngine()
    clock = iter([0.0, 100.0, 200.0, 220.0, 300.0, 400.0])  # 100, 20 and 100 seconds
    monkeypatch.setattr(restyling_pace, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(engine, "_restyle", lambda *_: None)

    engine.measure()

    assert engine._rates["light"] == pytest.approx(1024 * 683 / 20)
    assert engine.instant_side() == INSTANT_SIDES[0]


def test_the_measurement_paints_new_pictures_and_keeps_none():
    engine = LocalEngine()
    engine.measure()
    assert engine._rates["light"] not in (restyling_pace.FIRST_LIGHT, 0)
    assert not engine._features


def test_whoever_runs_the_server_may_fix_the_size(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_SIDE", "512")
    engine = LocalEngine()
    rates = dict(engine._rates)

    engine.measure()

    assert engine.instant_side() == 512
    assert engine._rates == rates, "there is nothing to find out"


def test_zerogpu_starts_large_without_a_measurement(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(restyling_pace.Config, "zero_gpu", True)
    assert LocalEngine().instant_side() == INSTANT_SIDES[-1]


@pytest.mark.parametrize("text", ["500", "large", "-1"])
def test_a_wrong_size_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("JUST_LOOK_SIDE", text)
    with pytest.raises(ValueError, match="must be one of 384, 512, 768, 1024"):
        LocalEngine()
