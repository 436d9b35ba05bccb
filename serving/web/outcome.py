"""Lets the code behind Gradio say which HTTP status its failure has; Gradio itself answers 500 to every one."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY = "just_look.status"


def fails_with(scope: Scope, status: int) -> None:
    """Give a request's failure a status of its own, such as 400 where the visitor's values don't fit."""
    if KEY in scope:
        scope[KEY][0] = status


class Outcome:
    """Replaces a 500 by the status that was set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, failures with their status."""
        status = [0]
        scope[KEY] = status

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 500 and status[0]:
                message = {**message, "status": status[0]}
            await send(message)

        await self.app(scope, receive, sending)
