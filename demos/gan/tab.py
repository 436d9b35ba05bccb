"""The tab that samples a GAN: a seed, sixteen samples, and the latent numbers behind each."""

from __future__ import annotations

import gradio as gr

from demos.gan import (
    about,
    attention,
    battle,
    bias,
    blend,
    drawing,
    gallery,
    guest,
    latent_pad,
    link,
    sample,
    translate,
    walk,
    z_sliders,
)
from demos.gan.explorer import section as explorer
from demos.gan.history import seeds_and_tricks, timeline
from demos.gan.live_training import section as live_training
from demos.gan.sampling import alike, nearest, seed_wall, truncation, verdicts
from demos.gan.selection import Selection
from demos.parts import explanation
from serving.engine import Engine


def build(engine: Engine) -> gr.Blocks:
    """Lay out the tab and wire it to the engine."""
    with gr.Blocks() as tab:
        gr.Markdown("Roll for new pictures. Click one, then change it with the sliders.", elem_classes="hint")
        explanation.build("Sampling", about.SAMPLING)
        selection = Selection(engine.generators())
        selection.drawn.render()
        first = sample.draw(engine, selection.drawn.value)
        gallery.build(selection)
        with gr.Row(equal_height=False, elem_id="sheet-and-sliders"):
            with gr.Column(scale=6, min_width=320):
                sheet = sample.build(engine, selection, first)
            with gr.Column(scale=5, min_width=300):
                sliders = z_sliders.build(engine, selection, first)
        blend.build(engine, selection)
        _heading("Move through the latent space")
        latent_pad.build(engine, selection)
        explorer.build(engine, selection)
        walk.build(engine, selection, tab)
        _heading("Look closer")
        for section in (seed_wall, alike, verdicts, truncation, nearest):
            section.build(engine, selection)
        attention.build(engine, selection)
        _heading("Watch a GAN learn")
        timeline.build(engine, selection)
        seeds_and_tricks.build_seeds(engine, selection)
        seeds_and_tricks.build_tricks(engine, selection)
        live_training.build(engine, tab)
        bias.build(engine, selection)
        _heading("Compare, translate, share")
        battle.build(engine, selection)
        translate.build(engine, selection)
        if engine.welcomes_guests:
            guest.build(engine, selection)
        drawing.wire(engine, tab, selection, sheet, sliders, link.build(selection, first.z), first.z)
    return tab


def _heading(title: str) -> None:
    gr.HTML(f"<h2 class='section'>{title}</h2>", padding=False, elem_classes="group-of-sections")
