"""A card of the gallery shows a generator's samples, its scores from metrics.json and its sentence."""

import re

from demos.gan import gallery
from serving.engine.sampling import GeneratorInfo
from serving.local import LocalEngine

COLLAPSED = GeneratorInfo(
    name="mnist-collapse", title="Collapsed <again>", z_dim=8, size=32, steps=(0, 5), shows="One digit & no more."
)
NEW = GeneratorInfo(name="not-scored", title="New", z_dim=8, size=32, steps=(5,), shows="Nobody scored it.")


def test_the_cards_are_radio_buttons_and_one_is_chosen():
    html = gallery.html([COLLAPSED, NEW], chosen="not-scored")
    assert re.findall(r'type="radio" name="generator" value="([\w-]+)"', html) == ["mnist-collapse", "not-scored"]
    assert re.findall(r'value="([\w-]+)" data-generator="\d" checked', html) == ["not-scored"]
    assert "Collapsed &lt;again&gt;" in html
    assert "One digit &amp; no more." in html


def test_a_generator_without_scores_or_thumbnail_is_a_card_all_the_same():
    html = gallery.html([NEW], chosen="not-scored")
    assert "Nobody scored it." in html
    assert "<img" not in html
    assert gallery.facts("not-scored") == []


def test_the_scores_are_those_of_the_finished_generator():
    assert gallery.facts("mnist-collapse") == ["Inception Score 1.0", "Fréchet distance 174", "1 of 10 kinds"]
    assert gallery.facts("stacked-collapse") == ["7 of 1,000 kinds"]


def test_the_cards_begin_with_one_generator_of_each_kind_of_picture():
    names = [info.name for info in gallery.varied(LocalEngine().generators())]

    first = [name.partition("-")[0] for name in names[:6]]
    assert first == ["mnist", "stacked", "sagan", "emoji", "painted", "faces"]
    assert names[0] == "mnist-dcgan"
    assert sorted(names) == sorted(info.name for info in LocalEngine().generators())
