"""Spot the fake: the studies of the Vote tab that show one picture at a time and ask whether it is real."""

from __future__ import annotations

from html import escape

STUDIES = (  # the study, what to call it, what is asked
    ("painted-eyes-real-or-fake", "Painted eyes", "Cut out of a painting, or drawn by a GAN?"),
    ("style-real-or-fake", "Paintings", "Painted by a person, or a photo restyled by a network?"),
    ("clothes-real-or-fake", "Clothes", "A photograph from a shop, or a GAN’s?"),
    ("emoji-real-or-fake", "Flag emoji", "Drawn by people, or translated by a CycleGAN?"),
    ("digits-real-or-fake", "Digits", "Written by a person, or drawn by a GAN?"),
    ("digits-at-a-glance", "Digits at a glance", "The same, shown for a moment that shrinks when you are right."),
)
PAPER = "https://arxiv.org/abs/1904.01121"


def html() -> str:
    """The cards, as HTML: each opens a study, and its results so far."""
    cards = "".join(
        f'<li><a class="quiz" href="?study={name}"><b>{escape(title)}</b><span>{escape(question)}</span></a>'
        f'<a class="quiz-results" href="?results={name}" aria-label="{escape(title)}: how others did">'
        "How others did</a></li>"
        for name, title, question in STUDIES
    )
    return (
        '<section class="fakes"><h2 class="section">Spot the fake</h2>'
        "<p class='note'>One picture at a time: real or fake? After each answer you see what it was, what others "
        "said, and below how often you were wrong beside everybody; 50 % means guessing (HYPE∞, "
        f'<a href="{PAPER}">Zhou et al., 2019</a>).</p><ul class="quizzes">{cards}</ul></section>'
    )
