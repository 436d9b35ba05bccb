"""The registry names classes that exist, and knows the generators without importing torch."""

from models.gan.generators import ARCHITECTURES
from models.hub import registry


def test_the_generators_are_the_architectures_that_draw_from_a_latent_vector():
    assert set(ARCHITECTURES) == registry.GENERATORS


def test_every_architecture_is_the_one_that_its_class_names():
    assert {name: registry.network_class(name).architecture for name in registry.ARCHITECTURES} == {
        name: name for name in registry.ARCHITECTURES
    }
