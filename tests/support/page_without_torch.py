"""Build the whole page in a process that can't import torch, and restyle a picture on it with a fake engine.

Run as `python -m tests.support.page_without_torch FOLDER`: the store goes into FOLDER.
"""

from __future__ import annotations

import importlib
import importlib.abc
import pkgutil
import sys
from pathlib import Path
from typing import Any

BLOCKED = ("torch", "torchvision", "spaces", "serving.local")
PACKAGES = ("assets", "demos", "evaluation.qualitative", "media", "serving.engine")
RUN_BY_ALEMBIC = "evaluation.qualitative.store.migrations"


class Blocked(importlib.abc.MetaPathFinder):
    """Refuses the modules that the page's process can do without."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if any(name == blocked or name.startswith(f"{blocked}.") for blocked in BLOCKED):
            raise ModuleNotFoundError(f"{name} is blocked in this process", name=name)


def main(folder: Path) -> None:
    sys.meta_path.insert(0, Blocked())
    for package in PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not module.name.startswith(RUN_BY_ALEMBIC):
                importlib.import_module(module.name)
    page = build(folder)
    before, after = restyled(page)
    sys.stdout.write(f"restyled {Path(before).name} into {Path(after).name}\n")
    loaded = sorted(name for name in sys.modules if name.split(".")[0] in ("torch", "torchvision"))
    assert not loaded, f"loaded although blocked: {loaded}"


def build(folder: Path) -> Any:
    """The three tabs on one page, as app.py puts them."""
    import gradio as gr

    from demos.gan import tab as gan
    from demos.just_look import tab as just_look
    from demos.style import tab as style
    from evaluation.qualitative.store.store import Store
    from evaluation.qualitative.study.library import StudyLibrary

    engine: Any = fake_engine()
    store = Store(f"sqlite:///{folder / 'votes.db'}")
    tabs = [style.build(engine), gan.build(engine), just_look.build(engine, store, StudyLibrary())]
    with gr.Blocks(analytics_enabled=False) as page, gr.Tabs():
        for tab in tabs:
            with gr.Tab("A tab"):
                tab.render()
    return page


def restyled(page: Any) -> tuple[str, str]:
    """What the page answers to the public action `restyle`."""
    from PIL import Image

    (action,) = [event.fn for event in page.fns.values() if event.api_name == "restyle"]
    return action(Image.new("RGB", (64, 48), "teal"), Image.new("RGB", (32, 32), "gold"), side=256)


def fake_engine() -> object:
    """An engine that knows one generator and restyles by turning the picture upside down."""
    from PIL import Image, ImageOps

    from serving.engine.painting import PaintingCost
    from serving.engine.restyling import Restyled
    from serving.engine.sampling import GeneratorInfo, Samples
    from serving.engine.translate import TranslatorInfo

    class FakeEngine:
        welcomes_guests = True

        def generators(self) -> list[GeneratorInfo]:
            return [GeneratorInfo(name="mnist-dcgan", title="A DCGAN", z_dim=24, size=32, steps=(0, 20_000))]

        def sources(self) -> list[str]:
            return []

        def judged(self) -> frozenset[str]:
            return frozenset({"mnist-dcgan"})

        def remembered(self) -> frozenset[str]:
            return frozenset({"mnist-dcgan"})

        def translators(self) -> list[TranslatorInfo]:
            return [TranslatorInfo(name="flags", source="twemoji", target="noto", size=32, steps=(0, 2000))]

        def counted(self, model: str) -> list[Any]:
            return []

        def influential(self, model: str, *, count: int) -> list[int]:
            return list(range(count))

        def latent(self, model: str, *, seed: int, index: int) -> list[float]:
            return [0.1] * 24

        def sample(self, model: str, *, step: int, seed: int, count: int) -> Samples:
            return Samples((Image.new("L", (32, 32)),) * count, ((0.1,) * 24,) * count)

        def prepared(self, photo: Image.Image, settings: object) -> Image.Image:
            return photo

        def painting_cost(self, photo: Image.Image, *, side: int, options: object) -> PaintingCost:
            return PaintingCost(photo.size, memory=10**8, seconds=0.5, tiled=False)

        def instant_side(self, network: str = "auto") -> int:
            return 384

        def restyled(self, content: Image.Image, styles: object, settings: object, **_: object) -> Restyled:
            return Restyled(content, ImageOps.flip(content))

    return FakeEngine()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
