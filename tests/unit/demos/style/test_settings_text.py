"""Settings go into a link, and come back the same."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.style.settings_text import from_query, to_query
from media.preprocessing import Preparation
from serving.engine.errors import EngineError
from serving.engine.settings import Colours, Network, RestyleSettings

hundredths = st.integers(0, 100).map(lambda n: n / 100)
chosen = st.builds(
    RestyleSettings,
    strength=hundredths,
    side=st.none() | st.integers(16, 4096),
    weights=st.lists(hundredths, min_size=1, max_size=6).filter(any).map(tuple),
    colours=st.sampled_from(get_args(Colours)),
    network=st.sampled_from(get_args(Network)),
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
def test_a_link_restores_the_settings(value: RestyleSettings):
    assert from_query(to_query(value)) == value


def test_the_defaults_need_no_query():
    assert to_query(RestyleSettings()) == ""
    assert from_query("?tab=style&seed=3") == RestyleSettings()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("strength=2", "^strength: Input should be less than or equal to 1.$"),
        ("strength=nan", "^strength: "),
        ("strength=much", "^strength: Input should be a valid number"),
        ("side=5000", "4096"),
        ("weights=0,0", "^weights: every style has the weight 0"),
        ("colours=sepia", "^colours: .*'style'"),
        ("prepare.crop=0.5,0,0.5,1", "^preparation.crop: must be left, top, right, bottom"),
        ("prepare.rotate=400", "^preparation.rotate: "),
    ],
)
def test_a_value_that_makes_no_sense_is_named_in_one_sentence(query: str, reason: str):
    with pytest.raises(EngineError, match=reason) as refusal:
        from_query(query)
    assert "\n" not in str(refusal.value)
