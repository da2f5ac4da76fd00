"""DSSE envelopes, and the keys that sign and verify them.

A key's id is the SHA-256 of its DER-encoded SubjectPublicKeyInfo: it names the key wherever it is published, and
`openssl pkey -pubin -in signing-key.pem -outform DER | sha256sum` gives it again.

See https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import (  # type: ignore[attr-defined]  # public by its documentation, not by `__all__`
    CryptoSigner,
    Signer,
    SSlibKey,
)

from keywright._internal.conformance.checksums import sha256
from keywright.errors import InputError, KeywrightError

PAYLOAD_TYPE = "application/vnd.in-toto+json"

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey

_PUBLIC_FORMAT = serialization.PublicFormat.SubjectPublicKeyInfo


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key: its id, its PEM text, and the form that securesystemslib verifies with."""

    key_id: str
    pem: str
    key: SSlibKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Something that can sign, its public key, and in words where the private key is."""

    signer: Signer
    public: VerifyingKey
    origin: str


def verifying_key(public: PublicKey) -> VerifyingKey:
    """Wrap a public key of the `cryptography` package.

    Raises:
        InputError: no signature scheme is known for this kind of key.
    """
    key_id = sha256(public.public_bytes(serialization.Encoding.DER, _PUBLIC_FORMAT))
    pem = public.public_bytes(serialization.Encoding.PEM, _PUBLIC_FORMAT).decode()
    try:
        key = SSlibKey.from_crypto(public, keyid=key_id)
    except ValueError as error:
        raise InputError(
            f"this key can't sign releases: {error}", "use Ed25519, ECDSA on P-256 or P-384, or RSA"
        ) from error
    return VerifyingKey(key_id, pem, key)


def public_key_from_pem(content: bytes, *, file: str) -> VerifyingKey:
    """Read a PEM public key.

    Raises:
        InputError: the bytes are no public key that can verify a release.
    """
    try:
        public = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"`{file}` is not a PEM public key", "give the file that `keywright release` published"
        ) from error
    if not isinstance(public, PublicKey):
        raise InputError(f"`{file}` holds a key that can't sign", "use Ed25519, ECDSA on P-256 or P-384, or RSA")
    return verifying_key(public)


def local_signing_key(path: Path, *, passphrase: bytes | None = None) -> SigningKey:
    """Read a PEM private key.

    Raises:
        InputError: the file can't be read, is no private key, or needs another passphrase.
    """
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), passphrase)
    except OSError as error:
        raise InputError(f"`{path}` can't be read: {error.strerror}", "make a key with `--new-key FILE`") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"`{path}` is not a private key that can be read: {str(error).splitlines()[0]}",
            "make a key with `--new-key FILE`; a passphrase is read from KEYWRIGHT_RELEASE_KEY_PASSPHRASE",
        ) from error
    if not isinstance(private, PrivateKey):
        raise InputError(f"`{path}` holds a key that can't sign", "use Ed25519, ECDSA on P-256 or P-384, or RSA")
    return _signing_key(private, f"the private key in the file {path.name}")


def ephemeral_signing_key() -> SigningKey:
    """A key that lives as long as this process: what it signs can be told intact, and by whom can not."""
    return _signing_key(Ed25519PrivateKey.generate(), "a key made for this run and thrown away")


def new_key(path: Path, *, passphrase: bytes | None = None) -> VerifyingKey:
    """Make an Ed25519 key: the private half at `path`, readable by its owner alone, the public half beside it.

    Raises:
        InputError: one of the two files exists already; a key is never overwritten.
    """
    private = Ed25519PrivateKey.generate()
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    public = verifying_key(private.public_key())
    public_path = public_key_path(path)
    if public_path.exists():
        raise InputError(f"`{public_path}` exists already", "name another file: a key is never overwritten")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InputError(f"`{path}` exists already", "name another file: a key is never overwritten") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption))
    public_path.write_text(public.pem)
    return public


def public_key_path(private_path: Path) -> Path:
    """Where `new_key` puts the public half: `release.pem` has `release.pub.pem` beside it."""
    return private_path.with_name(f"{private_path.stem}.pub.pem")


def sign(payload: bytes, key: SigningKey) -> str:
    """Sign the payload; the envelope's one canonical text.

    Raises:
        KeywrightError: the signer made a signature that its own public key doesn't verify.
    """
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(key.signer)
    text = envelope_text(envelope)
    if problem := signature_problem(open_envelope(text.encode()), [key.public]):
        raise KeywrightError(
            f"the new signature does not verify: {problem}", "check that the key's two halves belong together"
        )
    return text


def envelope_text(envelope: Envelope) -> str:
    """The only text an envelope may have: a changed byte that JSON or base64 would overlook shows."""
    document: dict[str, Any] = envelope.to_dict()
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def open_envelope(content: bytes) -> Envelope:
    """Read an envelope in its canonical text, without verifying it.

    Raises:
        ValueError: the bytes are no DSSE envelope with one signature in canonical text; the message says where.
    """
    try:
        text = content.decode()
        envelope = Envelope.from_dict(json.loads(text))
        canonical = envelope_text(envelope)
    except Exception as error:  # the library raises whatever its parts raise on hostile input
        raise ValueError(
            f"it is not a DSSE envelope: {' '.join(str(error).split()) or type(error).__name__}"
        ) from error
    if canonical != text:
        raise ValueError(f"its text is not canonical: {first_difference(content, canonical.encode())}")
    if len(envelope.signatures) != 1:
        raise ValueError(f"it holds {len(envelope.signatures)} signatures, not one")
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ValueError(f"its payloadType is `{envelope.payload_type}`, not `{PAYLOAD_TYPE}`")
    return envelope


def signature_problem(envelope: Envelope, keys: Sequence[VerifyingKey]) -> str | None:
    """Why none of the keys verifies the envelope, or None where one does."""
    signers = list(envelope.signatures)
    if not any(key.key_id in signers for key in keys):
        return f"it is signed with key {signers[0]}, and the verifying key is {', '.join(key.key_id for key in keys)}"
    try:
        envelope.verify([key.key for key in keys], 1)
    except VerificationError:
        return f"the signature of key {signers[0]} does not fit the payload"
    return None


def first_difference(found: bytes, expected: bytes) -> str:
    """Where two texts part, for a reader: byte offset and line."""
    pairs = zip(found, expected, strict=False)
    offset = next((index for index, (one, other) in enumerate(pairs) if one != other), min(len(found), len(expected)))
    return f"byte {offset} (line {found[:offset].count(10) + 1})"


def _signing_key(private: PrivateKey, origin: str) -> SigningKey:
    public = verifying_key(private.public_key())
    return SigningKey(CryptoSigner(private, public.key), public, origin)
