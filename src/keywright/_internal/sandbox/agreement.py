"""Key agreement (ECDH), which the emulator doesn't offer. The keys live in this process alone."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
}
"""The key specs that take part in key agreement here; SM2 isn't among them."""


def new_private_key(spec: str) -> ec.EllipticCurvePrivateKey:
    """A private key of a KMS key spec that key agreement takes."""
    return ec.generate_private_key(CURVES[spec]())


def public_key_bytes(private: ec.EllipticCurvePrivateKey) -> bytes:
    """Its public half, as GetPublicKey returns it."""
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def derive_shared_secret(private: ec.EllipticCurvePrivateKey, public: bytes) -> bytes | None:
    """The secret shared with a public key's holder; None if that isn't a key on the same curve."""
    try:
        other = load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(other, ec.EllipticCurvePublicKey) or other.curve.name != private.curve.name:
        return None
    return private.exchange(ec.ECDH(), other)
