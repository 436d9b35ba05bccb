"""Time and memory of loading the style networks onto the device: `python -m benchmarks.load [--quick]`.

The peers are `torch.load` of the pickles that the weights come from, and safetensors' `load_file` with `.to(device)`.
All keep freed memory, as the app does: without that, whoever's memory the C library gives back to the system pays for
new pages at the next load, up to half of the time in a virtual machine, and chance decides who. The first load in a
process, which has nothing to keep, and the high-water mark of the kernel are measured in a fresh process for each.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from benchmarks.report import Figure, interleaved, print_report
from models import device
from models.hub import loading, manifest
from models.style.adain import Decoder
from models.style.vgg import VGG19
from serving.local import malloc
from training import import_pretrained
from training.data import packages

TIME_LIMIT, MEMORY_LIMIT = 0.9, 1.1
FILES = {"vgg19": VGG19, "adain-decoder": Decoder}
PIXELS_LIMIT = 2 / 255


def ours() -> list[nn.Module]:
    """Load as the app does: check the header, then copy each tensor from the file to the device."""
    return [loading.load(name, device=device.choose(), source="bundled") for name in FILES]


def from_pickles() -> list[nn.Module]:
    """Load the pickles of the package into the same modules."""
    states = (import_pretrained.vgg19_state(), import_pretrained.decoder_state())
    networks = [network() for network in FILES.values()]
    for network, state in zip(networks, states, strict=True):
        network.load_state_dict(state)
    return [network.to(device.choose()) for network in networks]


def from_load_file() -> list[nn.Module]:
    """Load by safetensors' `load_file`, then move to the device."""
    networks: list[nn.Module] = []
    for name, architecture in FILES.items():
        network = architecture()
        network.load_state_dict(load_file(manifest.FOLDER / name / "model.safetensors"))
        networks.append(network.to(device.choose()))
    return networks


METHODS: dict[str, Callable[[], list[nn.Module]]] = {
    "Just Look": ours,
    "torch.load of the pickles": from_pickles,
    "load_file and .to(device)": from_load_file,
}


def in_a_fresh_process(method: str) -> tuple[float, float]:
    """Seconds of the first load, and the peak of host memory in bytes, without the loaded modules."""
    completed = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", "--measure", method],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, extra = completed.stdout.splitlines()[-1].split()
    return float(seconds), float(extra)


def measure(method: str) -> tuple[float, int]:
    """Seconds of a load, and the rise of this process's high-water mark by it (Linux only).

    The modules that stay on the host are left out of that.
    """
    torch.zeros(1, device=device.choose())
    Path("/proc/self/clear_refs").write_text("5")  # resets the mark, see proc_pid_clear_refs(5)
    before = _kilobytes("VmHWM")
    begun = time.perf_counter()
    networks = METHODS[method]()
    seconds = time.perf_counter() - begun
    rise = 1024 * (_kilobytes("VmHWM") - before)
    modules = sum(t.nbytes for network in networks for t in network.state_dict().values() if t.device.type == "cpu")
    return seconds, max(0, rise - modules)


def _kilobytes(field: str) -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(f"{field}:"))


def gpu_report(seconds: Mapping[str, list[float]], size: int) -> list[Figure]:
    """On a GPU: print the rate beside that of a plain copy, and compare a picture with the CPU's."""
    host = torch.empty(size, dtype=torch.uint8).pin_memory()
    torch.cuda.synchronize()
    start = time.perf_counter()
    host.to("cuda", non_blocking=True)
    torch.cuda.synchronize()
    copy = size / (time.perf_counter() - start)
    rate = size / statistics.median(seconds["Just Look"])
    print(f"{rate / 1e9:.2f} GB/s from file to GPU; a copy from pinned memory reaches {copy / 1e9:.1f} GB/s")
    picture = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    pictures = []
    for place in ("cuda", "cpu"):
        encoder = loading.load("vgg19", device=place, source="bundled")
        decoder = loading.load("adain-decoder", device=place, source="bundled")
        with torch.inference_mode():
            pictures.append(decoder(encoder(picture.to(place), ["relu4_1"])["relu4_1"]).clamp(0, 1).cpu())
    return [Figure("gpu_equals_cpu", (pictures[0] - pictures[1]).abs().max().item(), PIXELS_LIMIT)]


def main() -> None:
    """Time all methods in turns, then measure their memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--measure", choices=METHODS, help="only print seconds and extra bytes of this method")
    options = parser.parse_args()
    if options.measure:
        print(*measure(options.measure))
        return
    packages.VGG_ADAIN.fetch()
    malloc.keep_freed()
    seconds = interleaved(METHODS, runs=7 if options.quick else 25)
    size = sum(file.bytes for name in FILES for file in loading.entries()[name].files)
    fresh = {method: [in_a_fresh_process(method) for _ in range(3)] for method in METHODS}
    memory = {method: statistics.median(extra for _, extra in runs) for method, runs in fresh.items()}
    for method, extra in memory.items():
        print(
            f"{method:44}{extra / 1e6:8.1f} MB besides modules, {extra / size:.2f} of the files ({size / 1e6:.1f} MB)"
        )
    for method, runs in fresh.items():
        first = 1000 * statistics.median(seconds for seconds, _ in runs)
        own = ", with the digests of the files" if method == "Just Look" else ""
        print(f"{method:44}{first:8.1f} ms for the first load in a process{own}")
    medians = {method: statistics.median(runs) for method, runs in seconds.items()}
    best = min(seconds for method, seconds in medians.items() if method != "Just Look")
    figures = [
        Figure("load_time", medians["Just Look"] / best, TIME_LIMIT),
        Figure("load_memory", memory["Just Look"] / size, MEMORY_LIMIT),
    ]
    if device.choose().type == "cuda":
        figures += gpu_report(seconds, size)
    else:
        print("There is no GPU: its rate and its pictures are not measured.")
    print_report("VGG-19 and the AdaIN decoder onto the device", seconds, figures)


if __name__ == "__main__":
    main()
