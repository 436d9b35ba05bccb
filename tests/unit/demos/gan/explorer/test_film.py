"""The film of a walk: H.264 or GIF, as long as its stops, with a note of how it was made."""

import json
from fractions import Fraction
from pathlib import Path

import av
import pytest

from demos.gan.explorer import film
from media.video_writing import FilmKind
from serving.local import LocalEngine


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "h264"), ("gif", "gif")])
def test_it_goes_round_at_its_rate(engine: LocalEngine, tmp_path: Path, kind: FilmKind, codec: str):
    stops = [engine.latent("mnist-dcgan", seed=seed, index=0) for seed in (1, 2, 3)]
    walked = engine.round_walk("mnist-dcgan", step=20_000, stops=stops, frames=4)
    path = tmp_path / f"walk.{kind}"
    film.write(walked, path, kind, {"model": "mnist-dcgan", "seeds": [1, 2, 3]})

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == codec
        times = [Fraction(frame.pts) * frame.time_base for frame in container.decode(video=0)]
        assert (stream.width, stream.height) == (film.SIDE, film.SIDE)
        if kind == "mp4":
            comment = json.loads(container.metadata["comment"])
            assert comment["seeds"] == [1, 2, 3]
            assert comment["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert len(times) == 12
    assert float(times[-1] - times[0]) == pytest.approx(11 / film.RATES[kind], abs=0.06)
