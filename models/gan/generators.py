"""The generators: every architecture that draws a picture from a latent vector."""

from __future__ import annotations

from models.gan import dcgan, labelled, sagan

Generator = dcgan.Generator | sagan.Generator  # with z_dim, size and z_weight
ARCHITECTURES: dict[str, type[Generator]] = {
    network.architecture: network for network in (dcgan.Generator, sagan.Generator, labelled.Generator)
}
