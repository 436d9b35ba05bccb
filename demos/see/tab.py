"""The tab "See": preparing a picture, why convolutions, three tasks, and real or fake."""

from __future__ import annotations

import gradio as gr

from demos.see import applications, preprocess
from demos.see.convolutions import tab as convolutions
from demos.see.fakes import section as fakes
from serving.engine import Engine


def build(engine: Engine) -> gr.Blocks:
    """Lay out the tab and wire it to the engine."""
    with gr.Blocks() as tab:
        gr.Markdown("How a computer sees, on your own picture.", elem_classes="hint")
        with gr.Tabs(elem_id="see-ways"):  # demos/page/tabs.js opens the one that a link names
            with gr.Tab("Prepare", id="preprocess"):
                preprocess.build(engine)
            with gr.Tab("Convolve", id="convolutions"):
                convolutions.build(engine)
            with gr.Tab("Tasks", id="applications"):
                applications.build(engine)
            with gr.Tab("Fakes", id="fakes"):
                fakes.build(engine)
    return tab
