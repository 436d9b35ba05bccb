"""Small videos for the tests, with and without sound."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

CASES = Path(__file__).parent / "cases"  # small films that real tools made


def film(
    path: Path,
    *,
    frames: int = 8,
    size: tuple[int, int] = (48, 32),
    rate: int = 10,
    sound: bool = False,
    noise: float = 0,
    container: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video of a still picture, with noise of a deviation of `noise` levels.

    The file's suffix decides the container and its options, unless they are given.
    """
    random = np.random.RandomState(0)
    ramp = np.linspace(40, 210, size[0])[None, :, None] + np.linspace(-30, 30, size[1])[:, None, None]
    still = ramp + np.array([0, 20, -20])
    with av.open(str(path), "w", format=container, options=options or {}) as output:
        if path.suffix == ".gif":
            video = output.add_stream("gif", rate=rate)
            video.pix_fmt = "rgb8"
        else:
            video = output.add_stream("libx264", rate=rate, options={"crf": "1"})
            video.pix_fmt = "yuv420p"
        video.width, video.height = size
        audio = output.add_stream("aac", rate=8000, layout="mono") if sound else None
        for number in range(frames):
            levels = (still + random.normal(0, noise, still.shape) if noise else still).clip(0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(levels, format="rgb24")
            frame.pts = number
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        if audio is not None:
            samples = np.zeros((1, 8000 * frames // rate), dtype=np.float32)
            block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            block.sample_rate = 8000
            output.mux(audio.encode(block))
            output.mux(audio.encode(None))
    return path
