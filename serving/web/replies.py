"""Short answers that the edge gives itself, in a form that browsers, scripts and Gradio's clients read."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

NO_ADDRESS = "There is no such address in this app. Begin at its first page."
NO_METHOD = "This address does not take such a request."


def refusal(status: int, sentence: str) -> JSONResponse:
    """An answer with a sentence that says what is wrong and what to do; `status` of HTTP, 400 to 599."""
    # Gradio's Python client reads `detail`, its browser client and our own scripts read `error`
    return JSONResponse({"detail": sentence, "error": sentence}, status, {"Cache-Control": "no-store"})


async def refuse(
    scope: Scope, receive: Receive, send: Send, *, status: int, sentence: str, retry_s: int | None = None
) -> None:
    """Answer with a sentence and read nothing.

    Args:
        scope: of the request.
        receive: of the request.
        send: of the request.
        status: of HTTP, 400 to 599.
        sentence: what is wrong and what to do.
        retry_s: after how many seconds it is worth asking again.
    """
    answer = refusal(status, sentence)
    if status == 413:
        answer.headers["Connection"] = "close"
    if retry_s is not None:
        answer.headers["Retry-After"] = str(retry_s)
    await answer(scope, receive, send)
