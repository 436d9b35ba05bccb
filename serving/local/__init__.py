"""The engine of this process: the networks on this machine's CPU or GPU, or on a Space's ZeroGPU.

On ZeroGPU each `spaces.GPU` call runs in a forked process whose memory is lost, so whatever is worth keeping is
returned and cached out here. Everywhere else the decorator does nothing.
"""

from __future__ import annotations

from spaces.config import Config

from models.hub import loading
from serving.local import malloc, networks
from serving.local.batches import Batches
from serving.local.painting import Optimising
from serving.local.sampling import Sampling, bundled, generator


class LocalEngine(Optimising, Batches, Sampling):
    """Runs every request in this process; see `serving.engine.Engine` for what the methods promise."""

    def __init__(self) -> None:
        super().__init__()
        malloc.keep_freed()
        if Config.zero_gpu:  # there the GPU is handed out to forked processes: what they need has to be on it before
            self.warm_up()

    def sources(self) -> list[str]:
        """See `Engine.sources`."""
        located = {name: loading.locate(name) for name in (*networks.STYLE, *bundled())}
        entries = loading.entries()
        return [
            found.notice or f"{name} comes from {entries[name].repo_id} on the Hub, at {entries[name].revision}."
            for name, found in located.items()
            if found.source == "hub" or found.notice
        ]

    def warm_up(self) -> None:
        """Load the networks before the first visitor asks."""
        networks.light(), networks.encoder(), networks.decoder()  # in the order in which they are wanted
        for info in self.generators():
            generator(info.name, info.steps[-1])
