"""AdaIN by NNPACK's convolutions against the plain ones: `python -m benchmarks.style_adain [--quick]`."""

from __future__ import annotations

import argparse
import math

import torch

from benchmarks.report import Figure, interleaved, print_report, ratio
from demos import samples
from models import adain, hub, images, nnpack
from models.adain import Decoder
from models.vgg import VGG19

SIDE = 512
LIMIT = 0.6


def figures(*, runs: int) -> tuple[dict[str, list[float]], list[Figure]]:
    """Paint the same photograph three ways, in turns."""
    photo, painting = (
        images.to_tensor(images.read(found.path).resize((SIDE, SIDE)))
        for found in (samples.photos()[0], samples.paintings()[0])
    )
    plain, last, quick = networks(), networks(torch.channels_last), networks()
    for network in quick:
        nnpack.quicken(network)
    with torch.inference_mode():
        style = adain.style_moments(plain[0], painting)
        seconds = interleaved(
            {
                f"AdaIN {SIDE} px, plain": lambda: adain.restyle(*plain, photo, style),
                f"AdaIN {SIDE} px, channels_last": lambda: adain.restyle(*last, photo, style),
                f"AdaIN {SIDE} px, NNPACK": lambda: adain.restyle(*quick, photo, style),
            },
            runs=runs,
        )
        apart = adain.restyle(*plain, photo, style) - adain.restyle(*quick, photo, style)
    levels = 255 * float(apart.abs().max())
    decibels = -10 * math.log10(float(apart.square().mean()))
    print(f"AdaIN by NNPACK: largest difference {levels:.4f} of 255, PSNR {decibels:.0f} dB")
    return seconds, [
        Figure("adain_512_cached_style", ratio(seconds, f"AdaIN {SIDE} px, NNPACK", f"AdaIN {SIDE} px, plain"), LIMIT),
        Figure("adain_512_largest_difference", levels, 2.0),
    ]


def main() -> None:
    """Run it alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    seconds, found = figures(runs=3 if parser.parse_args().quick else 9)
    print_report(f"AdaIN at {SIDE} px, style cached", seconds, found)


def networks(layout: torch.memory_format = torch.contiguous_format) -> tuple[VGG19, Decoder]:
    """Encoder and decoder in float32."""
    encoder, decoder = hub.load("vgg19"), hub.load("adain-decoder")
    assert isinstance(encoder, VGG19)
    assert isinstance(decoder, Decoder)
    return encoder.to(memory_format=layout), decoder.to(memory_format=layout)


if __name__ == "__main__":
    main()
