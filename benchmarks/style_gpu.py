"""Painting by optimisation on a CUDA device: time, memory, share of the matmul rate, and loss beside float32."""

from __future__ import annotations

from time import perf_counter

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.report import Figure
from benchmarks.style_race import RaceSetup
from models import device
from models.style import gatys
from models.style.frames import Frame
from models.style.loss import Objective
from models.style.options import Options, Weights
from models.style.terms import Style

SIDE, STEPS = 512, 500
SECONDS = 2.0
TOLERANCE = 0.01  # share of the final loss in float32


def figures() -> list[Figure]:
    """Paint `STEPS` steps at `SIDE` pixels in both precisions and print time, memory and losses."""
    setup = RaceSetup.of("astronaut", "wheat-field", SIDE)
    for network in (setup.vgg, setup.plain, setup.decoder):
        network.to("cuda")
    setup = RaceSetup(setup.content.cuda(), setup.style.cuda(), setup.vgg, setup.plain, setup.decoder)
    _painted(setup, steps=20)  # warm-up: the kernels are chosen on first use
    torch.cuda.reset_peak_memory_stats()
    begun = perf_counter()
    frame = _painted(setup, steps=STEPS)
    seconds = perf_counter() - begun
    peak = torch.cuda.max_memory_allocated()

    halved, device.half = device.half, _never  # type: ignore[assignment]
    try:
        full = _painted(setup, steps=STEPS)
        objective = Objective(setup.plain, setup.content, [Style(setup.style)], weights=Weights())
        totals = [float(objective.gradient(result.image.cuda(), wanted=False)[0].total) for result in (frame, full)]
        with FlopCounterMode(display=False) as counter:
            objective.gradient(setup.content)
    finally:
        device.half = halved
    rate = STEPS * counter.get_total_flops() / seconds
    print(
        f"{torch.cuda.get_device_name()}: {STEPS} steps at {SIDE} px in {seconds:.2f} s, peak {peak / 2**30:.2f} GiB, "
        f"{rate / 1e12:.0f} TFLOP/s or {rate / _matmul_rate():.0%} of a bfloat16 matmul's; "
        f"loss {totals[0]:.4f}, in float32 {totals[1]:.4f}"
    )
    return [
        Figure("paint_gpu_seconds", seconds, SECONDS),
        Figure("paint_gpu_loss_to_float32", totals[0] / totals[1], 1 + TOLERANCE),
    ]


def _never(_: str) -> None:
    """Stands in for `device.half` on a machine that is fast only in float32."""


def _painted(setup: RaceSetup, *, steps: int) -> Frame:
    frames = gatys.paint(
        setup.vgg,
        setup.content,
        [Style(setup.style)],
        options=Options(steps=steps),
        start=setup.restyled(),
        interval=1e9,
    )
    *_, frame = frames
    return frame


def _matmul_rate(side: int = 8192, runs: int = 20) -> float:
    """Operations per second of a large matrix product in bfloat16."""
    a, b = (torch.randn(side, side, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        a @ b
    torch.cuda.synchronize()
    begun = perf_counter()
    for _ in range(runs):
        a @ b
    torch.cuda.synchronize()
    return runs * 2 * side**3 / (perf_counter() - begun)
