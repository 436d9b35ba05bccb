"""An address has one name in the log for a day, whoever comes first."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from serving.web import visitor

ADDRESS = "203.0.113.9"


def test_all_who_come_first_get_one_name(monkeypatch: pytest.MonkeyPatch):
    def slow(count: int) -> bytes:
        time.sleep(0.05)
        return own(count)

    own = secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", slow)
    visitor._key.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(visitor.hashed, [ADDRESS] * 8))
    assert names == {visitor.hashed(ADDRESS)}
    assert ADDRESS not in names


def test_the_next_day_it_has_another_name(monkeypatch: pytest.MonkeyPatch):
    today = visitor.hashed(ADDRESS)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Tomorrow":
            return cls.fromordinal(datetime.now(UTC).date().toordinal() + 1)  # type: ignore[return-value]

    monkeypatch.setattr(visitor, "datetime", Tomorrow)
    assert visitor.hashed(ADDRESS) != today
    assert visitor.hashed("") == ""
