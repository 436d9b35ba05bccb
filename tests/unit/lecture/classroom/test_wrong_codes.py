"""Wrong codes are limited by address; right ones are not counted at all."""

from lecture.classroom import wrong_codes
from lecture.classroom.wrong_codes import WrongCodes


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_is_refused_after_its_wrong_codes_and_let_in_again_later():
    clock = Clock()
    limit = WrongCodes(burst=3, seconds_each=2.0, clock=clock)

    for _ in range(3):
        assert not limit.exhausted("10.0.0.1")
        limit.count("10.0.0.1")

    assert limit.exhausted("10.0.0.1")
    assert not limit.exhausted("10.0.0.2")
    clock.now = 1.9
    assert limit.exhausted("10.0.0.1")
    clock.now = 2.1
    assert not limit.exhausted("10.0.0.1")


def test_a_class_that_mistypes_is_not_locked_out():
    limit = WrongCodes()

    for _ in range(40):  # of two hundred phones behind one address, each fifth once
        limit.count("10.0.0.1")

    assert not limit.exhausted("10.0.0.1")


def test_old_addresses_are_forgotten(monkeypatch):
    monkeypatch.setattr(wrong_codes, "ADDRESSES", 10)
    limit = WrongCodes(burst=1)
    for number in range(20):
        limit.count(f"10.0.0.{number}")

    assert limit.exhausted("10.0.0.19")
    assert not limit.exhausted("10.0.0.0")
