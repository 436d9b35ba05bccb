"""A convolution computed before one's eyes: a 3 × 3 window walks over a patch of the photo, in the browser."""

from __future__ import annotations

import gradio as gr

from demos.parts import explanation

ABOUT = (
    "The kernel is nine numbers. Where the window stands, each pixel is multiplied by the number that lies on it, and "
    "the nine products are added up: one number of the output. Then the window moves on, with the same nine numbers. "
    "Stride is how far it moves; padding adds a rim of zeros, so that it can stand on the border too. (As in every "
    "library for neural networks, the kernel is not flipped; mathematics calls this a cross-correlation.)"
)
KERNELS = {  # name: its title and nine numbers, written as a visitor could write them
    "vertical": ("Vertical edges (Sobel)", "-1 0 1 -2 0 2 -1 0 1"),
    "horizontal": ("Horizontal edges (Sobel)", "-1 -2 -1 0 0 0 1 2 1"),
    "outline": ("All edges (Laplace)", "0 -1 0 -1 4 -1 0 -1 0"),
    "blur": ("Blur (mean)", "1/9 1/9 1/9 1/9 1/9 1/9 1/9 1/9 1/9"),
    "sharpen": ("Sharpen", "0 -1 0 -1 5 -1 0 -1 0"),
    "emboss": ("Emboss", "-2 -1 0 -1 1 1 0 1 2"),
    "own": ("Your own numbers", ""),
}
NUMBERS = "".join(
    f'<input data-number="{i}" inputmode="text" autocomplete="off" spellcheck="false" maxlength="8" '
    f'aria-label="Kernel, row {i // 3 + 1}, column {i % 3 + 1}" aria-describedby="walk-refused">'
    for i in range(9)
)
OPTIONS = "".join(
    f'<option value="{name}" data-kernel="{numbers}">{title}</option>' for name, (title, numbers) in KERNELS.items()
)
SHELL = f"""
<div class="window-walk" role="group" aria-label="A convolution, step by step">
  <div class="walk-photos">
    <figure>
      <div class="walk-stage">
        <canvas data-part="photo" role="img" aria-label="The photo, small and grey"></canvas>
        <button type="button" data-part="place" aria-describedby="walk-size"
          aria-label="The patch on the photo: drag it, or move it with the arrow keys"></button>
      </div>
      <figcaption>The photo in grey. Drag the square to another place.</figcaption>
    </figure>
    <figure>
      <canvas data-part="whole" role="img" aria-label="The whole photo after the convolution"></canvas>
      <figcaption>The kernel on the whole photo. If it has negative numbers, grey is 0, white above, black below.
      </figcaption>
    </figure>
  </div>
  <div class="walk-kernel">
    <label>Kernel <select data-part="preset">{OPTIONS}</select></label>
    <div class="walk-numbers" role="group" aria-label="The nine numbers of the kernel">{NUMBERS}</div>
    <p class="note" id="walk-refused" data-part="refused" role="status"></p>
    <label>Stride <select data-part="stride"><option>1</option><option>2</option></select></label>
    <label><input type="checkbox" data-part="padding"> Padding with zeros</label>
  </div>
  <div class="walk-grids">
    <figure>
      <div class="walk-grid" data-part="patch" tabindex="0" role="group" aria-describedby="walk-keys"
        aria-label="The patch and the window on it"></div>
      <figcaption>The patch, 0 is black, 255 white. Tap a pixel to put the window there.</figcaption>
    </figure>
    <figure class="walk-sum">
      <div data-part="products" aria-hidden="true"></div>
      <p data-part="sum"></p>
      <figcaption>Pixel × kernel, nine times, added up.</figcaption>
    </figure>
    <figure>
      <div class="walk-grid" data-part="output" aria-hidden="true"></div>
      <figcaption data-part="size" id="walk-size"></figcaption>
    </figure>
  </div>
  <div class="walk-row">
    <button type="button" data-act="play" class="walk-play">Play</button>
    <button type="button" data-act="back">Step back</button>
    <button type="button" data-act="step">Step</button>
    <button type="button" data-act="first">Start again</button>
    <button type="button" data-act="last">To the end</button>
  </div>
  <p class="note" id="walk-keys">On the patch, arrow keys move the window, space plays, Home and End jump.</p>
  <p class="unseen" data-part="status" role="status"></p>
</div>
"""


def build() -> None:
    """Add the section; page/convolution_window.js runs it."""
    gr.HTML(
        explanation.heading("A convolution, step by step", ABOUT, level=2), padding=False, elem_classes="see-heading"
    )
    gr.HTML(SHELL, padding=False, js_on_load=None)
