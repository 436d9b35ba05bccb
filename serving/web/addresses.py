"""The addresses that the app answers. Everything else is refused before anything of it is read.

A new plain route needs an entry in `OPEN`; `tests/unit/serving/web/test_addresses.py` compares the list with the
routes of the app.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Scope

KB, MB = 2**10, 2**20
API = "/gradio_api"
CALL = 4 * MB  # bytes of a call: pictures come as uploads, small ones as data URLs
RATING = 256 * KB  # of an answer, with its questions
SHORT = 8 * KB  # of what a phone in a class sends
ARCHIVE = 92 * MB  # of an owner's study with 64 MB of pictures, as base64
UPLOADS = 40 * MB  # of all files that are sent at once; each of them may have 20 MB
LONGEST = 255  # bytes of a file's name
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Address:
    """An address, or all that begin like it.

    Attributes:
        path: from the root of the app; with a star at its end, every path that begins with what is before the star.
        methods: what may be asked; GET answers HEAD too.
        body: bytes that a request may carry.
        files: whether the body is uploaded files, which are read piece by piece and never held in memory.
    """

    path: str
    methods: tuple[str, ...] = ("GET",)
    body: int = 0
    files: bool = False

    def answers(self, path: str) -> bool:
        """Whether a path is meant."""
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return path == self.path

    def takes(self, method: str) -> bool:
        """Whether a method is answered; a browser may always ask what it may do (OPTIONS)."""
        return method in self.methods or method == "OPTIONS" or (method == "HEAD" and "GET" in self.methods)


POST = ("POST",)

OPEN: tuple[Address, ...] = (
    # the page and its parts
    Address("/"),
    Address("/config"),
    Address("/theme.css"),
    Address("/favicon.ico"),
    Address("/manifest.json"),
    Address("/robots.txt"),
    Address("/assets/*"),
    Address("/static/*"),
    Address("/svelte/*"),
    Address(f"{API}/theme.css"),
    Address(f"{API}/app_id"),
    Address(f"{API}/startup-events"),
    Address(f"{API}/heartbeat/*"),
    # files: what the app made, and what visitors send
    Address(f"{API}/file=*"),
    Address(f"{API}/upload", POST, UPLOADS, files=True),
    Address(f"{API}/upload_progress"),
    # calls
    Address(f"{API}/info"),
    Address(f"{API}/info/"),
    Address(f"{API}/queue/join", POST, CALL),
    Address(f"{API}/queue/data"),
    Address(f"{API}/cancel", POST, 4 * KB),
    Address(f"{API}/reset", POST, 4 * KB),
    Address(f"{API}/call/*", ("GET", "POST"), CALL),
    Address(f"{API}/run/rating_upload", POST, ARCHIVE),
    Address(f"{API}/run/rating_compose", POST, CALL),
    Address(f"{API}/run/rating_*", POST, RATING),
    Address(f"{API}/run/*", POST, CALL),
    Address(f"{API}/mcp*", ("GET", "POST", "DELETE"), CALL),
    # sign-in with Hugging Face
    Address("/login/huggingface"),
    Address("/login/callback"),
    Address("/logout"),
    # the app's own
    Address("/samples/*"),
    Address("/flags/*"),
    Address("/thumbnails/*"),
    Address("/preview.jpg"),
    Address("/generators/*"),  # for the visitor's own browser
    Address("/classifiers/*"),
    Address("/fakes/*"),
    Address("/rating/export/*"),
    # the lecture and the class
    Address("/lecture"),
    Address("/lecture/*"),
    Address("/teach"),
    Address("/teach/*", POST, SHORT),
    Address("/class"),
    Address("/class/*", ("GET", "POST"), SHORT),
    Address("/c/*"),
    # for those who keep the app running
    Address("/healthz"),
    Address("/readyz"),
)


def meant(path: str) -> Address | None:
    """The first entry that answers a path; None where the app has no such address.

    A path with a control character, or with a part that is longer than a file's name can be, is none: behind this,
    addresses and files are made of paths.
    """
    if CONTROL.search(path) or any(len(part.encode()) > LONGEST for part in path.split("/")):
        return None
    return next((address for address in OPEN if address.answers(path)), None)


def label(scope: Scope) -> tuple[str, str]:
    """The address and the method by which the log and the metrics name a request; `other` where they are not listed.

    It is the entry that `refusing.OnlyOpen` has put into the scope, never a visitor's text.
    """
    entry: Address | None = scope.get("address")
    return (entry.path, scope["method"]) if entry else ("other", "other")


def check(paths: Iterable[str]) -> None:
    """Check that the app's own routes are open; a route that nobody could reach is a mistake.

    Args:
        paths: of the routes, with their parameters in braces.

    Raises:
        ValueError: one is not listed; the message names it.
    """
    for path in paths:
        if meant(re.sub(r"\{[^}]*\}", "x", path)) is None:
            raise ValueError(f"{path} is not among the open addresses: add it to OPEN in serving/web/addresses.py")
