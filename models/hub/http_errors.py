"""What an error of the Hub's client says, on one line. Which classes it raises changes between its versions."""

from __future__ import annotations

LONGEST = 200  # characters: some clients put a whole page of HTML into a message


def first_line(error: Exception) -> str:
    """The first line of a message without its full stop, or the error's class where there is no message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:LONGEST].rstrip(".")
