"""The page needs nothing that its Content-Security-Policy refuses; what others would put into it is refused."""

from playwright.sync_api import Browser, expect

WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => refused.push(
  `${event.effectiveDirective} ${event.blockedURI}`));
"""


def test_all_tabs_the_camera_downloads_and_workers_run_under_the_policy(browser: Browser, app_url: str):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["camera"])
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(WATCH)
    page.goto(app_url)
    expect(page.locator("#weights")).to_contain_text("eights")

    width = page.evaluate(
        "navigator.mediaDevices.getUserMedia({ video: true }).then((film) => film.getTracks()[0].getSettings().width)"
    )
    assert width > 0, "the photo may come from the camera"

    for tab in page.locator("[role=tablist]").first.get_by_role("tab").all():
        tab.click()
        for inner in page.locator("#ways [role=tab]:visible, #see-ways [role=tab]:visible").all():
            inner.click()
    page.get_by_role("tab", name="Generate", exact=True).click()
    pad = page.locator("#latent-pad")
    pad.scroll_into_view_if_needed()
    expect(pad.locator("[data-part=status]")).not_to_be_empty()  # drawn by a worker, in WebAssembly
    with page.expect_download() as download:
        pad.get_by_role("button", name="Save the picture").click()
    assert download.value.path().stat().st_size > 100

    assert page.evaluate("refused") == []

    page.evaluate("new Image().src = 'https://example.org/pixel.png'")
    page.evaluate("fetch('https://example.org/').catch(() => {})")
    page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), {src: 'https://example.org'}))")
    page.wait_for_function("refused.length >= 3")
    assert {entry.split()[0] for entry in page.evaluate("refused")} == {"img-src", "connect-src", "frame-src"}
    context.close()
