"""The figure of what is drawn shows each share of each generator, and runs no text of a model as HTML."""

from demos.gan import bias, blend
from serving.engine.attributes import Counted


def test_each_share_is_shown_with_its_bar():
    rows = [Counted("skin", "lighter", 0.95, 0.996), Counted("skin", "darker", 0.05, 0.004)]

    figure = bias.figure({"skewed": "Skewed <b>"}, {"skewed": rows})

    assert "<caption>Skewed &lt;b&gt;</caption>" in figure
    assert figure.count("Skin") == 1
    for text in ("95.0 %", "99.6 %", "5.0 %", "0.4 %", "--share: 0.0040"):
        assert text in figure


def test_two_labels_share_what_there_is():
    labels = ("amber", "blue", "green")

    assert blend.shares(labels, "blue", "green", 25) == [0.0, 0.75, 0.25]
    assert blend.shares(labels, "blue", "blue", 25) == [0.0, 1.0, 0.0]
