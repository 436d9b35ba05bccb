"""Which errors of a library are the visitor's, and which pass with time."""

import pytest

from models.errors import UnreachableError, WeightsError
from serving.engine.errors import EngineError, UnavailableError, raised_as_engine_error


def test_a_source_that_does_not_answer_is_no_fault_of_the_visitors():
    with (
        pytest.raises(UnavailableError, match=r"^These weights can't be used: the Hub could not be asked\.$") as raised,
        raised_as_engine_error(WeightsError, opening="These weights can't be used: "),
    ):
        raise UnreachableError("the Hub could not be asked")
    assert raised.value.http_status == 503


def test_weights_that_do_not_fit_are():
    with (
        pytest.raises(EngineError, match=r"^Config\.json names no architecture\.$") as raised,
        raised_as_engine_error(WeightsError),
    ):
        raise WeightsError("config.json names no architecture")
    assert not isinstance(raised.value, UnavailableError)
