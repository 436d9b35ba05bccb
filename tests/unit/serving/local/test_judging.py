"""Discriminators judge samples: their own generator's or another's of the same pictures."""

import pytest
import torch

from models.gan import latent
from models.hub import loading
from serving.engine.errors import EngineError
from serving.local import LocalEngine

CONTROL = {"step": 10_000, "seed": 42, "count": 3}


def test_a_verdict_is_what_the_discriminator_says_of_the_generators_pictures(engine: LocalEngine):
    verdicts = engine.verdicts("mnist-control", **CONTROL)

    generator = loading.load("mnist-control", source="bundled")
    discriminator = loading.load("mnist-control-discriminator", source="bundled")
    with torch.inference_mode():
        expected = discriminator(generator(latent.sample_z(42, 3, generator.z_dim)))
    torch.testing.assert_close(torch.tensor(verdicts.scores), expected, rtol=1e-3, atol=1e-3)
    assert verdicts.probabilities is not None
    torch.testing.assert_close(torch.tensor(verdicts.probabilities), expected.sigmoid(), rtol=1e-3, atol=1e-3)


def test_a_critic_gives_no_probability(engine: LocalEngine):
    verdicts = engine.verdicts("mnist-control", **CONTROL, judge="mnist-wgan-gp")
    assert len(verdicts.scores) == 3
    assert verdicts.probabilities is None


def test_who_can_judge_is_known_beforehand(engine: LocalEngine):
    judged = engine.judged()
    assert {"mnist-control", "sagan-fashion"} <= judged
    assert "mnist-cured" not in judged  # its discriminator judges four pictures at once
    for name in judged:
        info = next(info for info in engine.generators() if info.name == name)
        assert len(engine.verdicts(name, step=info.steps[-1], seed=0, count=2).scores) == 2


@pytest.mark.parametrize(
    ("model", "judge", "reason"),
    [
        ("mnist-cured", None, "No discriminator of 'mnist-cured'"),
        ("mnist-control", "nobody", "No discriminator of 'nobody'"),
        ("mnist-control", "emoji-dcgan", "learned from other pictures"),
    ],
)
def test_a_judge_that_does_not_fit_is_refused(engine: LocalEngine, model: str, judge: str | None, reason: str):
    last = next(info.steps[-1] for info in engine.generators() if info.name == model)
    with pytest.raises(EngineError, match=reason):
        engine.verdicts(model, step=last, seed=0, count=1, judge=judge)
