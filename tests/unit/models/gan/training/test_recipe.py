"""A recipe is complete and consistent before anything is trained."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from models.gan.training import recipe
from models.hub import loading

GOOD = """
title = "A small one"
data = "mnist"
seed = 3
steps = 100
snapshots = [0, 50, 100]
batch = 8
ema = 0.9
[generator]
z_dim = 16
width = 4
[discriminator]
width = 4
batch_norm = true
[optimiser]
generator_lr = 2e-4
discriminator_lr = 1e-4
betas = [0.5, 0.999]
decay_from = 50
"""


def read(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> recipe.Recipe:
    monkeypatch.setattr(recipe, "RECIPES", folder)
    (folder / "small.toml").write_text(text)
    return recipe.read("small")


def test_a_good_file_is_read_and_named_after_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = read(tmp_path, monkeypatch, GOOD)
    assert (small.name, small.title, small.steps, small.snapshots) == ("small", "A small one", 100, [0, 50, 100])
    assert (small.generator.z_dim, small.discriminator.batch_norm) == (16, True)
    assert small.optimiser.betas == (0.5, 0.999)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("batch = 8", "batch = 8\nepochs = 2", "epochs\n.*[Ee]xtra"),
        ("z_dim = 16", "z_dim = 16\nheight = 2", r"generator\.height\n.*[Ee]xtra"),
        ("seed = 3", "", "seed\n.*[Ff]ield required"),
        ('"mnist"', '"imagenet"', "data\n.*mnist"),
        ("batch = 8", "batch = 0", "batch\n.*greater than 0"),
        ("ema = 0.9", "ema = 1.0", "ema\n.*less than 1"),
        ("[0, 50, 100]", "[]", "snapshots\n.*at least 1"),
        ("[0, 50, 100]", "[0, 50]", "snapshots must rise to the last step, 100"),
        ("[0, 50, 100]", "[0, 100, 200]", "snapshots must rise to the last step, 100"),
        ("[0, 50, 100]", "[50, 0, 100]", "snapshots must rise to the last step, 100"),
        ("[0, 50, 100]", "[0, 50, 50, 100]", "snapshots must rise to the last step, 100"),
        ("decay_from = 50", "decay_from = 100", "decay_from must lie before the last step, 100"),
        ("batch = 8", "batch = 8\npack = 3", "batch must be a multiple of pack, 3"),
        ("batch = 8", "batch = 8\nreal_target = [1.0, 0.7]", "real_target must be two numbers"),
        ("batch = 8", 'batch = 8\ngame = "wasserstein"\nreal_target = [0.7, 1.0]', "nothing to the wasserstein game"),
        ("batch = 8", 'batch = 8\nnetwork = "sagan"', r"neither generator\.modes nor discriminator\.batch_norm"),
        ("batch = 8", 'batch = 8\naugment = ["sepia"]', r"augment\.0\n.*cutout"),
        ("batch = 8", 'batch = 8\ngame = "poker"', "game\n.*relativistic"),
        ("batch = 8", "batch = 8\nr1 = -1.0", "r1\n.*greater than or equal to 0"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, complaint: str):
    assert old in GOOD
    with pytest.raises(ValidationError, match=complaint):
        read(tmp_path, monkeypatch, GOOD.replace(old, new))


def test_a_line_that_is_no_toml_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(tomllib.TOMLDecodeError):
        read(tmp_path, monkeypatch, GOOD.replace("batch = 8", "batch 8"))


def test_an_unknown_recipe_is_answered_with_the_known_ones():
    with pytest.raises(recipe.RecipeError, match=r"no recipe 'mnist-dcgna'; there are: .*mnist-dcgan"):
        recipe.read("mnist-dcgna")


def test_a_recipe_with_a_base_is_that_recipe_with_its_own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = read(tmp_path, monkeypatch, GOOD)
    (tmp_path / "variant.toml").write_text('base = "small"\nseed = 4\n[optimiser]\ngenerator_lr = 1.0\n')
    variant = recipe.read("variant")
    assert (variant.name, variant.seed) == ("variant", 4)
    assert variant.optimiser == small.optimiser.model_copy(update={"generator_lr": 1.0})
    assert variant.model_copy(update={"name": "small", "seed": 3, "optimiser": small.optimiser}) == small


@pytest.mark.parametrize("name", recipe.names())
def test_every_shipped_recipe_reads(name: str):
    assert recipe.read(name).name == name


def test_the_cure_of_stacked_digits_packs_and_changes_nothing_else():
    cured, collapsed = (recipe.read(f"stacked-{kind}").model_dump() for kind in ("cured", "collapse"))
    changed = {key for key in cured if cured[key] != collapsed[key]} - {"name", "title", "shows"}
    assert changed == {"pack"}


@pytest.mark.parametrize("switched", ["mnist-smooth", "mnist-d5", "mnist-g5", "mnist-noise"])
def test_a_trick_differs_from_its_control_in_one_switch(switched: str):
    trick, control = (recipe.read(name).model_dump() for name in (switched, "mnist-control"))
    assert len({key for key in trick if trick[key] != control[key]} - {"name", "title", "shows"}) == 1


def test_the_bundled_generator_is_what_its_recipe_says():
    made, entry = recipe.read("mnist-dcgan"), loading.entries()["mnist-dcgan"]
    assert entry.title == made.title
    assert entry.steps == made.snapshots
    assert (entry.config["z_dim"], entry.config["width"]) == (made.generator.z_dim, made.generator.width)
    assert made.steps >= 20_000
