"""The settings of a cluster are read from the environment, and a wrong one is named."""

import pytest

from serving.cluster.settings import settings


def test_each_setting_has_a_default_and_can_be_set(monkeypatch: pytest.MonkeyPatch):
    names = ("JUST_LOOK_REPLICA_CPUS", "JUST_LOOK_REPLICA_GPUS", "JUST_LOOK_STUCK_SECONDS")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert (settings().cpus, settings().gpus, settings().stuck_s) == (1, 0, 300)
    for name, value in zip(names, ("4", "0.5", "60"), strict=True):
        monkeypatch.setenv(name, value)
    assert (settings().cpus, settings().gpus, settings().stuck_s) == (4, 0.5, 60)


@pytest.mark.parametrize("name", ["JUST_LOOK_REPLICA_CPUS", "JUST_LOOK_REPLICA_GPUS", "JUST_LOOK_STUCK_SECONDS"])
def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "many")
    with pytest.raises(ValueError, match=name):
        settings()
