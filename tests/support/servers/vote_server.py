"""Sessions and their store behind a small HTTP server of its own process: what the app's pages call, without torch."""

import tomllib
from contextlib import redirect_stderr
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from evaluation.qualitative.ballot import VoteError, new_rater
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study

STUDY = "digits-by-training-step"


def build(url: str) -> Starlette:
    # Not `study.read`: it also knows what draws, which takes long to load.
    document = tomllib.loads((Path("studies") / f"{STUDY}.toml").read_text())
    sessions = RatingSessions(Store(url), Study.model_validate({"name": STUDY, **document}))

    def ballot(request: Request) -> JSONResponse:
        rater = request.query_params.get("rater") or new_rater()
        next_ballot = sessions.stage(rater).ballot
        assert next_ballot is not None
        return JSONResponse({"ballot": next_ballot.id, "rater": rater})

    def vote(request: Request) -> JSONResponse:
        given = dict(request.query_params)
        try:
            answer = sessions.answer(given["ballot"], rater=given["rater"], choice=given["choice"])
        except (VoteError, StoreUnavailableError) as error:
            return JSONResponse({"error": str(error)}, status_code=409 if isinstance(error, VoteError) else 503)
        return JSONResponse({"already_counted": answer.already_counted})

    return Starlette(routes=[Route("/ballot", ballot), Route("/vote", vote, methods=["POST"])])


def serve(url: str, port: int, log: Path) -> None:
    """Serve until killed; what goes wrong is told in the log."""
    with log.open("a") as out, redirect_stderr(out):
        uvicorn.run(build(url), host="127.0.0.1", port=port, log_level="error")
