"""An interactive companion to a computer-vision lecture. Run it with `make run`, or `python app.py`."""

from __future__ import annotations

import gc

gc.disable()  # what follows makes a million objects that stay: looking through them again and again takes a second

import os
import threading
from functools import partial
from typing import cast

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from demos import running, theme
from demos.classroom.routes import routes as class_routes
from demos.edge import accepting, draining
from demos.gan import latent_pad
from demos.gan import tab as gan
from demos.just_look import tab as just_look
from demos.just_look.reports.exports import Exports
from demos.just_look.reports.kept import KeptReports
from demos.lecture import page as lecture
from demos.parts import lighter_gradio, wiring
from demos.see import tab as see
from demos.see.convolutions import digit
from demos.see.fakes import pictures
from demos.style import tab as style
from evaluation.qualitative.session.proxies import trust_proxies
from evaluation.qualitative.store.mirror import Mirror
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.waiting import open_or_wait
from evaluation.qualitative.study.library import StudyLibrary
from serving.chosen import chosen_engine
from serving.engine import Engine
from serving.engine.watched import WatchedEngine
from serving.web import health
from serving.web.ending import Ending
from serving.web.limits import QueueLimits
from serving.web.logs import lines as logs

PROGRESS = gr.Progress(track_tqdm=True)  # as a default it shows a download's own bar in the page


def build(engine: Engine, store: Store, library: StudyLibrary, exports: Exports, mirror: Mirror | None) -> gr.Blocks:
    """Put the tabs on one page."""
    tabs = {  # built before the page: Gradio would render twice what is built inside it
        "style": ("Paint", style.build(engine)),
        "gan": ("Generate", gan.build(engine)),
        "see": ("See", see.build(engine)),
        "just-look": ("Vote", just_look.build(engine, store, library, exports=exports, mirror=mirror)),
    }
    with gr.Blocks(title="Just Look", analytics_enabled=False) as page:
        with gr.Row(visible=False) as numbers:
            pass
        gr.HTML(
            "<h1>Just Look</h1><p>Restyle a photo, roll a GAN, and judge with your own eyes.</p>"
            "<a href='lecture'>The lecture<span>, step by step</span></a>",
            elem_id="masthead",
        )
        with gr.Tabs():  # demos/page/tabs.js opens the one that a link names
            for name, (title, tab) in tabs.items():
                with gr.Tab(title, id=name):
                    tab.render()

        weights = gr.Markdown(elem_id="weights")

        def sources(progress: gr.Progress = PROGRESS) -> str:  # noqa: ARG001 - Gradio looks at the signature
            """Download missing weights, with a progress bar, and list where the weights come from."""
            return "\n".join(f"- {line}" for line in engine.sources()) or "Weights: bundled with the app, verified."

        page.load(sources, None, weights, api_visibility="private", show_progress="minimal", concurrency_limit=4)
        wiring.settle(page, numbers)
    # One queue for all requests: 200 raters whose scripts call at the same moment all get a place and an answer within
    # seconds. Queue positions are sent once a second; otherwise each answer would send a message to everybody waiting.
    return page.queue(max_size=1024, status_update_rate=1)


if __name__ == "__main__":
    logs.configure()
lighter_gradio.lighten()
watched = WatchedEngine(chosen_engine(), bound_s=QueueLimits.from_environment().stuck_s)
engine = cast(Engine, watched)
store = open_or_wait(os.environ.get("DATABASE_URL"))
mirror = Mirror.from_environment(store)
library = StudyLibrary()
exports = Exports(library, store, KeptReports(library, store, engine=engine))
demo = build(engine, store, library, exports, mirror)
gc.freeze()  # a later collection leaves them alone
gc.enable()


if __name__ == "__main__":
    trust_proxies()
    ending = Ending.from_environment()
    ending.listen()
    state = running.service(watched, store, ending)
    demo.launch(
        **theme.launch_settings(
            routes=[
                latent_pad.route(engine),
                digit.route(engine),
                pictures.route(),
                *lecture.routes(),
                *class_routes(store, engine),
                *exports.routes(),
                *health.routes(state.checks),
            ],
            service=state,
        ),
        mcp_server=True,
        prevent_thread_lock=True,
    )
    accepting.several(demo.server)
    threading.Thread(target=running.warm_up, args=[watched], name="warm-up", daemon=True).start()  # once the page is up
    leaves = os.environ.get("JUST_LOOK_STUCK_EXIT") == "1"
    watched.watch(then=partial(ending.begin, status=1) if leaves else None)
    copies = [mirror.close] if mirror else []
    draining.serve(demo, ending, closing=[engine.close, exports.reports.end, *copies, store.close])
