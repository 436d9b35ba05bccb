"""The counter of parameters in a browser: it counts what Python counts, and its bars are to scale."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from demos.see import parameters
from demos.see.parameters import CONTROLS, Sizes
from demos.theme import PAGE
from tests.support.widths import WIDTHS

NAMES = {name: f"{title}, {parameters.ABOUT[name]}" for name, title, *_ in CONTROLS}


@pytest.fixture(params=WIDTHS)
def counter(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """The counter alone, with the page's scripts and styles: it needs no server."""
    width, height = WIDTHS[request.param]
    page = browser.new_page(viewport={"width": width, "height": height})
    requests: list[str] = []
    page.on("request", lambda sent: requests.append(sent.url))
    scripts = "".join(f"<script>{(PAGE / name).read_text()}</script>" for name in ("browser.js", "parameters.js"))
    style = (PAGE / "parameters.css").read_text()
    page.set_content(f"<meta charset=utf-8><style>{style}</style>{parameters.html(Sizes())}{scripts}")
    expect(page.locator("[data-scale]")).to_contain_text("To scale")
    yield page
    assert requests == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()


def choose(page: Page, sizes: Sizes) -> None:
    for name, _, values, _, _ in CONTROLS:
        page.get_by_role("slider", name=NAMES[name]).fill(str(values.index(getattr(sizes, name))))


def texts(page: Page) -> list[str]:
    parts = page.locator(
        ".parameters :is(output, [data-inputs], b, small, [data-formula], [role=status], [data-reuse])"
    )
    return [text.strip() for text in parts.all_text_contents()]


@pytest.mark.parametrize(
    "sizes",
    [
        Sizes(),
        Sizes(channels=1),
        Sizes(8, 1, 1, 11, 512),
        Sizes(28, 1, 16, 5, 8),
        Sizes(224, 3, 4096, 7, 64),
        Sizes(*(max(values) for _, _, values, _, _ in CONTROLS)),
    ],
)
def test_the_browser_says_what_python_says(counter: Page, browser: Browser, sizes: Sizes):
    choose(counter, sizes)
    static = browser.new_page()
    static.set_content(f"<meta charset=utf-8>{parameters.html(sizes)}")
    expected = [text for text in texts(static) if text]
    outputs = [
        written.replace("{0}", f"{getattr(sizes, name):,}") for name, _, _, _, written in CONTROLS
    ]  # of which the static page has those of its first sight
    static.close()

    actual = texts(counter)
    assert counter.locator("output").all_text_contents() == outputs
    places = [place for place, text in enumerate(actual) if text not in outputs]
    assert [actual[place] for place in places] == [expected[place] for place in places]


def test_the_bars_are_to_scale_until_the_scale_is_logarithmic(counter: Page):
    choose(counter, Sizes(8, 3, 64, 11, 64))
    lengths = "() => [...document.querySelectorAll('[data-bar] i')].map((bar) => bar.getBoundingClientRect().width)"
    sizes = Sizes(8, 3, 64, 11, 64)
    expected = sizes.fully_connected / sizes.convolution

    counter.wait_for_function(f"() => {{ const [a, b] = ({lengths})(); return Math.abs(b / a - {expected}) < 0.02; }}")
    counter.get_by_role("checkbox", name="Logarithmic scale").check()
    counter.wait_for_function(f"() => {{ const [a, b] = ({lengths})(); return b / a > 0.9; }}")


def test_a_key_moves_a_size(counter: Page):
    counter.get_by_role("slider", name=NAMES["channels"]).focus()
    counter.keyboard.press("ArrowLeft")

    expect(counter.locator("[data-inputs]")).to_have_text("64 × 64 = 4,096 inputs")
