"""The parts of the section "Fakes", in the order of the page: spot, mark and break, check, detect."""

from __future__ import annotations

import gradio as gr

from demos.see.fakes import checking, detecting, marking, quiz
from serving.engine import Engine


def build(engine: Engine) -> None:
    """Lay out the sections and wire them to the engine."""
    gr.HTML(quiz.html(), padding=False, elem_id="fakes-quiz")
    marking.build(engine)
    checking.build()
    detecting.build(engine)
