"""Parts of a large file over HTTP: the server's status, range and length are all checked."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from huggingface_hub import get_session
from huggingface_hub.utils import build_hf_headers

from models.errors import WeightsError
from models.hub import http_errors

SECONDS = 30.0  # without a byte, after which a server counts as gone
PIECE = 8 * 2**20  # bytes of one request
TRIES = 3  # in a row without a single new byte
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class RangeIgnoredError(WeightsError):
    """The server sends the whole file whatever was asked for."""


class _BrokenError(Exception):
    """The connection failed or ended early; asking again may help."""


class RemoteFile:
    """A file behind an address, of which byte ranges can be read.

    Args:
        url: where it is; the client's own headers go along, a token to the first host only.
        whole: where the server ignores Range, read from the start and skip what is not wanted.

    Raises:
        RangeIgnoredError: the server ignores Range and `whole` does not allow that.
        WeightsError: it can't be had.
    """

    def __init__(self, url: str, *, whole: bool = False) -> None:
        self.url = url
        self.size = 0
        self.ranged = True
        try:
            b"".join(self._retried(0, 1))
        except RangeIgnoredError:
            if not whole:
                raise
            self.ranged = False
            b"".join(self._retried(0, 1))

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield exactly the bytes [start, end), in order; a broken connection is taken up where it broke.

        Raises:
            WeightsError: the server does not send them.
        """
        if end > self.size:
            raise WeightsError(f"{self.url} has {self.size:,} bytes, {end:,} are needed")
        step = PIECE if self.ranged else end - start
        for begin in range(start, end, max(step, 1)):
            yield from self._retried(begin, min(begin + step, end))

    def _retried(self, start: int, end: int) -> Iterator[bytes]:
        at, failed = start, 0
        while at < end:
            begun = at
            try:
                for chunk in self._request(at, end):
                    yield chunk
                    at += len(chunk)
            except _BrokenError as error:
                failed = failed + 1 if at == begun else 1
                if failed == TRIES:
                    raise WeightsError(f"{self.url} broke off at byte {at:,} of {self.size:,}: {error}") from error

    def _request(self, start: int, end: int) -> Iterator[bytes]:
        headers = {**build_hf_headers(library_name="just-look"), "Accept-Encoding": "identity"}
        if self.ranged:
            headers["Range"] = f"bytes={start}-{end - 1}"
        with contextlib.ExitStack() as stack:
            try:
                asking = get_session().stream("GET", self.url, headers=headers, timeout=SECONDS, follow_redirects=True)
                response = stack.enter_context(asking)
            except Exception as error:  # those of the HTTP library, which changes between versions of the client
                raise _BrokenError(http_errors.first_line(error)) from error
            self._check(response, start, end)
            yield from self._body(response.iter_raw(), skip=0 if self.ranged else start, wanted=end - start)

    def _check(self, response: Any, start: int, end: int) -> None:
        """Hold the answer's head against the question, and learn the file's size from the first."""
        if response.status_code >= 500 or response.status_code == 429:
            raise _BrokenError(f"status {response.status_code}")
        if response.status_code not in (200, 206):
            raise WeightsError(f"{self.url} can't be had: status {response.status_code}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise WeightsError(f"{self.url} comes compressed, although that was declined")
        if not self.ranged:
            if response.status_code != 200:
                raise WeightsError(f"{self.url} sends a part, although the whole was asked for")
            size = int(response.headers.get("Content-Length", "0"))
        elif response.status_code == 200:
            stated = response.headers.get("Content-Length", "?")
            raise RangeIgnoredError(f"{self.url} ignores Range and would send all {stated} bytes: allow it (--whole)")
        else:
            size = self._stated(response.headers.get("Content-Range", ""), start, end)
        if not size or self.size not in (0, size):
            raise WeightsError(f"{self.url} had {self.size:,} bytes and now states {size:,}")
        self.size = size

    def _stated(self, content_range: str, start: int, end: int) -> int:
        match = _RANGE.fullmatch(content_range.strip())
        if match is None or (int(match[1]), int(match[2])) != (start, end - 1):
            request = f"{self.url} was asked for the bytes {start}-{end - 1}"
            raise WeightsError(f"{request} and answers with {content_range!r:.60}")
        return int(match[3])

    def _body(self, chunks: Iterator[bytes], *, skip: int, wanted: int) -> Iterator[bytes]:
        """Yield `wanted` bytes after the first `skip`; a part must hold no more, of a whole file the rest is left."""
        left = wanted
        while left or self.ranged:
            try:
                chunk = next(chunks, None)
            except Exception as error:
                raise _BrokenError(http_errors.first_line(error)) from error
            if chunk is None:
                break
            skipped = min(skip, len(chunk))
            skip, chunk = skip - skipped, chunk[skipped:]
            if self.ranged and len(chunk) > left:
                raise WeightsError(f"{self.url} sends more than the {wanted:,} bytes it announced")
            if piece := chunk[:left]:
                yield piece
                left -= len(piece)
        if left:
            raise _BrokenError(f"{left:,} of {wanted:,} bytes are missing")
