"""Gradio makes one app for a page and describes a component when it is read; everything else stays as it was."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import anyio.to_thread
import gradio as gr
import httpx
import pytest
from gradio.state_holder import SessionState
from gradio_client import Client

from demos.parts import lighter_gradio


@pytest.fixture
def page() -> gr.Blocks:
    """A number that is doubled, and a list that each session has to itself."""
    assert lighter_gradio.lighten(), (
        "Gradio has another version: see whether it still does that work, then raise VERSION"
    )
    with gr.Blocks() as page:
        number, kept = gr.Number(3, label="Number"), gr.State([])
        gr.Button("Double").click(lambda value: 2 * value, number, number, api_name="double")

        def keep(value: float, kept: list[float]) -> tuple[float, list[float]]:
            kept.append(value)
            return len(kept), kept

        gr.Button("Keep").click(keep, [number, kept], [number, kept], api_name="keep")
    return page


@pytest.fixture
def url(page: gr.Blocks) -> Iterator[str]:
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield address
    page.close()


def test_a_page_makes_its_app_when_it_is_read(page: gr.Blocks):
    assert vars(page)["app"] is lighter_gradio.LATER
    app = page.app
    assert app.get_blocks() is page
    assert page.app is app


def test_the_page_and_its_events_work_with_and_without_a_session(url: str):
    assert "gradio" in httpx.get(url).raise_for_status().text
    reply = httpx.post(f"{url}gradio_api/run/double", json={"data": [21]}).raise_for_status()
    assert reply.json()["data"] == [42]
    assert Client(url, verbose=False).predict(4, api_name="/double") == 8


def test_sessions_share_nothing(url: str):
    first, second = (Client(url, verbose=False) for _ in range(2))
    assert [first.predict(1, api_name="/keep") for _ in range(3)] == [1, 2, 3]
    assert second.predict(1, api_name="/keep") == 1


def test_a_changed_description_stays_in_its_session(page: gr.Blocks):
    key = next(key for key, block in page.blocks.items() if isinstance(block, gr.Number))
    first, second = SessionState(page), SessionState(page)
    first._update_value_in_config(key, 7)
    numbers = [session.config_values[key]["props"]["value"] for session in (first, second, SessionState(page))]
    assert numbers == [7, 3, 3]


def test_a_component_that_a_session_has_exchanged_stays_in_it(page: gr.Blocks):
    key = next(key for key, block in page.blocks.items() if isinstance(block, gr.Number))
    first = SessionState(page)
    first[key] = gr.Number(5, label="Other", render=False)
    first._update_config(key)
    labels = [session.config_values[key]["props"]["label"] for session in (first, SessionState(page))]
    assert labels == ["Other", "Number"]


def test_numbers_and_texts_take_no_thread_of_their_own(page: gr.Blocks, monkeypatch: pytest.MonkeyPatch):
    with page:
        picture, number, text = gr.Image(type="filepath"), gr.Number(1), gr.Textbox("")
        gr.Button().click(lambda *values: len(values), [picture, number, text], number, api_name="three")
    in_threads: list[str] = []
    run_sync = anyio.to_thread.run_sync

    async def noted(function: Callable[..., Any], *values: Any, **options: Any) -> Any:
        in_threads.append(f"{type(getattr(function, '__self__', None)).__name__}.{getattr(function, '__name__', '')}")
        return await run_sync(function, *values, **options)

    monkeypatch.setattr(anyio.to_thread, "run_sync", noted)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    reply = httpx.post(f"{url}gradio_api/run/three", json={"data": [None, 2, "words"]}).raise_for_status()
    page.close()

    assert reply.json()["data"] == [3]
    assert [name for name in in_threads if name.endswith("preprocess")] == ["Image.preprocess"]
    assert not [name for name in in_threads if "login_check" in name]


def test_who_has_to_sign_in_still_has_to(page: gr.Blocks):
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, auth=("ann", "secret"))
    with httpx.Client(base_url=url) as visitor:
        call = ("gradio_api/run/double", {"data": [21]})
        assert visitor.post(call[0], json=call[1]).status_code == 401
        assert visitor.get("config").status_code == 401
        visitor.post("login", data={"username": "ann", "password": "secret"}).raise_for_status()
        assert visitor.post(call[0], json=call[1]).raise_for_status().json()["data"] == [42]
    page.close()


def test_a_deep_link_copies_the_whole_page(page: gr.Blocks):
    session = SessionState(page)
    session[next(iter(page.blocks))]  # reads one
    described = {entry["id"]: entry for entry in session.components}
    whole = {entry["id"]: entry for entry in page.get_config_file()["components"]}
    assert described == whole
    assert 10**6 not in session.config_values
    with pytest.raises(KeyError):
        session.config_values[10**6]


def test_another_version_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gr, "__version__", "7.0.0")
    assert not lighter_gradio.lighten()


def test_the_app_starts_without_what_only_results_and_training_need():
    scipy = ("scipy.stats", "scipy.linalg", "scipy.sparse.csgraph")
    slow = ("torch._dynamo", *scipy, "matplotlib", "evalica", "torchvision")
    code = (
        "import sys, demos.just_look.tab, demos.gan.tab, demos.style.tab, serving.local;"
        "from models.hub import loading;"
        f"loading.load('mnist-dcgan', source='bundled'); print(set({slow}) & set(sys.modules))"
    )
    imported = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert imported.stdout.strip() == "set()"
