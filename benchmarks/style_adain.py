"""AdaIN as the app runs it, beside its plain float32 form: `python -m benchmarks.style_adain [--quick]`.

The app takes the faster of NNPACK's convolutions and bfloat16, where the CPU has units for it.
"""

from __future__ import annotations

import argparse
import math

import torch
from torch import Tensor

from assets import samples
from benchmarks.report import Figure, interleaved, print_report, ratio
from media import images
from models import tensors
from models.hub import loading
from models.style import adain
from models.style.adain import Decoder
from models.style.vgg import VGG19
from serving.local import networks as serving

SIDE = 512
LIMIT = 0.6
PSNR = 45.0  # dB to the plain form


def figures(*, runs: int) -> tuple[dict[str, list[float]], list[Figure]]:
    """Restyle the same photograph by three variants, in turns."""
    photo, painting = (
        tensors.to_tensor(images.read(sample.path).resize((SIDE, SIDE)))
        for sample in (samples.photos()[0], samples.paintings()[0])
    )
    plain, last = networks(), networks(torch.channels_last)
    one_pass = serving.adain_pass()

    def ours() -> Tensor:
        features = one_pass.encode(photo)
        return one_pass.paint(features, [style], [], strength=1.0, own=adain.moments(features))

    with torch.inference_mode():
        style = adain.style_moments(plain[0], painting)
        seconds = interleaved(
            {
                f"AdaIN {SIDE} px, plain": lambda: adain.restyle(*plain, photo, style),
                f"AdaIN {SIDE} px, channels_last": lambda: adain.restyle(*last, photo, style),
                f"AdaIN {SIDE} px, the app's": ours,
            },
            runs=runs,
        )
        difference = adain.restyle(*plain, photo, style) - ours()
    levels = 255 * float(difference.abs().max())
    decibels = -10 * math.log10(float(difference.square().mean()))
    print(f"AdaIN as the app runs it: largest difference {levels:.4f} of 255, PSNR {decibels:.1f} dB")
    return seconds, [
        Figure(
            "adain_512_cached_style", ratio(seconds, f"AdaIN {SIDE} px, the app's", f"AdaIN {SIDE} px, plain"), LIMIT
        ),
        Figure("adain_512_psnr", decibels, PSNR, at_least=True),
    ]


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    seconds, measured = figures(runs=3 if parser.parse_args().quick else 9)
    print_report(f"AdaIN at {SIDE} px, style cached", seconds, measured)


def networks(layout: torch.memory_format = torch.contiguous_format) -> tuple[VGG19, Decoder]:
    """Encoder and decoder in float32."""
    encoder, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    assert isinstance(encoder, VGG19)
    assert isinstance(decoder, Decoder)
    return encoder.to(memory_format=layout), decoder.to(memory_format=layout)


if __name__ == "__main__":
    main()
