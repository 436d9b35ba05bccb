"""The gallery of generators by keyboard and link, and the folded sections below the samples."""

import io
import re

from playwright.sync_api import Page, expect

from media import provenance
from tests.support.pages.generators import card, choose
from tests.support.widths import DESK


def test_the_gallery_is_walked_by_arrow_keys_and_follows_a_link(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&model=mnist-wgan-gp&seed=7&side=2")
    expect(card(page, "mnist-wgan-gp")).to_be_checked()
    expect(card(page, "mnist-wgan-gp")).to_be_in_viewport()
    query = page.locator("#gan-query :is(input, textarea)")
    expect(query).to_have_value(re.compile("model=mnist-wgan-gp.*side=2"))

    card(page, "mnist-wgan-gp").focus()
    page.keyboard.press("ArrowRight")

    expect(card(page, "mnist-collapse")).to_be_checked()
    expect(query).to_have_value(re.compile("model=mnist-collapse"))


@DESK
def test_the_sections_follow_the_samples_while_they_are_open(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&seed=7&psi=0.3&section=truncation")
    expect(page.locator("#z-1 input[type=range]")).to_be_visible()
    expect(page.locator("#variety")).to_contain_text("At ψ = 0.3 two samples differ by")
    again = page.locator("#truncation-again")
    again.get_by_text("Link and Python").click()
    expect(again.get_by_label("Link")).to_have_value(re.compile(r"seed=7&.*psi=0\.3&section=truncation"))
    expect(again.get_by_label("Python, the API")).to_contain_text(f'app = "{app_url}/"')

    page.get_by_role("button", name="A wall of seeds").click()
    expect(page.locator("#wall-of-seeds img")).to_have_count(24)
    page.locator("#wall-of-seeds").get_by_role("button", name="17", exact=True).click()
    expect(page.locator("#seed input")).to_have_value("17")

    page.get_by_role("button", name="What the discriminator says").click()
    expect(page.locator("#judged-samples .caption-label").first).to_have_text(re.compile(r"^\d+ %$"))
    choose(page, "mnist-wgan-gp")
    expect(page.locator("#judged-samples .caption-label").first).to_have_text(re.compile(r"^[+−]\d"))

    page.get_by_role("button", name="More like this").click()
    expect(page.locator("#alike-samples img")).to_have_count(16)
    first = page.locator("#alike-samples img").first
    before = first.get_attribute("src") or ""
    page.get_by_role("button", name="Others").click()
    expect(first).not_to_have_attribute("src", before)
    link = page.locator("#alike-again input")
    expect(link).to_have_value(re.compile("roll=1&section=alike"))
    page.locator("#alike-samples button").nth(2).click()
    expect(link).to_have_value(re.compile("roll=1&around=z%3A.*&section=alike"))
    opened = link.input_value()

    expect(again.get_by_label("Link")).to_have_value(re.compile("model=mnist-wgan-gp"))

    page.goto(opened)
    expect(link).to_have_value(opened)
    expect(page.locator("#alike-samples img")).to_have_count(16)


@DESK
def test_a_flag_goes_there_and_back_and_a_battle_is_told_after_the_vote(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&way=emoji-cyclegan-noto-to-twemoji&snapshot=3&flag=5&section=translate")
    expect(page.locator("#z-1 input[type=range]")).to_be_visible()

    expect(page.locator("#translation figure")).to_have_count(4)
    script = page.locator("#translate-again").get_by_label("Python, the API")
    expect(script).to_contain_text('urlretrieve(app + "flags/noto/5.png")')
    expect(script).to_contain_text("snapshot=3")
    assert page.request.get(f"{app_url}/flags/noto/5.png").ok
    page.get_by_role("button", name="Draw a flag").click()
    page.locator(".flag-sheet canvas").click()
    expect(page.locator("#translation figure")).to_have_count(3)  # nobody knows the counterpart of a drawing
    expect(script).to_contain_text('handle_file("picture.jpg")')

    page.get_by_role("button", name="Where it looks").click()
    expect(page.locator("#attention-map img")).to_be_visible()
    page.locator("#attention-map img").click(position={"x": 20, "y": 20})
    expect(page.locator("#attention-again input")).to_have_value(re.compile(r"place=0\.0\d+%2C0\.0\d+&"))

    page.get_by_role("button", name="Battle of two generators").click()
    page.get_by_role("button", name="DCGAN on MNIST against DCGAN on MNIST, the control: vote").click()
    expect(page.locator("#battle-right img")).to_be_visible()
    expect(page.locator("#battle-result")).not_to_contain_text("r_samples")
    expect(page.locator("#battle .again")).to_have_count(0)  # it names the generators
    sheet = page.request.get(page.locator("#battle-right img").get_attribute("src") or "").body()
    assert provenance.settings(io.BytesIO(sheet)) is None  # the file does not give away what the vote is about
    page.locator("#battle-vote-neither").click()
    expect(page.locator("#battle-result")).to_contain_text("r_samples =")
    link = page.locator("#battle-result .again input")
    expect(link).to_have_value(re.compile(r"battle=mnist-dcgan%2Cmnist-control%2C\d+&section=battle"))
    expect(
        page.get_by_role("button", name=re.compile("^DCGAN on MNIST against .* the control: .*r_test"))
    ).to_be_visible()

    page.goto(link.input_value())
    expect(page.locator("#battle-right img")).to_be_visible()
    expect(page.locator("#battle-vote-left")).to_be_enabled()
    expect(page.locator("#battle-result")).to_be_empty()  # a link does not tell before the vote
