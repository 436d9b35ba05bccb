"""A server of one large file that answers range requests correctly, or with one of several faults."""

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REVISION = "0123456789abcdef0123456789abcdef01234567"


class Server(ThreadingHTTPServer):
    """Serves one file; `answer` is the correct or a faulty way to answer, `requests` records the ranges."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.content = content
        self.requests: list[tuple[int, int]] = []
        self.answer: Callable[[Request, int, int], None] = honour
        self.url = f"http://127.0.0.1:{self.server_address[1]}/org/large/resolve/{REVISION}/model.safetensors"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # some tests close the connection early


class Request(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/"):
            self.reply(200, json.dumps({"id": "org/large", "sha": REVISION, "siblings": []}).encode())
            return
        if self.path.startswith("/api/"):
            self.reply(404, b"")  # the first call of the client asks for more
            return
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        start, end = (int(match[1]), int(match[2]) + 1) if match else (0, len(self.server.content))
        self.server.requests.append((start, end))
        self.server.answer(self, start, end)

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def honour(request: Request, start: int, end: int) -> None:
    content = request.server.content
    request.reply(206, content[start:end], Content_Range=f"bytes {start}-{end - 1}/{len(content)}")


def ignore(request: Request, start: int, end: int) -> None:
    request.reply(200, request.server.content)


def cut(request: Request, start: int, end: int) -> None:
    """State the full length, send half of it, close the connection."""
    content = request.server.content
    headers = {"Content_Length": str(end - start), "Content_Range": f"bytes {start}-{end - 1}/{len(content)}"}
    request.reply(206, content[start : start + (end - start) // 2], **headers)


def send_more(request: Request, start: int, end: int) -> None:
    content = request.server.content
    headers = {"Content_Range": f"bytes {start}-{end - 1}/{len(content)}"}
    request.reply(206, content[start : end + 1], **headers)


def shift(request: Request, start: int, end: int) -> None:
    content = request.server.content
    request.reply(206, content[start:end], Content_Range=f"bytes {start + 1}-{end}/{len(content)}")


def grow(request: Request, start: int, end: int) -> None:
    content = request.server.content
    total = len(content) + len(request.server.requests)
    request.reply(206, content[start:end], Content_Range=f"bytes {start}-{end - 1}/{total}")


def compress(request: Request, start: int, end: int) -> None:
    content = request.server.content
    headers = {"Content_Range": f"bytes {start}-{end - 1}/{len(content)}", "Content_Encoding": "gzip"}
    request.reply(206, content[start:end], **headers)


def refuse(request: Request, start: int, end: int) -> None:
    request.reply(404, b"")


def fail(request: Request, start: int, end: int) -> None:
    request.reply(503, b"")
