"""Serve one tab alone: `python -m demos style|gan|see|just_look`."""

from __future__ import annotations

import argparse

from demos import theme
from demos.gan import latent_pad
from demos.gan import tab as gan
from demos.just_look import tab as just_look
from demos.just_look.reports.exports import Exports
from demos.just_look.reports.kept import KeptReports
from demos.parts import lighter_gradio
from demos.see import tab as see
from demos.see.convolutions import digit
from demos.see.fakes import pictures
from demos.style import tab as style
from evaluation.qualitative.session.proxies import trust_proxies
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary


def main() -> None:
    """Serve the tab named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="Serve one tab alone.")
    parser.add_argument("tab", choices=("style", "gan", "see", "just_look"))
    name = parser.parse_args().tab
    from serving.local import LocalEngine  # the modules here must not need torch; a command may

    lighter_gradio.lighten()
    engine = LocalEngine()
    routes = [latent_pad.route(engine), digit.route(engine), pictures.route()]
    if name == "just_look":
        store, library = Store.open(), StudyLibrary()
        exports = Exports(library, store, KeptReports(library, store, engine=engine))
        page = just_look.build(engine, store, library, exports=exports)
        routes += exports.routes()
    else:
        page = {"style": style, "gan": gan, "see": see}[name].build(engine)
    trust_proxies()
    page.launch(**theme.launch_settings(routes=routes))


if __name__ == "__main__":
    main()
