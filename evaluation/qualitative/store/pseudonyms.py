"""Pseudonyms of raters: the only name of a rater in exports, results and the mirror.

A rater's id is also the secret with which the rater votes and withdraws, so it goes to that rater alone.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

PREFIX = "rater:"  # no rater id contains a colon, so no pseudonym is ever taken for one


def pseudonym(key: str, study: str, rater: str) -> str:
    """Return a rater's pseudonym: the same in all exports of a study, another one in the next study.

    Args:
        key: the database's key, in hexadecimal digits.
        study: name of the study.
        rater: id of the rater.
    """
    name = f"mirror\n{study}\n{rater}".encode()  # the first word keeps the digits of mirrors that exist already
    return PREFIX + hmac.new(bytes.fromhex(key), name, hashlib.sha256).hexdigest()[:32]


def is_pseudonym(value: Any) -> bool:
    """Return whether a value is a pseudonym and not a rater id."""
    return isinstance(value, str) and value.startswith(PREFIX)
