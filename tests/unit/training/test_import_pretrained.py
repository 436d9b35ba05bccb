"""The imported weights are those of the package, and the folders are what the Hub expects."""

import json

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file

from models.hub import loading, manifest
from models.hub.registry import network_class
from models.pretrained import Pretrained
from training import import_classifier, import_eyes, import_pretrained, import_saliency, weights_folder

BUNDLED = [name for name, entry in manifest.read().items() if entry.files]
NAMES = [name for name in BUNDLED if not manifest.read()[name].is_graph]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("vgg19", import_pretrained.vgg19_state),
        ("adain-decoder", import_pretrained.decoder_state),
        ("u2netp", import_saliency.state),
        ("painted-eyes", import_eyes.state),
        ("efficientnet-lite0", import_classifier.state),
    ],
)
def test_the_bundled_file_holds_the_package_s_values(name: str, state):
    expected = weights_folder.halve(state())
    bundled = load_file(loading.locate(name, source="bundled").path)
    assert bundled.keys() == expected.keys()
    for key, tensor in expected.items():
        assert torch.equal(bundled[key], tensor), key


def test_importing_again_writes_the_same_bytes(tmp_path):
    network, about = import_pretrained.Decoder(), import_pretrained.DECODER_ABOUT
    weights_folder.write("adain-decoder", network, {None: import_pretrained.decoder_state()}, about, folder=tmp_path)
    assert manifest.read(tmp_path)["adain-decoder"] == manifest.read()["adain-decoder"]


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_model_is_complete_and_as_recorded(name: str):
    loading.verify(name)


@pytest.mark.parametrize("name", NAMES)
def test_from_pretrained_loads_every_bundled_folder(name: str):
    folder = manifest.FOLDER / name
    network: type[Pretrained] = network_class(manifest.read()[name].architecture)
    module = network.from_pretrained(folder)
    assert not module.training
    assert not any(p.requires_grad for p in module.parameters())
    assert module.config == json.loads((folder / "config.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_every_card_says_what_the_hub_asks(name: str):
    card, entry = ModelCard.load(manifest.FOLDER / name / "README.md"), manifest.read()[name]
    assert card.data.license == entry.licence
    assert card.data.library_name == "pytorch"
    assert card.data.pipeline_tag
    assert "pytorch_model_hub_mixin" in card.data.tags
    assert card.text.lstrip().startswith(f"# {entry.title}")
    for line in card.text.splitlines():
        if line.startswith("!["):
            assert (manifest.FOLDER / name / line.split("(")[1].rstrip(")")).exists(), line
