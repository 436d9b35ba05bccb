"""A small server for the part of the Hub's API that `create_commit` uses for small files, on 127.0.0.1.

It creates data sets and Spaces, answers `preupload` with the object ids of git, and applies commits sent as NDJSON.
"""

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

_COMMIT = re.compile(
    r"/api/(?:datasets|spaces)/(?P<repo>[^/]+/[^/]+)/(?P<action>preupload|commit|revision|tree)/main(\?.*)?"
)


class CommitServer:
    """The server and the commits that it received.

    Attributes:
        files: by repository, the content of each path at the head.
        commits: by repository, the paths that each commit changed.
        visibility: by repository, the visibility that it was created with.
        committed: set by the first commit.
        refusing: answer each write with 403, as to a user without write permission.
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
        """The JSON lines of all files of a data set."""
        return [json.loads(line) for content in self.files[repo].values() for line in content.splitlines()]

    def create(self, request: dict) -> tuple[int, dict]:
        repo = f"{request['organization']}/{request['name']}"
        kind = request["type"]
        assert kind == "dataset" or (kind == "space" and request["sdk"] == "gradio")
        new = repo not in self.files
        if new:
            self.files[repo], self.commits[repo], self.visibility[repo] = {}, [], request.get("visibility", "")
        return (200 if new else 409), {"url": f"{self.url}/{kind}s/{repo}"}

    def validate(self, request: dict) -> tuple[int, dict]:
        try:
            metadata = yaml.safe_load(request["content"].split("---\n")[1])
            errors = [] if metadata["license"] else [{"message": "license is empty"}]
        except (yaml.YAMLError, KeyError, IndexError, TypeError) as error:
            errors = [{"message": str(error)}]
        return (400 if errors else 200), {"errors": errors, "warnings": []}

    def preupload(self, repo: str, request: dict) -> tuple[int, dict]:
        files = self.files[repo]
        return 200, {
            "files": [
                {"path": path, "uploadMode": "regular", "shouldIgnore": False, "oid": _oid(files.get(path))}
                for path in (file["path"] for file in request["files"])
            ]
        }

    def commit(self, repo: str, operations: list[dict]) -> tuple[int, dict]:
        header, *changes = operations
        assert header["key"] == "header"
        assert {change["key"] for change in changes} <= {"file", "deletedFile"}, "this server takes only small files"
        changed = {change["value"]["path"]: base64.b64decode(change["value"].get("content", "")) for change in changes}
        for change in changes:
            path = change["value"]["path"]
            if change["key"] == "file":
                self.files[repo][path] = changed[path]
            else:
                del self.files[repo][path]
        self.commits[repo].append(sorted(changed))
        self.committed.set()
        sha = self._head(repo)
        return 200, {"commitUrl": f"{self.url}/datasets/{repo}/commit/{sha}", "commitOid": sha}

    def tree(self, repo: str) -> list[dict]:
        return [
            {"type": "file", "path": path, "size": len(content), "oid": _oid(content)}
            for path, content in self.files[repo].items()
        ]

    def _head(self, repo: str) -> str:
        return hashlib.sha1(json.dumps(self.commits[repo]).encode()).hexdigest()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hub.refusing:
                    return self._answer(403, {"error": "You don't have the right to write here"})
                if self.path == "/api/validate-yaml":  # of a README.md, before anything is sent
                    return self._answer(*hub.validate(json.loads(body)))
                if self.path == "/api/repos/create":
                    return self._answer(*hub.create(json.loads(body)))
                match = _COMMIT.fullmatch(self.path)
                if match is None or match["repo"] not in hub.files:
                    return self._answer(404, {"error": "Not found"})
                if match["action"] == "preupload":
                    return self._answer(*hub.preupload(match["repo"], json.loads(body)))
                return self._answer(*hub.commit(match["repo"], [json.loads(line) for line in body.splitlines()]))

            def do_GET(self) -> None:
                match = _COMMIT.fullmatch(self.path)
                if match is None or match["repo"] not in hub.files:
                    return self._answer(404, {"error": "Not found"})
                if match["action"] == "tree":
                    return self._answer(200, hub.tree(match["repo"]))
                return self._answer(200, {"id": match["repo"], "sha": hub._head(match["repo"]), "tags": []})

            def _answer(self, status: int, answer: dict | list) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Print nothing, to keep the output of pytest short."""

        return Handler


def _oid(content: bytes | None) -> str | None:
    """The object id of a file in git; None if there is no file."""
    return None if content is None else hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
