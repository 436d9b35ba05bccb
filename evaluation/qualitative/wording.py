"""Counts in words: `1 vote`, `2 votes`."""

from __future__ import annotations


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun, such as `1 vote` or `1,200 votes`.

    Args:
        number: how many.
        singular: the noun, and whatever follows it, for one.
        plural: the same for any other number; `singular` with an s by default.
    """
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"
