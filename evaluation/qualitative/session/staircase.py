"""The staircase of exposure times in HYPE-time (Zhou et al., NeurIPS 2019).

The first picture shows for 500 ms. A right answer makes the next one 10 ms shorter, a wrong one 30 ms longer, within
100 … 1000 ms. Steps of one to three settle where three of four answers are right (Kaernbach, 1991).
"""

from __future__ import annotations

START_MS = 500
SHORTEST_MS = 100
LONGEST_MS = 1000
DOWN_MS = 10
UP_MS = 30


def next_exposure(exposure_ms: int, *, right: bool) -> int:
    """Return how long the next picture shows, in ms, after an answer to one that showed for `exposure_ms`."""
    following = exposure_ms - DOWN_MS if right else exposure_ms + UP_MS
    return min(LONGEST_MS, max(SHORTEST_MS, following))
