"""The 64 filters of VGG-19's first layer as pictures, and what each makes of the photo; computed in the browser."""

from __future__ import annotations

import base64
import struct

import gradio as gr

from demos.parts import explanation, html
from serving.engine import Engine

FIRST = 58  # the filter that is chosen at first: a clear edge
ABOUT = (
    "VGG-19 learned these 64 filters from a million photos; nobody drew them. Each weighs 3 × 3 pixels in red, green "
    "and blue: 27 numbers and one more that is added (the bias). Its picture shows the small patch that it looks for, "
    "with grey for zero. Most of them look for edges in one direction, others for a colour. What is below zero "
    "becomes zero (ReLU). The network first swaps the colours and takes off their mean with a 1 × 1 convolution; here "
    "this is worked into the filters, so they fit a photo as it is."
)
SHELL = """
<div class="first-filters">
  <div class="filter-grid" data-part="filters" role="radiogroup" aria-label="The 64 filters of the first layer"></div>
  <div class="filter-view">
    <p data-part="about" aria-live="polite"></p>
    <div class="filter-pictures">
      <figure><canvas data-part="photo" role="img" aria-label="The photo"></canvas>
        <figcaption>The photo</figcaption></figure>
      <figure><canvas data-part="map" role="img" aria-label="Where the filter responds"></canvas>
        <figcaption>Where the filter responds</figcaption></figure>
    </div>
    <figure class="filter-large"><canvas data-part="patch" role="img" aria-label="The filter, enlarged"></canvas>
      <figcaption>The filter’s weights as colours, then those for red, green and blue by themselves. Grey is 0.
      </figcaption></figure>
  </div>
</div>
"""


def build(engine: Engine) -> None:
    """Add the section; page/first_filters.js runs it."""
    gr.HTML(
        explanation.heading("Edge detectors that a network learned", ABOUT, level=2),
        padding=False,
        elem_classes="see-heading",
    )
    gr.HTML(SHELL + _data(engine), padding=False, js_on_load=None, elem_id="first-filters")


def _data(engine: Engine) -> str:
    """The filters as an element that the page's script reads: 28 floats each, in base64, and the words."""
    filters = engine.first_filters()
    numbers = [number for each in filters for number in (*each.weights, each.bias)]
    described = {
        "numbers": base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode(),
        "words": [each.responds_to for each in filters],
        "first": FIRST,
    }
    return html.values(described)
