"""Inline HTML names its pictures, escapes its text, and reads out only what a listener can follow."""

import base64
import io

from PIL import Image

from demos.parts import html


def test_a_figure_has_its_alt_text_and_size():
    figure = html.figure(Image.new("RGB", (8, 4)), alt='A "quoted" <cat>', caption="<b>")

    assert 'alt="A &quot;quoted&quot; &lt;cat&gt;" width="8" height="4"' in figure
    assert "<figcaption>&lt;b&gt;</figcaption>" in figure


def test_a_crisp_picture_is_sent_without_loss():
    picture = Image.effect_noise((16, 16), 80)

    figure = html.figure(picture, alt="noise", crisp=True)

    encoded = figure.split("base64,")[1].split('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(encoded))).tobytes() == picture.tobytes()


def test_a_progress_bar_says_how_far_it_is():
    assert html.progress(3, 10, label="Steps <done>") == (
        '<progress max="10" value="3" aria-label="Steps &lt;done&gt;"></progress>'
    )


def test_a_status_line_is_read_out_unless_it_changes_too_often():
    assert html.note("Stopped.") == '<p class="note" role="status">Stopped.</p>'
    assert html.note("Step 3 < 10", spoken=False) == '<p class="note">Step 3 &lt; 10</p>'
