"""The tracebacks in an app's log."""

from __future__ import annotations

from collections import Counter

TRACEBACK = "Traceback (most recent call last)"


def causes(log: str) -> Counter[str]:
    """How often each error ended a traceback: its last line, with the place above it."""
    counted: Counter[str] = Counter()
    inside, place = False, ""
    for line in log.splitlines():
        if line.lstrip(" |").startswith(TRACEBACK):
            inside = True
        elif inside and line.lstrip(" |").startswith("File "):
            place = line.strip(" |")
        elif inside and line and not line.startswith(" "):
            inside = False
            counted[f"{line[:160]} ({place})"] += 1
    return counted
