"""12,000 malformed requests to every address: `python -m benchmarks.serve.malformed [--quick] [--seed N]`.

Every open and every refused address, Gradio's own too, with all methods; every action, listed or private, with wrong
types in each of its arguments; JSON that is cut, deep, huge, NaN or no JSON; wrong content types, headers, uploads and
targets; bytes that are no HTTP. The same seed sends the same requests. No answer may be a 5xx or hold a traceback, the
log may hold none either, and the app serves afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import app_http
from benchmarks.report import Figure, print_report
from benchmarks.serve import crowd
from benchmarks.serve.log import TRACEBACK, causes
from benchmarks.serve.malformed.requests import actions, addresses, requests
from benchmarks.serve.malformed.sending import Findings, send_all
from benchmarks.votes.ledger import Ledger
from benchmarks.votes.storm import DISK
from tests.support.app_server import AppProcess, app_process

NUMBER, QUICK = 12_000, 2_500
LOG_BYTES = 300  # per request
NORMAL_S = 5.0  # a sample and a vote afterwards


@dataclass(frozen=True, kw_only=True)
class MalformedRun:
    """What was measured.

    Attributes:
        findings: in the answers.
        seconds: from the first request to the last answer.
        logged: what the app wrote meanwhile.
        serves_s: until a sample and a vote were answered normally afterwards.
    """

    findings: Findings
    seconds: float
    logged: bytes
    serves_s: float


def measure(app: AppProcess, *, seed: int, number: int) -> MalformedRun:
    """Send the requests, then ask for a sample and a vote."""
    with httpx.Client(base_url=app.url, timeout=60) as http:
        known = actions(http)
    written = app.log.stat().st_size
    begun = time.perf_counter()
    findings = asyncio.run(send_all(app.port, requests(known, addresses(), seed=seed, number=number)))
    seconds, logged = time.perf_counter() - begun, app.log.read_bytes()[written:]

    async def serves() -> float:
        async with app_http.client(app.url) as http:
            return await crowd.recovery(http, Ledger(), normal_s=NORMAL_S)

    return MalformedRun(findings=findings, seconds=seconds, logged=logged, serves_s=asyncio.run(serves()))


def report(run: MalformedRun, number: int) -> None:
    """Print the answers by kind, the first of each kind of finding, and the figures."""
    findings, logged = run.findings, run.logged
    statuses = sorted({status for _, status in findings.statuses})
    print(f"{'':12}{'sent':>7}" + "".join(f"{status or 'none':>7}" for status in statuses))
    for kind, sent in findings.sent.items():
        print(f"{kind:12}{sent:7}" + "".join(f"{findings.statuses[kind, status]:7}" for status in statuses))
    for title in ("server_errors", "tracebacks", "unanswered", "no_sentence"):
        for name in sorted(set(getattr(findings, title)))[:40]:
            print(f"{title}: {name}")
    for cause, count in causes(logged.decode(errors="replace")).most_common(20):
        print(f"in the log, {count} times: {cause}")
    sent = sum(findings.sent.values())
    figures = [
        Figure("requests", sent, number, at_least=True),
        Figure("server_errors", len(findings.server_errors), 0),
        Figure("tracebacks_in_answers", len(findings.tracebacks), 0),
        Figure("tracebacks_in_the_log", logged.count(TRACEBACK.encode()), 0),
        Figure("nul_bytes_in_the_log", logged.count(b"\0"), 0),
        Figure("unanswered", len(findings.unanswered), 0),
        Figure("without_a_sentence", len(findings.no_sentence), 0),
        Figure("log_bytes_per_request", len(logged) / sent, LOG_BYTES),
        Figure("serves_again_s", run.serves_s, NORMAL_S),
    ]
    print_report("Malformed requests", {"a request (mean)": [run.seconds / sent]}, figures)


def main() -> None:
    """Start the app, send the requests, report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serve.malformed", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} requests")
    parser.add_argument("--seed", type=int, default=0, help="another order, and other random changes")
    options = parser.parse_args()
    number = QUICK if options.quick else NUMBER
    with tempfile.TemporaryDirectory(dir=DISK, prefix="malformed-") as name, app_process(Path(name)) as app:
        report(measure(app, seed=options.seed, number=number), number)


if __name__ == "__main__":
    main()
