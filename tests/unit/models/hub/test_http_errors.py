"""An error of the network is said in words, without the operating system's number."""

import socket

import pytest

from models.hub.http_errors import first_line


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        ConnectionRefusedError(111, "Connection refused"),
        RuntimeError("[Errno -3] Temporary failure in name resolution"),
    ],
)
def test_without_a_network_it_says_so(error: Exception):
    assert first_line(error) == "it can’t be reached: is there a network connection?"


def test_another_error_keeps_its_words_and_loses_its_number():
    assert first_line(OSError(28, "No space left on device")) == "No space left on device"
    assert first_line(ValueError("One.\nTwo.")) == "One"
    assert first_line(TimeoutError()) == "TimeoutError"
