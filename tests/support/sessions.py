"""A study as a paper would run it, and raters who go through it, for the tests of rating sessions."""

from typing import Any

import gradio as gr
from starlette.requests import Request

from evaluation.qualitative.ballot import (
    Purpose,
)
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.study import reading as studies
from evaluation.qualitative.study.schema import Study

CASUAL = studies.read("digits-by-training-step")
EARLY_AND_LATE = """
[[arms]]
id = "early"
title = "After 500 steps"
kind = "generator"
model = "mnist-dcgan"
step = 500
[[arms]]
id = "late"
title = "After 20,000 steps"
kind = "generator"
model = "mnist-dcgan"
step = 20_000
"""  # the end of a study file: two snapshots of one generator
RECIPES = (
    """
title = "Recipes"
question = "Which sheet looks more like real handwriting?"
sheet = 4
results = "public"
[items]
seeds = 3
paired = true
"""
    + EARLY_AND_LATE
)  # a whole study file, whose pictures are drawn from seeds
REQUEST = gr.Request(
    Request({"type": "http", "method": "POST", "path": "/", "headers": [], "client": ("192.0.2.7", 5000)})
)
LINK = {"PROLIFIC_PID": "5f2a9c", "STUDY_ID": "st", "SESSION_ID": "se-1"}


def paper(**changes: Any) -> Study:
    """The shipped study as a paper would run it."""
    session = {
        "ballots_per_rater": 8,
        "training": [{"better": "real", "worse": "step-500", "feedback": "Real digits have even strokes."}],
        "attention": [{"answer": "tie", "every": 4}],
        "gold": [{"better": "real", "worse": "step-500", "every": 8}],
        "corrections": True,
        "minimum_look_ms": 0,  # nobody looks here; the tests of the minimum set their own
    }
    fields = {
        **CASUAL.model_dump(exclude={"reveal"}),
        "consent": "Do you agree?",
        "instructions": "Look at both.",
        "completion": {"code": "DONE1", "redirect": "https://app.prolific.com/submissions/complete?cc={CODE}"},
        "session": {**session, **changes.pop("session", {})},
    }
    return Study.model_validate({**fields, **changes})


def begin(sessions: RatingSessions, **link: str) -> str:
    rater = sessions.join(query={**LINK, **link}).rater
    sessions.consent(rater)
    sessions.instructed(rater)
    return rater


def answer_all(sessions: RatingSessions, rater: str) -> list[Purpose]:
    purposes = []
    while (ballot := sessions.stage(rater).ballot) is not None:
        purposes.append(ballot.purpose)
        sessions.answer(ballot.id, rater=rater, choice=ballot.expected or "left", response_ms=900)
    return purposes
