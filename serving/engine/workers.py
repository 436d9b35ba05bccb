"""How many engines work at the same time: one in this process, or the replicas of a cluster."""

from __future__ import annotations

import os
import re


def replicas() -> tuple[int, int]:
    """The fewest and the most replicas of a cluster (`JUST_LOOK_REPLICAS`).

    Raises:
        ValueError: the setting is neither a number nor a range.
    """
    wished = os.environ.get("JUST_LOOK_REPLICAS", "2")
    match = re.fullmatch(r"([1-9]\d{0,3})(?:-([1-9]\d{0,3}))?", wished)
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise ValueError(f"JUST_LOOK_REPLICAS: {wished!r} is neither a number such as 2 nor a range such as 1-8.")
    return int(match[1]), int(match[2] or match[1])


def workers() -> int:
    """How many heavy requests may be worked at side by side."""
    return replicas()[1] if os.environ.get("JUST_LOOK_ENGINE", "local") == "cluster" else 1
