"""What an error of the Hub's client says, on one line. Which classes it raises changes between its versions."""

from __future__ import annotations

import errno
import re
import socket

LONGEST = 200  # characters: some clients put a whole page of HTML into a message
SYSTEM = re.compile(r"\[Errno (-?\d+)\] ")  # how an error of the operating system begins
UNREACHABLE = {
    *(socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_NODATA, socket.EAI_FAIL),
    *(errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ETIMEDOUT),
}


def first_line(error: Exception) -> str:
    """The first line of a message without its full stop, or the error's class where there is no message."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    system = SYSTEM.match(line)
    if system and int(system[1]) in UNREACHABLE:
        return "it can’t be reached: is there a network connection?"
    return SYSTEM.sub("", line, count=1)[:LONGEST].rstrip(".")
