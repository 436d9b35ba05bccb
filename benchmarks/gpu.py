"""Everything that a GPU does here, in one run of at most four minutes: `python -m benchmarks.gpu [--quick]`.

Loading, the sampler, AdaIN in batches, painting, a training step beside a plain loop, calls of the engine, and whether
a seed gives the same pictures as on a CPU. A part that fails is named and the others go on. What falls short stands at
the end. Without a GPU only what a CPU can check is run: the steps that a GPU records, against the plain ones. Nothing
is fetched; the training's pictures are random.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import statistics
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from assets import samples
from benchmarks import load, style_adain
from benchmarks.operations import Operations
from benchmarks.report import Figure, interleaved, json_line, machine, print_figures, ratio
from benchmarks.style_race import RaceSetup
from benchmarks.train import PlainRun
from media import images
from models import cuda_graph, device, tensors
from models.gan import latent
from models.gan.training import recipe
from models.gan.training.adversarial import AdversarialRun
from models.hub import loading
from models.style import adain, gatys
from models.style.descent import Descent
from models.style.frames import Frame
from models.style.loss import Objective
from models.style.options import Method, Options, Weights
from models.style.static.convolutions import StaticVGG19
from models.style.static.descent import StaticDescent
from models.style.static.objective import StaticObjective
from models.style.terms import Style
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine, malloc, networks, sampling

SIDE, STEPS = 512, 500
PAINTING, TRAINING, RESTYLES, DIGITS, LEVELS = 2.0, 0.25, 500.0, 3_000_000.0, 2.0  # limits
SAME = 1e-4  # difference of losses that are computed in two ways, on a CPU
SECONDS = 200.0  # after which no further part begins
FLAGSHIP, STEP = "mnist-dcgan", 20_000
BATCHES = (1, 8, 32, 64)  # pictures that AdaIN restyles at once
CPU = torch.device("cpu")


@dataclass(frozen=True)
class GpuPart:
    """A part of the run: what it measures, and whether it needs a GPU."""

    title: str
    measure: Callable[[], list[Figure]]
    on_gpu: bool = True


def main() -> None:
    """Run every part, and print what falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the same: it is quick")
    parser.parse_args()
    begun, figures, failed = perf_counter(), list[Figure](), list[str]()
    print(machine())
    gpu = torch.cuda.is_available() and device.choose().type == "cuda"
    if not gpu:
        print("There is no GPU here: its figures are not measured. What a CPU can check follows.")
    for part in PARTS:
        if part.on_gpu and not gpu:
            continue
        if perf_counter() - begun > SECONDS:
            failed.append(f"{part.title}: left out, {SECONDS:.0f} s had passed")
            continue
        print(f"\n{part.title}")
        try:
            figures += part.measure()
        except Exception as error:  # the other parts are worth having, whatever this one died of
            traceback.print_exc()
            failed.append(f"{part.title}: {type(error).__name__}: {str(error).partition(chr(10))[0]}")
    print(f"\n{perf_counter() - begun:.0f} s in all")
    print_figures(figures)
    short = [figure.name for figure in figures if not figure.holds]
    print(f"falls short: {', '.join(short) or 'nothing'}")
    for line in failed:
        print(f"failed: {line}")
    print(json_line(figures))


def same_painting() -> list[Figure]:
    """Steps of painting as a GPU records them, on the CPU and in float32, beside the plain ones."""
    vgg = loading.load("vgg19", source="bundled")
    photo, painting = _square(samples.photos()[0].path, 64), _square(samples.paintings()[0].path, 64)
    arguments = {"weights": Weights(), "revive": True}
    plain = Descent(photo, Objective(vgg, photo, [Style(painting)], exact=True, **arguments), Method())  # type: ignore[arg-type]
    objective = StaticObjective(StaticVGG19(vgg, torch.float32), photo, [Style(painting)], **arguments)  # type: ignore[arg-type]
    static = StaticDescent(photo, objective, Method())
    for _ in range(3):
        plain.measure()
        plain.step()
        static.step()
    before, after = (float(descent.measure().total) for descent in (plain, static))
    return [
        Figure("painting_static_to_plain", abs(after / before - 1), SAME),
        *_counted("painting", static.static_step),
    ]


def same_training() -> list[Figure]:
    """A step of training as a GPU records it, on the CPU, beside the plain one in float32."""
    runs = [
        kind(recipe.read(FLAGSHIP), _pictures(500), device=CPU, static=static)
        for kind, static in ((PlainRun, False), (AdversarialRun, True))
    ]
    plain, static = (dict(run.advance().figures) for run in runs)
    difference = max(abs(plain[name] - static[name]) for name in plain)
    runs[1].draws.renew()
    return [Figure("training_static_to_plain", difference, SAME), *_counted("training", runs[1].static_step)]


def _counted(name: str, step: Callable[[], None]) -> list[Figure]:
    with Operations() as operations, torch.no_grad() if name == "painting" else torch.enable_grad():
        step()
    print(f"{name}: {operations.names.total()} operations a step, views among them")
    return [
        Figure(f"{name}_host_reads", len(operations.reads), 0),
        Figure(f"{name}_conversions", len(operations.conversions), 0),
    ]


def loaded() -> list[Figure]:
    """VGG-19 and AdaIN's decoder onto the device, beside `load_file` with `.to`."""
    methods = {name: load.METHODS[name] for name in ("Just Look", "load_file and .to(device)")}
    malloc.keep_freed()
    seconds = interleaved(methods, runs=7)
    for name, runs in seconds.items():
        print(f"{name:30}{1000 * statistics.median(runs):8.1f} ms")
    size = sum(file.bytes for name in load.FILES for file in loading.entries()[name].files)
    figures = [Figure("load_time", ratio(seconds, *methods), load.TIME_LIMIT)]
    return figures + load.gpu_report(seconds, size) if torch.cuda.is_available() else figures


@torch.inference_mode()
def sampled() -> list[Figure]:
    """Digits a second, on the device, by the network as the engine has it."""
    network, rates = sampling.quick_generator(FLAGSHIP, STEP), {}
    for count in (16, 1_024, sampling.MOST, 4 * sampling.MOST):
        z = latent.sample_z(0, count, network.z_dim).cuda()
        rates[count] = count / _seconds(functools.partial(_levels, network, z))
        print(f"{count:6} at once: {rates[count]:12,.0f} digits/s")
    return [Figure("sampler_digits_per_second", max(rates.values()), DIGITS, at_least=True)]


@torch.inference_mode()
def restyled() -> list[Figure]:
    """Photographs a second through AdaIN, as the engine has it, in a known painting."""
    one_pass, rates = networks.adain_pass(), {}
    look = one_pass.look(_square(samples.paintings()[0].path, SIDE)).to("cuda")
    photo = _square(samples.photos()[0].path, SIDE).cuda()

    def restyle(photos: Tensor) -> Tensor:
        features = one_pass.encode(photos)
        return one_pass.paint(features, [look], [], strength=1.0, own=adain.moments(features))

    for count in BATCHES:
        photos = photo.expand(count, -1, -1, -1).contiguous()
        rates[count] = count / _seconds(functools.partial(restyle, photos))
        print(f"{count:6} at once: {rates[count]:8,.0f} photographs/s at {SIDE} px")
    plain = style_adain.networks()
    expected = adain.restyle(
        *plain, photo.cpu(), adain.style_moments(plain[0], _square(samples.paintings()[0].path, SIDE))
    )
    noise = (restyle(photo).cpu() - expected).square().mean()
    return [
        Figure("adain_512_per_second", max(rates.values()), RESTYLES, at_least=True),
        Figure("adain_512_psnr", float(-10 * noise.log10()), 40.0, at_least=True),
    ]


def painted() -> list[Figure]:
    """A painting of `STEPS` steps at `SIDE` pixels: time, memory, loss beside the plain path's, share of peak."""
    setup = RaceSetup.of("astronaut", "wheat-field", SIDE)
    setup = RaceSetup(setup.content.cuda(), setup.style.cuda(), setup.vgg, setup.plain.cuda(), setup.decoder)
    start = setup.restyled()
    _painting(setup, start, steps=20)  # kernels are chosen on first use
    torch.cuda.reset_peak_memory_stats()
    frame, seconds = _painting(setup, start, steps=STEPS)
    peak = torch.cuda.max_memory_allocated()
    with _without_graphs():
        free, free_seconds = _painting(setup, start, steps=50)
    graph, graph_seconds = _painting(setup, start, steps=50)
    apart = 255 * float((free.image - graph.image).abs().max())
    with _plain_path():
        plain, plain_seconds = _painting(setup, start, steps=STEPS)
    objective = Objective(setup.plain, setup.content, [Style(setup.style)], weights=Weights(), exact=True)
    with torch.no_grad():
        totals = [float(objective(result.image.cuda()).total) for result in (frame, plain)]
        with FlopCounterMode(display=False) as counter:  # of the forward pass; the way back to the pixels takes as many
            objective(setup.content)
    rate = 2 * STEPS * counter.get_total_flops() / seconds
    print(
        f"{STEPS} steps at {SIDE} px: {seconds:.2f} s, plain {plain_seconds:.2f} s; peak {peak / 2**30:.2f} GiB; "
        f"{rate / 1e12:.0f} TFLOP/s or {rate / _matmul_rate():.0%} of a bfloat16 matmul's; "
        f"loss {totals[0]:.4f}, plain {totals[1]:.4f}"
    )
    print(f"50 steps: {graph_seconds:.2f} s, without the graph {free_seconds:.2f} s, {apart:.2f} of 255 levels apart")
    return [
        Figure("paint_512_seconds", seconds, PAINTING),
        Figure("paint_512_loss_to_plain", totals[0] / totals[1], 1.01),
        Figure("paint_graph_to_graph_free_levels", apart, LEVELS),
    ]


def _painting(setup: RaceSetup, start: Tensor, *, steps: int) -> tuple[Frame, float]:
    torch.cuda.synchronize()
    begun = perf_counter()
    styles = [Style(setup.style)]
    *_, frame = gatys.paint(setup.vgg, setup.content, styles, options=Options(steps=steps), start=start, interval=1e9)
    return frame, perf_counter() - begun


def trained() -> list[Figure]:
    """A step of the flagship's training beside the plain loop; the two forms of R1."""
    settings, pictures, place = recipe.read(FLAGSHIP), _pictures(60_000), device.choose()
    ours = AdversarialRun(settings, pictures, device=place)
    by_autograd = _AutogradR1(settings, pictures, device=place)
    plain = PlainRun(settings, pictures, device=place, static=False)

    def steps(run: AdversarialRun) -> Callable[[], None]:
        def train() -> None:
            for _ in range(50):
                progress = run.advance()
            dict(progress.figures)  # waits for the device

        return train

    runs = {"ours": steps(ours), "ours, R1 by autograd": steps(by_autograd), "plain": steps(plain)}
    seconds = interleaved(runs, runs=5)
    for name, times in seconds.items():
        print(f"{name:24}{1000 * statistics.median(times) / 50:8.2f} ms a step")
    return [Figure("training_step_to_plain", ratio(seconds, "ours", "plain"), TRAINING)]


class _AutogradR1(AdversarialRun):
    """R1 by a second derivative, as a tutorial has it."""

    def _fast_r1(self, real: Tensor) -> None:  # noqa: ARG002
        return None


def called() -> list[Figure]:
    """What calls of the engine take."""
    engine = LocalEngine()
    photo, painting = (images.read(kind[0].path) for kind in (samples.photos(), samples.paintings()))
    for side in (384, 512, 1024, 2048):
        settings = RestyleSettings(side=side, network="adain")
        times = []
        for number in range(6):
            changed = photo.copy()
            changed.putpixel((0, 0), (number, 0, 0))  # so that no cache has it
            begun = perf_counter()
            engine.restyled(changed, [painting], settings)
            times.append(perf_counter() - begun)
        print(f"a restyle at {side:4} px: {1000 * statistics.median(times[1:]):8.1f} ms")
    for count in (16, 1_024):
        seeds = itertools.count()
        seconds = _seconds(lambda: engine.sample(FLAGSHIP, step=STEP, seed=next(seeds), count=count))  # noqa: B023
        print(f"{count:5} samples: {1000 * seconds:8.2f} ms")
    return []


@torch.inference_mode()
def same_seed() -> list[Figure]:
    """The largest difference between what a seed gives on the CPU and on the GPU, over all bundled generators."""
    worst = 0.0
    for info in sampling.bundled().values():
        z = latent.sample_z(0, 16, info.z_dim)
        own = loading.load(info.name, step=info.steps[-1], source="bundled")
        there = sampling.quick_generator(info.name, info.steps[-1])
        levels = [
            tensors.to_uint8(network(z.to(place))).cpu().int() for network, place in ((own, "cpu"), (there, "cuda"))
        ]
        apart = int((levels[0] - levels[1]).abs().max())
        print(f"{info.name:30} {apart} of 255 levels apart")
        worst = max(worst, apart)
    return [Figure("same_seed_levels", worst, LEVELS)]


PARTS = (
    GpuPart("A step of painting as a GPU records it, on the CPU", same_painting, on_gpu=False),
    GpuPart("A step of training as a GPU records it, on the CPU", same_training, on_gpu=False),
    GpuPart("Loading", loaded, on_gpu=False),
    GpuPart("The sampler", sampled),
    GpuPart("AdaIN in batches", restyled),
    GpuPart("Painting", painted),
    GpuPart("A training step", trained),
    GpuPart("The engine's calls", called),
    GpuPart("The same seed on CPU and GPU", same_seed),
)


@contextmanager
def _without_graphs() -> Iterator[None]:
    """All steps warm up: they run as they are."""
    before, cuda_graph.WARM_UP = cuda_graph.WARM_UP, 10**9
    try:
        yield
    finally:
        cuda_graph.WARM_UP = before


@contextmanager
def _plain_path() -> Iterator[None]:
    """Painting as on a CPU."""
    before = gatys.static_dtype
    gatys.static_dtype = lambda device: None  # noqa: ARG005 - a name as in the function
    try:
        yield
    finally:
        gatys.static_dtype = before


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of one call on the device: the mean of as many as fit into a second."""
    for _ in range(3):
        work()
    torch.cuda.synchronize()
    begun, calls = perf_counter(), 0
    while perf_counter() - begun < 1:
        for _ in range(4):
            work()
        torch.cuda.synchronize()
        calls += 4
    return (perf_counter() - begun) / calls


def _matmul_rate(side: int = 8192) -> float:
    """Operations per second of a large matrix product in bfloat16."""
    a, b = (torch.randn(side, side, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 2 * side**3 / _seconds(lambda: a @ b)


def _levels(network: nn.Module, z: Tensor) -> Tensor:
    return tensors.to_uint8(network(z))


def _square(path: str, side: int) -> Tensor:
    return tensors.to_tensor(images.read(path).resize((side, side)))


def _pictures(count: int) -> Tensor:
    return torch.randint(0, 256, (count, 1, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


if __name__ == "__main__":
    main()
