"""The engine of this process: the networks on this machine's CPU or GPU, or on a Space's ZeroGPU.

On ZeroGPU each `spaces.GPU` call runs in a forked process whose memory is lost, so whatever is worth keeping is
returned and cached out here. Everywhere else the decorator does nothing.
"""

from __future__ import annotations

import gc
from typing import NamedTuple

import torch
from spaces.config import Config

from models.hub import loading
from serving.local import malloc, networks
from serving.local.attributes import LocalAttributes
from serving.local.batches import LocalBatchRestyler
from serving.local.exploring import Exploring
from serving.local.judging import LocalSampleJudge
from serving.local.live_training import LocalLiveTrainer
from serving.local.nearest import LocalNearest
from serving.local.painting import LocalPainter
from serving.local.painting_states import PaintingStates
from serving.local.sampling import Sampling, bundled, generator
from serving.local.see.convolutions import LocalConvolutions
from serving.local.see.detecting import LocalDetector
from serving.local.see.preprocessing import LocalPreprocessor
from serving.local.see.vision import LocalViewer
from serving.local.translate import LocalTranslator
from serving.local.variety import LocalVariety


class Memory(NamedTuple):
    """Bytes in use.

    Attributes:
        networks: of the networks that are loaded, wherever they lie.
        device: of the GPU; 0 without one.
    """

    networks: int
    device: int


class LocalEngine(
    LocalLiveTrainer,
    LocalPainter,
    LocalBatchRestyler,
    Sampling,
    LocalSampleJudge,
    Exploring,
    LocalVariety,
    LocalAttributes,
    LocalNearest,
    LocalTranslator,
    LocalPreprocessor,
    LocalViewer,
    LocalConvolutions,
    LocalDetector,
):
    """Runs every request in this process; `serving.engine.Engine` documents the methods.

    Args:
        states: where the states of paintings are kept; in this process by default.
    """

    def __init__(self, *, states: PaintingStates | None = None) -> None:
        super().__init__()
        self._states = states or self._states
        malloc.keep_freed()
        if Config.zero_gpu:  # there the GPU is handed out to forked processes: what they need has to be on it before
            self.warm_up()

    def sources(self) -> list[str]:
        located = {name: loading.locate(name) for name in (*networks.STYLE, *bundled())}
        entries = loading.entries()
        return [
            file.notice or f"{name} comes from {entries[name].repo_id} on the Hub, at {entries[name].revision}."
            for name, file in located.items()
            if file.source == "hub" or file.notice
        ]

    def memory(self) -> Memory:
        """How much of it the engine uses."""
        device_bytes = torch.cuda.memory_reserved() if torch.cuda.is_initialized() else 0
        return Memory(networks=networks.cache.bytes(), device=device_bytes)

    def free_memory(self) -> None:
        """Give back what can be loaded again: the networks, and what PyTorch keeps of the device's memory."""
        networks.cache.clear()
        gc.collect()
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()

    def close(self) -> None:
        self.end_all_live()

    def warm_up(self) -> None:
        """Load the networks before the first visitor needs them; from then on, give back memory that piles up."""
        networks.light()
        self.measure()
        networks.encoder(), networks.decoder()  # in the order in which they are needed
        for info in self.generators():
            generator(info.name, info.steps[-1])
        malloc.clear_often()
