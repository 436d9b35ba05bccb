"""How fast and how lean the style networks get onto the device: `python -m benchmarks.load [--quick]`.

Beside ours: `torch.load` of the pickles that the weights come from, and safetensors' `load_file` with `.to(device)`.
Memory is measured in a process of its own for each, by the kernel's high-water mark.
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
from training import import_pretrained
from training.data import packages

TIME_LIMIT, MEMORY_LIMIT = 1.0, 1.1
FILES = {"vgg19": VGG19, "adain-decoder": Decoder}
PIXELS_LIMIT = 2 / 255


def ours() -> list[nn.Module]:
    """Header checked, then each tensor from the file to the device."""
    return [loading.load(name, device=device.choose(), source="bundled") for name in FILES]


def from_pickles() -> list[nn.Module]:
    """The package's own files, as its own code reads them, into the same modules."""
    states = (import_pretrained.vgg19_state(), import_pretrained.decoder_state())
    networks = [network() for network in FILES.values()]
    for network, state in zip(networks, states, strict=True):
        network.load_state_dict(state)
    return [network.to(device.choose()) for network in networks]


def from_load_file() -> list[nn.Module]:
    """The usual way with safetensors."""
    networks: list[nn.Module] = []
    for name, architecture in FILES.items():
        network = architecture()
        network.load_state_dict(load_file(manifest.FOLDER / name / "model.safetensors"))
        networks.append(network.to(device.choose()))
    return networks


WAYS: dict[str, Callable[[], list[nn.Module]]] = {
    "Just Look": ours,
    "torch.load of the pickles": from_pickles,
    "load_file and .to(device)": from_load_file,
}


def extra_memory(way: str) -> int:
    """Bytes of host memory that a way takes at its peak besides the loaded modules, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", "--measure", way],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.splitlines()[-1])


def measure(way: str) -> int:
    """The rise of this process's high-water mark, less what stays on the host: only Linux tells."""
    torch.zeros(1, device=device.choose())
    Path("/proc/self/clear_refs").write_text("5")  # resets the mark, see proc_pid_clear_refs(5)
    before = _kilobytes("VmHWM")
    networks = WAYS[way]()
    rise = 1024 * (_kilobytes("VmHWM") - before)
    kept = sum(t.nbytes for network in networks for t in network.state_dict().values() if t.device.type == "cpu")
    return max(0, rise - kept)


def _kilobytes(field: str) -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(f"{field}:"))


def gpu_report(seconds: Mapping[str, list[float]], size: int) -> list[Figure]:
    """On a GPU: the rate against a plain copy's, and the pictures against the CPU's."""
    host = torch.empty(size, dtype=torch.uint8).pin_memory()
    torch.cuda.synchronize()
    start = time.perf_counter()
    host.to("cuda", non_blocking=True)
    torch.cuda.synchronize()
    copy = size / (time.perf_counter() - start)
    rate = size / statistics.median(seconds["Just Look"])
    print(f"{rate / 1e9:.2f} GB/s from file to GPU; a pinned copy makes {copy / 1e9:.1f} GB/s")
    picture = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    pictures = []
    for place in ("cuda", "cpu"):
        encoder = loading.load("vgg19", device=place, source="bundled")
        decoder = loading.load("adain-decoder", device=place, source="bundled")
        with torch.inference_mode():
            pictures.append(decoder(encoder(picture.to(place), ["relu4_1"])["relu4_1"]).clamp(0, 1).cpu())
    return [Figure("gpu_equals_cpu", (pictures[0] - pictures[1]).abs().max().item(), PIXELS_LIMIT)]


def main() -> None:
    """Time all ways in turns, then measure their memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--measure", choices=WAYS, help="print one way's extra memory in bytes and end")
    options = parser.parse_args()
    if options.measure:
        print(measure(options.measure))
        return
    packages.VGG_ADAIN.fetch()
    start = time.perf_counter()
    ours()
    print(f"the first load in a process, with the files' digests: {1000 * (time.perf_counter() - start):.0f} ms")
    seconds = interleaved(WAYS, runs=7 if options.quick else 25)
    size = sum(file.bytes for name in FILES for file in loading.entries()[name].files)
    memory = {way: statistics.median(extra_memory(way) for _ in range(3)) for way in WAYS}
    for way, extra in memory.items():
        print(
            f"{way:44}{extra / 1e6:8.1f} MB besides the modules, {extra / size:.2f} of the files' {size / 1e6:.1f} MB"
        )
    medians = {way: statistics.median(runs) for way, runs in seconds.items()}
    best = min(seconds for way, seconds in medians.items() if way != "Just Look")
    figures = [
        Figure("load_time", medians["Just Look"] / best, TIME_LIMIT),
        Figure("load_memory", memory["Just Look"] / size, MEMORY_LIMIT),
    ]
    if device.choose().type == "cuda":
        figures += gpu_report(seconds, size)
    else:
        print("no GPU here: its rate and its pictures are not measured")
    print_report("VGG-19 and the AdaIN decoder onto the device", seconds, figures)


if __name__ == "__main__":
    main()
