"""Content Credentials: signed by this app, checked in a process of its own, and never believed without a signature."""

import io
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from PIL import Image

from media import credentials, provenance
from media.credentials import CredentialError

PICTURE = Image.effect_noise((96, 64), 60)


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An app that starts for the first time."""
    monkeypatch.setattr(credentials, "FOLDER", tmp_path)
    forget()
    yield
    forget()


def forget() -> None:
    credentials.identity.cache_clear()
    credentials._signer.cache_clear()
    credentials._KEPT.clear()


def encoded(kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    PICTURE.save(content, kind)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
def test_what_is_signed_is_read_back(kind: str):
    signed = credentials.signed(encoded(kind), kind=kind, source=provenance.GENERATED)

    read = credentials.read(signed, kind=kind)

    assert (read.state, read.ours) == ("valid", True)
    assert read.signer.startswith("Just Look demo")
    assert read.actions == (("c2pa.created", provenance.GENERATED),)
    assert credentials.checked(signed, kind=kind) == read


def test_a_changed_picture_or_claim_does_not_match():
    signed = credentials.signed(encoded(), source=provenance.GENERATED)
    pixels = bytearray(signed)
    pixels[-40] ^= 1
    claim = signed.replace(b"trainedAlgorithmicMedia", b"digitalCapture_________")

    for forged in (bytes(pixels), claim):
        read = credentials.read(forged, kind="PNG")
        assert (read.state, read.ours) == ("mismatch", False)
        assert read.failures


def test_another_signer_with_the_same_name_is_not_this_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    signed = credentials.signed(encoded(), source=provenance.COMPOSITE)
    monkeypatch.setattr(credentials, "FOLDER", tmp_path / "another")
    forget()

    read = credentials.read(signed, kind="PNG")

    assert (read.state, read.ours) == ("valid", False)


@pytest.mark.parametrize("raw", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_has_broken_credentials_at_most(raw: bytes):
    assert credentials.read(raw, kind="PNG").state in ("none", "broken")


def test_a_file_that_is_cut_off_is_broken():
    signed = credentials.signed(encoded(), source=provenance.COMPOSITE)
    assert credentials.read(signed[: len(signed) // 2], kind="PNG").state == "broken"


def test_a_file_without_credentials_and_one_that_cannot_have_any_have_none():
    assert credentials.read(encoded(), kind="PNG").state == "none"
    assert credentials.read(encoded("BMP"), kind="BMP").state == "none"


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    signed = credentials.signed(encoded(), source=provenance.COMPOSITE)
    monkeypatch.setattr(credentials, "PATIENCE_S", 0.001)
    assert credentials.read(signed, kind="PNG").state == "broken"


def test_the_development_certificate_is_made_once_and_for_its_owner_only(tmp_path: Path):
    first = credentials.identity()
    forget()

    assert credentials.identity() == first
    assert [file.name for file in tmp_path.iterdir()] == [credentials.DEVELOPMENT]
    assert stat.S_IMODE((tmp_path / credentials.DEVELOPMENT).stat().st_mode) == 0o600
    assert not first.own


def test_a_damaged_development_certificate_is_made_anew(tmp_path: Path):
    (tmp_path / credentials.DEVELOPMENT).write_bytes(b"")

    made = credentials.identity()
    forget()

    assert credentials.identity() == made


def test_where_nothing_can_be_written_the_certificate_lives_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(credentials, "FOLDER", tmp_path / "file")  # no folder can be made there

    assert credentials.read(credentials.signed(encoded(), source=provenance.COMPOSITE), kind="PNG").ours


def own_certificate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, begin, chain = credentials._made().partition(b"-----BEGIN CERTIFICATE-----")
    (folder / "key.pem").write_bytes(secret)
    (folder / "chain.pem").write_bytes(begin + chain)
    monkeypatch.setenv(credentials.KEY, str(folder / "key.pem"))
    monkeypatch.setenv(credentials.CERTIFICATE, str(folder / "chain.pem"))


def test_a_certificate_of_the_settings_signs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    own_certificate(tmp_path, monkeypatch)

    assert credentials.identity().own
    assert credentials.read(credentials.signed(encoded(), source=provenance.COMPOSITE), kind="PNG").ours
    assert not (tmp_path / credentials.DEVELOPMENT).exists()


def test_settings_that_cannot_work_say_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    own_certificate(tmp_path, monkeypatch)
    key = tmp_path / "key.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    foreign = ed25519.Ed25519PrivateKey.generate().private_bytes(pem, pkcs8, serialization.NoEncryption())
    for content, reason in ((foreign, "does not belong"), (b"no key", "must name PEM files"), (None, "can't be read")):
        forget()
        if content is None:
            key.unlink()
        else:
            key.write_bytes(content)
        with pytest.raises(CredentialError, match=reason):
            credentials.identity()
    monkeypatch.delenv(credentials.KEY)
    with pytest.raises(CredentialError, match="together"):
        credentials.identity()


def test_the_same_file_is_signed_once():
    assert credentials.signed(encoded(), source=provenance.COMPOSITE) is credentials.signed(
        encoded(), source=provenance.COMPOSITE
    )


def test_credentials_that_lie_at_another_address_are_not_fetched():
    packet = provenance.PACKET.replace(
        'xmp:CreatorTool="Just Look"',
        'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="http://127.0.0.1:9/c2pa"',
    )
    content = io.BytesIO()
    PICTURE.save(content, "JPEG", xmp=packet.encode())
    assert credentials.read(content.getvalue(), kind="JPEG").state == "elsewhere"
