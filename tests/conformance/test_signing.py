"""Keys and envelopes: who can sign, and what is refused."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from securesystemslib.dsse import Envelope

from keywright._internal.conformance.signing import (
    PAYLOAD_TYPE,
    envelope_text,
    local_signing_key,
    new_key,
    open_envelope,
    public_key_from_pem,
    public_key_path,
    sign,
    signature_problem,
)
from keywright.errors import InputError

KINDS: dict[str, Callable[[], PrivateKeyTypes]] = {
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "ECDSA on P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ECDSA on P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
}


def write_private(private: PrivateKeyTypes, path: Path) -> None:
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_local_key_of_each_kind_signs_what_its_public_half_verifies(kind: str, tmp_path: Path) -> None:
    write_private(KINDS[kind](), tmp_path / "key.pem")
    key = local_signing_key(tmp_path / "key.pem")
    envelope = open_envelope(sign(b"{}", key).encode())
    assert signature_problem(envelope, [key.public]) is None


def test_a_new_key_is_readable_by_its_owner_alone_and_has_its_public_half_beside_it(tmp_path: Path) -> None:
    public = new_key(tmp_path / "release.pem")
    assert stat.S_IMODE((tmp_path / "release.pem").stat().st_mode) == 0o600
    published = public_key_path(tmp_path / "release.pem")
    assert public_key_from_pem(published.read_bytes(), file="k").key_id == public.key_id
    assert local_signing_key(tmp_path / "release.pem").public.key_id == public.key_id


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    new_key(tmp_path / "release.pem")
    content = (tmp_path / "release.pem").read_bytes()
    with pytest.raises(InputError, match="exists already"):
        new_key(tmp_path / "release.pem")
    public_key_path(tmp_path / "release.pem").unlink()
    with pytest.raises(InputError, match="exists already"):
        new_key(tmp_path / "release.pem")
    assert (tmp_path / "release.pem").read_bytes() == content


def test_a_passphrase_is_asked_for_again(tmp_path: Path) -> None:
    public = new_key(tmp_path / "release.pem", passphrase=b"correct")
    assert local_signing_key(tmp_path / "release.pem", passphrase=b"correct").public == public
    for wrong in (None, b"wrong"):
        with pytest.raises(InputError, match="not a private key that can be read"):
            local_signing_key(tmp_path / "release.pem", passphrase=wrong)


def test_the_key_id_is_the_digest_of_the_public_key_in_der(tmp_path: Path) -> None:
    public = new_key(tmp_path / "release.pem")
    loaded = serialization.load_pem_public_key(public.pem.encode())
    der = loaded.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert public.key_id == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(InputError, match="key"):
        local_signing_key(tmp_path / "key.pem")
    with pytest.raises(InputError, match="the file"):
        public_key_from_pem(content, file="the file")


def test_a_kind_of_key_that_no_scheme_fits_is_refused(tmp_path: Path) -> None:
    write_private(dsa.generate_private_key(2048), tmp_path / "dsa.pem")
    write_private(ec.generate_private_key(ec.SECP256K1()), tmp_path / "k1.pem")
    for name in ("dsa.pem", "k1.pem"):
        with pytest.raises(InputError, match="can't sign"):
            local_signing_key(tmp_path / name)


def test_another_keys_signature_is_told_by_both_ids(tmp_path: Path) -> None:
    one, other = new_key(tmp_path / "one.pem"), new_key(tmp_path / "other.pem")
    envelope = open_envelope(sign(b"{}", local_signing_key(tmp_path / "one.pem")).encode())
    problem = signature_problem(envelope, [other])
    assert problem is not None
    assert one.key_id in problem
    assert other.key_id in problem


def test_an_envelope_holds_one_signature(tmp_path: Path) -> None:
    envelope = Envelope(b"{}", PAYLOAD_TYPE, {})
    with pytest.raises(ValueError, match="0 signatures"):
        open_envelope(envelope_text(envelope).encode())
    for name in ("one", "two"):
        new_key(tmp_path / name)
        envelope.sign(local_signing_key(tmp_path / name).signer)
    with pytest.raises(ValueError, match="2 signatures"):
        open_envelope(envelope_text(envelope).encode())
