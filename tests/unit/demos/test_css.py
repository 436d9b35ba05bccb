"""Choices in selectors are written out, because Gradio would make them weigh more than they should."""

import pytest

from demos import css
from demos.theme import PAGE


@pytest.mark.parametrize(
    ("styles", "written"),
    [
        (".a :is(b, c.d) { x: y; }", ".a b, .a c.d { x: y; }"),
        (".a:is(p, .b) > i, s {}", "p.a > i, .a.b > i, s {}"),
        ("#a > :is(.b, .c:not([d])) :is(e, f) {}", "#a > .b e, #a > .b f, #a > .c:not([d]) e, #a > .c:not([d]) f {}"),
        ("label:has(> :is([a], [b])) {}", "label:has(> [a]), label:has(> [b]) {}"),
        ("/* :is(a, b) */ a {}", "a {}"),
        (
            "@media (max-width: 1px) { :is(a, b) { x: y; } c { z: w } }",
            "@media (max-width: 1px) {a, b { x: y; }c { z: w } }",
        ),
        ("a { content: ':is(b, c)'; }", "a { content: ':is(b, c)'; }"),
    ],
)
def test_a_choice_is_written_out(styles: str, written: str):
    assert " ".join(css.written_out(styles).split()) == written


def test_no_selector_of_the_page_has_a_choice_left():
    assert ":is(" not in css.of(sorted(PAGE.glob("*.css")))
