"""Three studies over HTTP, and raters who take part in them as their browsers do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.sessions import EARLY_AND_LATE

RATERS = 4  # in each study: one for each number of answers
BALLOTS = 3
CODE = "C0DE-OKAPI"
RUNNING, CLOSED, CASUAL = "hostile-running", "hostile-closed", "hostile-casual"
STUDY = (
    """
title = "Handwriting"
question = "Which sheet looks more like real handwriting?"
results = "public"
sheet = 1
answers = ["tie", "skip"]
{session}
[items]
seeds = 20
"""
    + EARLY_AND_LATE
)
SESSION = f"""
consent = "Do you agree?"
[[before]]
id = "drawing"
ask = "How often do you draw?"
kind = "choice"
options = ["never", "often"]
[session]
ballots_per_rater = {BALLOTS}
minimum_look_ms = 0
corrections = true
[completion]
code = "{CODE}"
"""


def write_studies(folder: Path) -> None:
    """Write the three studies into `studies` in the folder."""
    (folder / "studies").mkdir(exist_ok=True)
    for name, session in ((RUNNING, SESSION), (CLOSED, SESSION), (CASUAL, "")):
        (folder / "studies" / f"{name}.toml").write_text(STUDY.format(session=session))


@dataclass(kw_only=True)
class Rater:
    """Somebody who takes part, with the secret that only this rater's browser has.

    Attributes:
        study: name of the study.
        link: parameters of the rater's link.
        secret: of the rater.
        ballot: the open ballot, or None after the last.
    """

    study: str
    link: dict[str, str]
    secret: str = ""
    ballot: str | None = None


class Site:
    """The app over HTTP, as anybody calls it."""

    def __init__(self, url: str) -> None:
        """Connect to the app at `url`."""
        self._client = httpx.Client(base_url=f"{url}/gradio_api/run/", timeout=60)

    def call(self, action: str, *data: Any, address: str | None = None) -> tuple[int, str, Any]:
        """Return the status, the text and the value of a reply."""
        headers = {} if address is None else {"X-Forwarded-For": address}
        reply = self._client.post(action, json={"data": data}, headers=headers)
        value = reply.json()["data"][0] if reply.status_code == httpx.codes.OK else None
        return reply.status_code, reply.text, value

    def take_part(self, rater: Rater, *, answers: int) -> None:
        """Let a rater open the link, consent and answer."""
        if rater.study == CASUAL:
            for _ in range(answers + 1):
                _, _, ballot = self.call("next_ballot", rater.secret, rater.study)
                rater.secret, rater.ballot = ballot["rater"], ballot["ballot"]
                if answers:
                    self.call("cast_vote", rater.ballot, "left", rater.secret, 900, None, False)
                    answers -= 1
            return
        _, _, state = self.call("rating_open", rater.study, "", {**rater.link, "fresh": secrets.token_urlsafe(16)})
        rater.secret = state["rater"]
        self.call("rating_act", rater.study, rater.secret, "consent")
        _, _, state = self.call("rating_questions", rater.study, rater.secret, {"drawing": "never"})
        for _ in range(answers):
            self.call("rating_answer", rater.secret, state["ballot"]["ballot"], "left", 900, None)
            _, _, state = self.call("rating_open", rater.study, rater.secret, rater.link)
        rater.ballot = state["ballot"]["ballot"] if "ballot" in state else None
