"""The part of the Hub's API that `create_commit` uses for small files, over real HTTP on 127.0.0.1. It is not the Hub.

It creates data sets, answers `preupload` with git's own object ids, and applies commits sent as NDJSON.
"""

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_COMMIT = re.compile(r"/api/datasets/(?P<repo>[^/]+/[^/]+)/(?P<action>preupload|commit|revision)/main(\?.*)?")


class CommitServer:
    """What it was sent.

    Attributes:
        files: by data set, the content of each path at the head.
        commits: by data set, the paths that each commit changed.
        visibility: by data set, as it was created.
        committed: set with the first commit.
        refusing: answer everything that changes something with 403, as to somebody without the right to write.
    """

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.commits: dict[str, list[list[str]]] = {}
        self.visibility: dict[str, str] = {}
        self.committed = threading.Event()
        self.refusing = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def serving(self) -> Iterator["CommitServer"]:
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def lines(self, repo: str) -> list[dict]:
        """All JSON lines of a data set, whatever file they are in."""
        return [json.loads(line) for content in self.files[repo].values() for line in content.splitlines()]

    def create(self, told: dict) -> tuple[int, dict]:
        repo = f"{told['organization']}/{told['name']}"
        assert told["type"] == "dataset"
        new = repo not in self.files
        if new:
            self.files[repo], self.commits[repo], self.visibility[repo] = {}, [], told.get("visibility", "")
        return (200 if new else 409), {"url": f"{self.url}/datasets/{repo}"}

    def preupload(self, repo: str, told: dict) -> tuple[int, dict]:
        here = self.files[repo]
        return 200, {
            "files": [
                {"path": path, "uploadMode": "regular", "shouldIgnore": False, "oid": _oid(here.get(path))}
                for path in (file["path"] for file in told["files"])
            ]
        }

    def commit(self, repo: str, operations: list[dict]) -> tuple[int, dict]:
        header, *changes = operations
        assert header["key"] == "header"
        assert {change["key"] for change in changes} == {"file"}, "only small files are added here"
        changed = {one["value"]["path"]: base64.b64decode(one["value"]["content"]) for one in changes}
        self.files[repo].update(changed)
        self.commits[repo].append(sorted(changed))
        self.committed.set()
        sha = self._head(repo)
        return 200, {"commitUrl": f"{self.url}/datasets/{repo}/commit/{sha}", "commitOid": sha}

    def _head(self, repo: str) -> str:
        return hashlib.sha1(json.dumps(self.commits[repo]).encode()).hexdigest()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hub.refusing:
                    return self._answer(403, {"error": "You don't have the right to write here"})
                if self.path == "/api/repos/create":
                    return self._answer(*hub.create(json.loads(body)))
                asked = _COMMIT.fullmatch(self.path)
                if asked is None or asked["repo"] not in hub.files:
                    return self._answer(404, {"error": "Not found"})
                if asked["action"] == "preupload":
                    return self._answer(*hub.preupload(asked["repo"], json.loads(body)))
                return self._answer(*hub.commit(asked["repo"], [json.loads(line) for line in body.splitlines()]))

            def do_GET(self) -> None:
                asked = _COMMIT.fullmatch(self.path)
                if asked is None or asked["repo"] not in hub.files:
                    return self._answer(404, {"error": "Not found"})
                return self._answer(200, {"id": asked["repo"], "sha": hub._head(asked["repo"]), "tags": []})

            def _answer(self, status: int, told: dict) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing: pytest's output is for findings."""

        return Handler


def _oid(content: bytes | None) -> str | None:
    """The id that git gives a file."""
    return None if content is None else hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
