"""Content Credentials (C2PA): a signed note in a file that says what made it, and the reading of such notes.

Without a certificate of its own, the app makes one at its first start. It vouches for nothing but this app: a reader
elsewhere reports a valid signature of somebody it does not know.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import hashlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import c2pa
from cachetools import LRUCache
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from media import credentials_reader

log = logging.getLogger("just_look.credentials")

NAME = "Just Look"
CERTIFICATE, KEY = "JUST_LOOK_SIGNING_CERTIFICATE", "JUST_LOOK_SIGNING_KEY"  # PEM files: a chain, leaf first; its key
FOLDER = Path(__file__).parents[1] / "data"
DEVELOPMENT = "signing.pem"  # in the folder: key, certificate, and the certificate that signed it
YEARS = 10
SETTINGS = {  # a thumbnail of the picture in its own note would triple the size of a small one; nothing is fetched
    "builder": {"thumbnail": {"enabled": False}},
    # Reading each file again takes as long as signing it, and finds no more: signing checks the certificate.
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
}
KEPT = 32_000_000  # bytes of signed files: the same picture is shown again and again
PATIENCE_S = 10  # for one file; a usual one takes a quarter of a second, of which the reader's start takes most
MOST_TEXT = 120  # characters that are repeated of what a file says
TYPES = {  # what can carry credentials: Pillow's and the containers' names
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heif",
    "GIF": "image/gif",
    "MP4": "video/mp4",
}

State = Literal["none", "valid", "mismatch", "broken", "elsewhere"]


class CredentialError(RuntimeError):
    """The certificate or the key of the settings can't be used; the message says why."""


@dataclass(frozen=True)
class Identity:
    """The signer: the certificates, leaf first, and the leaf's key, as PEM, and the C2PA's name for its kind."""

    chain: bytes
    key: bytes
    algorithm: str
    own: bool  # whether it comes from the settings; otherwise the app made it

    @property
    def leaf(self) -> x509.Certificate:
        """The signer's certificate."""
        return x509.load_pem_x509_certificates(self.chain)[0]

    @property
    def name(self) -> str:
        """The common name in the signer's certificate."""
        names = self.leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else NAME


@dataclass(frozen=True)
class Credentials:
    """What the Content Credentials of a file say, after their signature was checked.

    Attributes:
        state: none; valid; mismatch, where the signature does not fit the file or the note; broken, where they can't be
            read; elsewhere, where the file only says at which address they lie.
        ours: whether this app signed them; only where valid.
        signer: the name in the certificate.
        generator: the program that wrote them.
        actions: what was done, as pairs of action and digital source type.
        failures: the reader's codes for what is wrong.
    """

    state: State
    ours: bool = False
    signer: str = ""
    generator: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    failures: tuple[str, ...] = ()


def signed(content: bytes, *, source: str, kind: str = "PNG", note: str = "") -> bytes:
    """A file with credentials that this app signs; the same file gives the same bytes for as long as it is kept.

    Args:
        content: the file.
        source: how it was made: the digital source type, as the IPTC's URL.
        kind: of the file, a key of `TYPES`.
        note: what else to say about its making.
    """
    parts = (content, kind.encode(), source.encode(), note.encode())
    key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
    with _LOCK:
        if (kept := _KEPT.get(key)) is not None:
            return kept
    done: dict[str, Any] = {"action": "c2pa.created", "softwareAgent": {"name": NAME}, "digitalSourceType": source}
    if note:
        done["description"] = note
    manifest = {
        "claim_generator_info": [{"name": NAME}],
        "format": TYPES[kind],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [done]}}],
    }
    target = io.BytesIO()
    with _LOCK:  # one key, one native signer
        builder = c2pa.Builder(json.dumps(manifest), _context())
        builder.sign(_signer(), TYPES[kind], io.BytesIO(content), target)
        result = target.getvalue()
        if len(result) <= KEPT:
            _KEPT[key] = result
    return result


def checked(content: bytes, *, kind: str) -> Credentials:
    """Read and check the credentials of a file that this app has written itself."""
    return _summed_up(credentials_reader.read(content, TYPES[kind], identity().chain.decode()))


def read(content: bytes, *, kind: str) -> Credentials:
    """Read and check the credentials of a file from a stranger.

    A process of its own parses them, with little time and memory: what makes it fail does not touch the app.

    Args:
        content: the file.
        kind: of the file; one that is not in `TYPES` carries none.
    """
    if kind not in TYPES:
        return Credentials("none")
    request = json.dumps({"type": TYPES[kind], "anchors": identity().chain.decode()}).encode() + b"\n"
    command = [sys.executable, "-I", credentials_reader.__file__]
    try:
        reader = subprocess.run(command, input=request + content, capture_output=True, timeout=PATIENCE_S)
        answer = json.loads(reader.stdout) if reader.returncode == 0 else {"state": "broken"}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {"state": "broken"}
    return _summed_up(answer)


def _summed_up(answer: dict[str, Any]) -> Credentials:
    serial = str(identity().leaf.serial_number)
    return Credentials(
        state=answer["state"],
        ours=answer["state"] == "valid" and answer.get("trusted", False) and answer.get("serial") == serial,
        signer=_short(answer.get("signer")),
        generator=_short(answer.get("generator")),
        actions=tuple((_short(name), _short(source)) for name, source in answer.get("actions", ())),
        failures=tuple(_short(code) for code in answer.get("failures", ())),
    )


@functools.cache
def identity() -> Identity:
    """The signer: with the certificate of the settings, else with a development certificate that is made once.

    Raises:
        CredentialError: only one of the two settings is there, a file is missing, or they do not belong together.
    """
    certificate, key = os.environ.get(CERTIFICATE), os.environ.get(KEY)
    if certificate and key:
        return _of_files(Path(certificate), Path(key))
    if certificate or key:
        raise CredentialError(f"{CERTIFICATE} and {KEY} are needed together: set both, or none.")
    return _development(FOLDER / DEVELOPMENT)


def _of_files(certificate: Path, key: Path) -> Identity:
    try:
        chain, secret = certificate.read_bytes(), key.read_bytes()
    except OSError as error:
        raise CredentialError(
            f"{error.filename} can't be read: {error.strerror}. Check {CERTIFICATE} and {KEY}."
        ) from None
    return _checked(chain, secret, own=True)


def _checked(chain: bytes, secret: bytes, *, own: bool) -> Identity:
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(secret, None)
    except (ValueError, TypeError) as error:
        raise CredentialError(f"{CERTIFICATE} and {KEY} must name PEM files without a password: {error}") from None
    if private.public_key() != leaf.public_key():
        raise CredentialError(f"The key of {KEY} does not belong to the first certificate of {CERTIFICATE}.")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    plain = private.private_bytes(pem, pkcs8, serialization.NoEncryption())
    return Identity(chain, plain, _algorithm(private), own)


def _algorithm(private: object) -> str:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        named = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
        if private.curve.name in named:
            return named[private.curve.name]
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey):
        return "ps256"
    raise CredentialError(f"The key of {KEY} is of a kind that C2PA does not sign with. Take P-256, Ed25519 or RSA.")


def _development(path: Path) -> Identity:
    """The identity in a file, which is made where it is missing or damaged; in memory where nothing can be written."""
    try:
        return _in_one(path.read_bytes())
    except CredentialError:
        log.warning("%s is damaged: another certificate takes its place", path)
        with contextlib.suppress(OSError):
            path.unlink()
    except OSError:
        pass
    made = _made()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent) as whole:  # readable by the owner only
            whole.write(made)
            whole.flush()
            with contextlib.suppress(FileExistsError):
                os.link(whole.name, path)  # appears whole, and the first of several processes wins
        return _in_one(path.read_bytes())
    return _in_one(made)


def _in_one(content: bytes) -> Identity:
    secret, begin, chain = content.partition(b"-----BEGIN CERTIFICATE-----")
    return _checked(begin + chain, secret, own=False)


def _made() -> bytes:
    """A key, its certificate and that of its issuer, whose own key is forgotten: PEM."""
    now = datetime.datetime.now(datetime.UTC)
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    number = f"{leaf_key.public_key().public_numbers().x:064x}"[:8]  # tells two instances apart
    root_name, leaf_name = _named(f"{NAME} development root {number}"), _named(f"{NAME} demo {number}")

    def certificate(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )

    root = (
        certificate(root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        certificate(leaf_name, leaf_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret + leaf.public_bytes(pem) + root.public_bytes(pem)


def _named(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, NAME), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """What a key may do: sign pictures, or sign certificates."""
    return x509.KeyUsage(
        digital_signature=signs,
        key_cert_sign=not signs,
        crl_sign=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@functools.cache
def _context() -> c2pa.Context:
    return c2pa.Context(settings=c2pa.Settings.from_dict(SETTINGS))


@functools.cache
def _signer() -> c2pa.Signer:
    signer = identity()
    info = c2pa.C2paSignerInfo(signer.algorithm.encode(), signer.chain, signer.key, None)  # no timestamp authority
    return c2pa.Signer.from_info(info)


def _short(text: object) -> str:
    return str(text or "")[:MOST_TEXT]


_LOCK = threading.Lock()
_KEPT: LRUCache[bytes, bytes] = LRUCache(KEPT, getsizeof=len)
