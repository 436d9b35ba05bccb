"""The file that a browser reads holds the generator: what it says of itself is enough to draw the same picture."""

import json

import numpy as np
import pytest
import safetensors.numpy
import torch

from models.gan import browser, dcgan, labelled
from models.gan.latent import sample_z

GENERATORS = {
    "greyscale": lambda: dcgan.Generator(z_dim=7, width=4, channels=1, size=16),
    "modes": lambda: dcgan.Generator(z_dim=8, width=4, channels=3, size=8, modes=5),
    "labels": lambda: labelled.Generator(labels="amber, blue, green", z_dim=8, width=4, channels=3, size=16),
}


@pytest.fixture(params=GENERATORS)
def generator(request: pytest.FixtureRequest) -> dcgan.Generator:
    torch.manual_seed(0)
    network = GENERATORS[request.param]()
    for _ in range(20):  # until batch normalisation's statistics fit the weights
        network(torch.randn(32, network.z_dim))
    network.layers[-2].weight.data *= 50  # strong pictures, as after a training
    return network.eval().requires_grad_(False)


def read(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The tensors and the numbers in the metadata."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return safetensors.numpy.load(content), {name: float(text) for name, text in header["__metadata__"].items()}


def inputs(z: np.ndarray, about: dict[str, float]) -> np.ndarray:
    z_dim, modes, labels = (int(about[name]) for name in ("z_dim", "modes", "labels"))
    if labels:
        powers = np.exp(about["sharpness"] * z[z_dim - labels :])
        z = np.concatenate([z[: z_dim - labels], powers / powers.sum()])
    if modes:
        z = np.concatenate([z, about["mode_length"] * (np.arange(modes) == z[:modes].argmax())])
    return z


def drawn(content: bytes, z: np.ndarray) -> np.ndarray:
    """The picture `(size, size, channels)`, by the words of `browser_file` and nothing else."""
    tensors, about = read(content)
    maps, side = inputs(z, about)[None], 1  # (positions, channels)
    for i in range(int(about["layers"])):
        matrix = tensors[f"{i}.weight"].astype(float).transpose(1, 0, 2).reshape(maps.shape[1], -1)
        patches = (maps @ matrix).reshape(side, side, 4, 4, -1)
        if i == 0:
            sums = patches[0, 0]
        else:
            sums = np.zeros((2 * side + 2, 2 * side + 2, patches.shape[-1]))
            for y, x in np.ndindex(side, side):
                sums[2 * y : 2 * y + 4, 2 * x : 2 * x + 4] += patches[y, x]
            sums = sums[1:-1, 1:-1]
        sums = sums * tensors[f"{i}.scale"] + tensors[f"{i}.shift"]
        side = len(sums)
        maps = (np.tanh(sums) if i == about["layers"] - 1 else sums.clip(0)).reshape(side * side, -1)
    return maps.reshape(side, side, -1)


def test_the_file_draws_what_the_generator_draws(generator: dcgan.Generator):
    z = sample_z(3, 4, generator.z_dim)
    expected = generator(z).permute(0, 2, 3, 1).numpy()

    content = browser.browser_file(generator)

    actual = np.stack([drawn(content, latent) for latent in z.numpy()])
    np.testing.assert_allclose(actual, expected, atol=0.01)  # weights in half precision
    assert expected.std() > 0.1


def test_weights_are_panels_of_eight_columns_in_half_precision(generator: dcgan.Generator):
    tensors, about = read(browser.browser_file(generator))

    for i in range(int(about["layers"])):
        panels, rows, columns = tensors[f"{i}.weight"].shape
        assert (columns, panels * columns) == (8, 16 * len(tensors[f"{i}.scale"]))
        assert rows == (len(tensors[f"{i - 1}.scale"]) if i else about["z_dim"] + about["modes"])
        assert tensors[f"{i}.weight"].dtype == np.float16
