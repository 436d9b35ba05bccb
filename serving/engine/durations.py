"""Lengths of time in words, the same in an engine's estimates and on the page."""

from __future__ import annotations


def in_words(seconds: float) -> str:
    """A length of time with one unit: 12 s, 5 min, 1.5 h."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
