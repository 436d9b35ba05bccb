"""Small words of the methods paragraph."""

from __future__ import annotations

from collections.abc import Sequence


def was(number: int) -> str:
    """Return the verb for so many."""
    return "was" if number == 1 else "were"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
