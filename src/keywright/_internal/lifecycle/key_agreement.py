"""The other side of a key agreement, made for one trial and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
}


@dataclass(frozen=True, slots=True)
class Partner:
    """A key pair of this process."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def on_curve_of(cls, spec: str) -> Self | None:
        """A partner for a KMS key of that spec; None for a curve that isn't offered here."""
        return cls(ec.generate_private_key(_CURVES[spec]())) if spec in _CURVES else None

    @property
    def public_key(self) -> bytes:
        """Its public half, DER-encoded."""
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def secret_with(self, public_key: bytes) -> bytes | None:
        """The secret shared with the holder of a DER-encoded public key; None if that isn't one on a curve."""
        other = load_der_public_key(public_key)
        if not isinstance(other, ec.EllipticCurvePublicKey):
            return None
        return self.private.exchange(ec.ECDH(), other)
