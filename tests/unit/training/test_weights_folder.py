"""Models are written into weights/ by several commands, which may end at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.gan.dcgan import Generator
from models.hub import manifest
from training import weights_folder

ABOUT = weights_folder.About(
    title="Tiny", origin="a test", licence="apache-2.0", command="pytest", text="A tiny generator."
)


def test_models_that_are_written_at_once_are_all_in_the_manifest(tmp_path: Path):
    names = [f"tiny-{number}" for number in range(12)]

    def write(name: str) -> None:
        network = Generator(z_dim=4, width=2, channels=1, size=8)
        weights_folder.write(name, network, {None: network.state_dict()}, ABOUT, folder=tmp_path)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(write, names))

    assert sorted(manifest.read(tmp_path)) == sorted(names)
