"""Train the light style network: `python -m training.light`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.hub import loading
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.vgg import VGG19
from training.data import packages
from training.light import export
from training.light import pairs as light_pairs
from training.light import pictures as light_pictures
from training.light.pairs import Pairs
from training.light.run import LightRun
from training.light.settings import Settings
from training.runs import running

CHECKPOINT_EVERY = 100


def main() -> None:
    """Train the network and write it into weights/."""
    parser = argparse.ArgumentParser(prog="python -m training.light", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--work", type=Path, default=packages.CACHE / "training", help="folder for checkpoints and logs"
    )
    parser.add_argument("--no-export", action="store_true", help="do not write into weights/")
    options = parser.parse_args()
    settings, device = Settings(), torch.device(options.device)
    folder = options.work / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    vgg, decoder = loading.load("vgg19", device=device), loading.load("adain-decoder", device=device)
    assert isinstance(vgg, VGG19)
    assert isinstance(decoder, Decoder)
    for network in (vgg, decoder):
        network.to(memory_format=torch.channels_last)
    paintings, others = (light_pictures.read(paths) for paths in light_pictures.fetch())
    if (saved := folder / "pairs.pt").exists():
        pairs = Pairs(*torch.load(saved, weights_only=True))
    else:
        pairs = light_pairs.make(paintings, others, vgg, decoder, count=settings.pairs)
        torch.save(tuple(pairs), saved)
    run = LightRun(settings, LightStyle(), pairs, vgg, device=device)
    if not (folder / running.CHECKPOINT).exists():
        run.start(decoder)
    running.train(run, settings, folder, device=device, checkpoint_every=CHECKPOINT_EVERY)
    if not options.no_export:
        print(export.write(settings, folder, pictures=len(paintings) + len(others)))


if __name__ == "__main__":
    main()
