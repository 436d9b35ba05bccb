"""AdaIN by Winograd's convolution against the plain one: `python -m benchmarks.style_adain [--quick]`."""

from __future__ import annotations

import argparse
import math

import torch

from benchmarks.report import Figure, interleaved, print_report, ratio
from demos import samples
from models import adain, hub, images
from models.adain import Decoder
from models.vgg import VGG19
from models.winograd import quicken

SIDE = 512
LIMIT = 0.6


def main() -> None:
    """Paint the same photograph three ways, in turns; set OMP_NUM_THREADS=1 for what the engine does on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 3 if parser.parse_args().quick else 9
    photo, painting = (
        images.to_tensor(images.read(found.path).resize((SIDE, SIDE)))
        for found in (samples.photos()[0], samples.paintings()[0])
    )
    plain, last, quick = networks(), networks(torch.channels_last), networks(torch.channels_last)
    quicken(quick[0])
    quick[1].quicken()
    with torch.inference_mode():
        style = adain.style_moments(plain[0], painting)
        seconds = interleaved(
            {
                "plain": lambda: adain.restyle(*plain, photo, style),
                "channels_last": lambda: adain.restyle(*last, photo, style),
                "Winograd": lambda: adain.restyle(*quick, photo, style),
            },
            runs=runs,
        )
        apart = adain.restyle(*plain, photo, style) - adain.restyle(*quick, photo, style)
    levels = 255 * float(apart.abs().max())
    decibels = -10 * math.log10(float(apart.square().mean()))
    print(f"largest difference {levels:.4f} of 255, PSNR {decibels:.0f} dB")
    figures = [
        Figure("adain_512_cached_style", ratio(seconds, "Winograd", "plain"), LIMIT),
        Figure("largest_difference", levels, 2.0),
    ]
    print_report(f"AdaIN at {SIDE} px, style cached", seconds, figures)


def networks(layout: torch.memory_format = torch.contiguous_format) -> tuple[VGG19, Decoder]:
    """Encoder and decoder in float32."""
    encoder, decoder = hub.load("vgg19"), hub.load("adain-decoder")
    assert isinstance(encoder, VGG19)
    assert isinstance(decoder, Decoder)
    return encoder.to(memory_format=layout), decoder.to(memory_format=layout)


if __name__ == "__main__":
    main()
