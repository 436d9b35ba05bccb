"""Values, bodies, headers and targets that no part of the app expects."""

from __future__ import annotations

import json
from typing import Any

FILE = {"meta": {"_type": "gradio.FileData"}}

# for one argument of an action, the others being what they should be
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    1e308,
    10**400,
    float("nan"),
    float("-inf"),
    "",
    "x",
    "\0",
    "\ud800",
    "../../etc/passwd",
    "😀" * 200,
    [],
    [[[[[[[[1]]]]]]]],
    [None] * 300,
    {},
    {"x": {"y": {"z": None}}},
    {"path": "/etc/passwd", **FILE},
    {"path": 5, "url": [], **FILE},
    {"path": None, "url": "http://127.0.0.1:1/x.png", **FILE},
    {"path": "a\0b", **FILE},
    "data:image/png;base64,AAAA",
    {"__type__": "update", "value": 1},
)


def _deep(opening: str, closing: str, depth: int) -> bytes:
    return (opening * depth + closing * depth).encode()


# in the place of a whole JSON body
BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"0",
    b'"x"',
    b"[]",
    b"{}",
    b"{",
    b'{"data":',
    b'{"data":[1,2',
    b'{"data":null}',
    b'{"data":{}}',
    b'{"data":"text"}',
    b'{"data":[NaN]}',
    b'{"data":[Infinity,-Infinity]}',
    b'{"data":[1e999]}',
    b'{"data":[' + b"9" * 5_000 + b"]}",
    b'{"data":' + _deep("[", "]", 900) + b"}",
    _deep("[", "]", 20_000),
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"data":["\\u0000"]}',
    b'{"data":["\\ud800"]}',
    b'{"data":["\x00"]}',
    b'{"data":["\xff\xfe"]}',
    b"\xef\xbb\xbf{}",
    '{"data":[]}'.encode("utf-16"),
    b'{"data":[],"data":{}}',
    b'{"data":[],"fn_index":-1}',
    b'{"data":[],"fn_index":1e9}',
    b'{"data":[],"fn_index":"x"}',
    b'{"data":[],"fn_index":[]}',
    b'{"data":[],"fn_index":99999999999999999999}',
    b'{"data":[],"fn_index":3,"session_hash":5}',
    b'{"data":[],"fn_index":3,"session_hash":["a"]}',
    b'{"data":[],"fn_index":3,"session_hash":"\\u0000"}',
    b'{"data":[],"fn_index":3,"session_hash":""}',
    b'{"data":[],"fn_index":3,"session_hash":"' + b"s" * 4_000 + b'"}',
    b'{"data":[],"fn_index":3,"session_hash":"h","trigger_id":"x"}',
    b'{"data":[],"fn_index":3,"session_hash":"h","event_data":[1]}',
    b'{"data":[],"fn_index":3,"session_hash":"h","event_id":{}}',
    b'{"data":[],"fn_index":3,"session_hash":"h","request":{"client":5}}',
    b'{"data":[],"fn_index":3,"session_hash":"h","batched":true}',
    b'{"data":[],"fn_index":3,"session_hash":"h","simple_format":"?"}',
    b'{"event_id":5,"session_hash":null,"fn_index":{}}',
    b'{"event_id":"x","session_hash":"\\ud800","fn_index":0}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":5,"arguments":[]}}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sample","arguments":{"seed":"x"}}}',
    b'{"jsonrpc":"1.0","id":{},"method":[]}',
    b'[{"jsonrpc":"2.0"},5,null]',
    b"data=1&data=2",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b"\x1f\x8b\x08\x00rubbish",
    b"x" * 300_000,
)

TYPES: tuple[str, ...] = (
    "application/json",
    "text/plain",
    "",
    "application/json; charset=klingon",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=b",
    "application/xml",
    "image/png",
    "a/b/c;;;=",
)

# lines beside the usual ones
HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Length", "-1"),
    ("Content-Length", "many"),
    ("Content-Length", "99999999999999999999"),
    ("Transfer-Encoding", "chunked"),
    ("Transfer-Encoding", "gzip, rubbish"),
    ("Content-Encoding", "gzip"),
    ("Expect", "200-maybe"),
    ("X-Forwarded-For", "not an address, \xff, ::::"),
    ("X-Forwarded-For", ", " * 500),
    ("X-Forwarded-Proto", "gopher"),
    ("X-Forwarded-Host", "a\tb"),
    ("Host", ""),
    ("Host", "[::1"),
    ("Host", "x" * 2_000),
    ("Host", "a b"),
    ("X-Forwarded-Host", "[::1"),
    ("X-Gradio-Server", "http://[bad"),
    ("Origin", "http://[bad"),
    ("Origin", "null"),
    ("Origin", "http://a:99999999"),
    ("Cookie", "session=\xff; =; ;;; a=b=c"),
    ("Cookie", "session=" + "A" * 6_000),
    ("Authorization", "Bearer \xff\xfe"),
    ("Accept", "\xff/*;q=x"),
    ("Accept-Language", "x" * 4_000),
    ("Accept-Encoding", "gzip;q=nan"),
    ("Range", "bytes=5-1"),
    ("Range", "bytes=" + "0-1," * 500),
    ("Range", "lines=1-"),
    ("If-None-Match", "\xff"),
    ("If-Modified-Since", "never"),
    ("Sec-Fetch-Site", "\xff"),
    ("X-Gradio-User", "a\x01b"),
    ("Referer", "http://[bad/?__theme=\xff"),
    ("Mcp-Session-Id", "\xff"),
    ("Upgrade", "websocket"),
)

# behind the beginning of an address
TAILS: tuple[str, ...] = (
    "",
    "x",
    "x/y/z",
    "..",
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/app.py",
    "%00",
    "a%00b",
    "%ff%fe",
    "%",
    "%zz",
    "\\..\\app.py",
    "//example.org",
    "x" * 3_000,
    "%F0%9F%98%80",
    "\xff\xfe",
    "a;b=c",
    "x.js.map",
    "NaN",
    "-1",
    "9" * 400,
)

QUERIES: tuple[str, ...] = (
    "?session_hash=",
    "?session_hash=%00",
    "?session_hash=%ff&session_hash=x",
    "?session_hash[]=1",
    "?upload_id=%00",
    "?upload_id=nobody",
    "?study=%ff&PROLIFIC_PID=%00",
    "?__theme=%ff&view=\xff",
    "?all_endpoints=maybe",
    "?" + "a=1&" * 2_000,
    "?%",
    "?code=x&state=%ff",
    "?_target_url=//example.org",
    "?deep_link=%2e%2e%2fx",
)

METHODS: tuple[str, ...] = (
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "BREW",
    "get",
)


def part(disposition: str, content: bytes, *, boundary: str = "b") -> bytes:
    """A part of a multipart body."""
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode("latin-1") + content + b"\r\n"


UPLOADS: tuple[bytes, ...] = (
    b"",
    b"--b--\r\n",
    b"--b\r\n",
    b"--b\r\n\r\n",
    b"--other\r\nContent-Disposition: form-data\r\n\r\nx\r\n--other--\r\n",
    part('form-data; name="files"', b"no file name") + b"--b--\r\n",
    part('form-data; name="files"; filename=""', b"") + b"--b--\r\n",
    part('form-data; name="files"; filename="../../x.py"', b"x") + b"--b--\r\n",
    part('form-data; name="files"; filename="a\0b"', b"x") + b"--b--\r\n",
    part('form-data; name="files"; filename="' + "n" * 5_000 + '"', b"x") + b"--b--\r\n",
    part('form-data; name="files"; filename="."', b"x") + b"--b--\r\n",
    part('form-data; name="files"; filename="/"', b"x") + b"--b--\r\n",
    part("form-data; name=\"files\"; filename*=UTF-8''%ff%fe", b"x") + b"--b--\r\n",
    part('form-data; name="files"; filename="\xff\xfe.png"', b"x") + b"--b--\r\n",
    part('form-data; name="other"; filename="x.png"', b"x") + b"--b--\r\n",
    part("form-data", b"x") + b"--b--\r\n",
    part('attachment; name="files"; filename="x"', b"x") + b"--b--\r\n",
    part('form-data; name="files"; filename="x"', b"never ends"),
    b"".join(part(f'form-data; name="files"; filename="{n}"', b"x") for n in range(1_200)) + b"--b--\r\n",
    b"".join(part(f'form-data; name="n{n}"', b"x") for n in range(1_200)) + b"--b--\r\n",
    b"--b\r\n" + b"X: y\r\n" * 2_000 + b"\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition\r\n\r\nx\r\n--b--\r\n",
    b"\x00" * 1_000,
)

# not HTTP, or only nearly
RAW: tuple[bytes, ...] = (
    b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
    b"GET /\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
    b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    b"GET / HTTP/1.1\r\nA\x00: b\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}",
    b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n",
    b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
)


def body(values: list[Any], **more: Any) -> bytes:
    """The body of a call with these values; NaN, infinities and lone surrogates stay in it."""
    return json.dumps({"data": values, **more}).encode("utf-8", "surrogatepass")
