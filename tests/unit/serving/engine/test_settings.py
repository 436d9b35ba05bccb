"""Settings go into the metadata of a result and come back the same; what makes no sense is refused."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.preprocessing import Preparation
from serving.engine import settings
from serving.engine.errors import EngineError
from serving.engine.settings import RestyleSettings

hundredths = st.integers(0, 100).map(lambda n: n / 100)
chosen = st.builds(
    RestyleSettings,
    strength=hundredths,
    side=st.none() | st.integers(16, 4096),
    weights=st.lists(hundredths, min_size=1, max_size=6).filter(any).map(tuple),
    colours=st.sampled_from(get_args(settings.Colours)),
    network=st.sampled_from(get_args(settings.Network)),
    area=st.sampled_from(["whole", "subject", "background", "drawn"]),
    preparation=st.builds(
        Preparation,
        crop=st.just((0.1, 0.2, 0.9, 1.0)),
        rotate=st.integers(-180, 180).map(float),
        greyscale=st.booleans(),
        gamma=st.just(0.8),
    ),
)


@given(chosen)
def test_a_result_s_metadata_restores_the_settings(value: RestyleSettings):
    assert settings.settings(settings.to_dict(value)) == value


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"strength": 2}, "^strength: Input should be less than or equal to 1.$"),
        ({"side": 5000}, "4096"),
        ({"weights": (0, 0)}, "^weights: every style has the weight 0"),
        ({"preparation": {"rotate": 400}}, "^preparation.rotate: "),
        ({"seed": 3}, "^seed: Unexpected keyword argument"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_in_one_sentence(values: dict[str, object], reason: str):
    with pytest.raises(EngineError, match=reason) as refusal:
        settings.settings(values)
    assert "\n" not in str(refusal.value)
