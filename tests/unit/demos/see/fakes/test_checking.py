"""What the checker says: a sentence for each layer, never that a picture is genuine."""

import re

import pytest

from demos.see.fakes import checking
from media import provenance
from media.claims import Claims
from media.credentials import Credentials, State
from media.watermark import Reading

SILENT = Claims(None, {}, Credentials("none"), Reading(0.2))
FORBIDDEN = re.compile(r"genuine|authentic|is real|\breal\b|original", re.IGNORECASE)


def sentence(credentials: Credentials) -> str:
    return checking.verdicts(Claims(None, {}, credentials, Reading(0)))[1].sentence


def test_a_silent_file_proves_nothing():
    assert checking.closing(SILENT) == checking.NOTHING
    assert "proves neither" in checking.board_html(SILENT, title="photo.jpg")


@pytest.mark.parametrize("state", ["none", "valid", "mismatch", "broken", "elsewhere"])
def test_no_state_is_ever_called_genuine(state: State):
    read = Claims(provenance.COMPOSITE, {}, Credentials(state, signer="Somebody"), Reading(9))
    html = checking.board_html(read, title="photo.jpg")
    assert not FORBIDDEN.search(html)


def test_a_forged_signature_does_not_match():
    assert sentence(Credentials("mismatch", signer="Somebody")).startswith("The signature does not match:")


def test_this_demo_is_no_recognised_issuer():
    ours = Credentials("valid", ours=True, actions=(("c2pa.created", provenance.GENERATED),))
    assert sentence(ours) == (
        "The signature is valid: signed by this demo, not by a recognised issuer. It says: created by a trained model."
    )


def test_somebody_else_is_named_and_not_known():
    assert "signed by Camera Works, whom this app does not know" in sentence(
        Credentials("valid", signer="Camera Works")
    )


def test_what_a_file_says_is_escaped():
    read = Claims(None, {"Software": "<script>alert(1)</script>"}, Credentials("valid", signer="<b>"), Reading(0))
    html = checking.board_html(read, title="<i>.jpg")
    assert "<script>" not in html
    assert "<b>," not in html
    assert "<i>.jpg" not in html


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("ours", ["kept", "kept", "kept"]), ("forged", ["kept", "lies", "kept"]), ("photo", ["lost", "lost", "lost"])],
)
def test_the_examples_are_what_they_are_called(name: str, kinds: list[str]):
    html = checking.example(name)
    assert re.findall(r'data-layer="\w+" class="(\w+)"', html) == kinds


def test_the_api_gets_the_same_sentences():
    answer = checking.as_dict(SILENT)
    assert answer["sentences"][-1] == checking.NOTHING
    assert answer["credentials"]["state"] == "none"
