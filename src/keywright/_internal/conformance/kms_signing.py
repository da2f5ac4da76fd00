"""Signing with an AWS KMS key, for example one that Keywright made: the private key never leaves AWS.

securesystemslib has an AWS signer of its own, which makes its own boto3 client and so knows neither our profile,
Region and endpoint settings nor the retries, pacing and error messages of the `aws` package. This one implements the
same `Signer` interface on that package instead; envelopes and verification stay the library's.

See https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.signer import (  # type: ignore[attr-defined]  # public by its documentation, not by `__all__`
    Key,
    SecretsHandler,
    Signature,
    Signer,
)

from keywright._internal.conformance.signing import PublicKey, SigningKey, VerifyingKey, verifying_key
from keywright.errors import InputError

if TYPE_CHECKING:
    from types_boto3_kms.literals import SigningAlgorithmSpecType

    from keywright._internal.aws import Cloud, KeyService

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):kms:(?P<region>[a-z0-9-]+):\d{12}:(key|alias)/.+")

_ALGORITHMS: dict[str, SigningAlgorithmSpecType] = {
    "ecdsa-sha2-nistp256": "ECDSA_SHA_256",
    "ecdsa-sha2-nistp384": "ECDSA_SHA_384",
    "rsassa-pss-sha256": "RSASSA_PSS_SHA_256",
}
"""securesystemslib's schemes and KMS's names of the same."""


class KmsSigner(Signer):
    """A `Signer` on a KMS key. Only the digest is sent, since a statement is longer than the 4096 bytes KMS takes.

    Args:
        keys: the account and Region of the key.
        key_arn: the key's or an alias's ARN.
        public: the key's public half.
    """

    def __init__(self, keys: KeyService, key_arn: str, public: VerifyingKey) -> None:
        self._keys = keys
        self._key_arn = key_arn
        self._public = public

    def sign(self, payload: bytes) -> Signature:
        """Sign the payload's digest by one call of `kms:Sign`."""
        digest = hashlib.new(self._public.key.get_hash_algorithm_name(), payload).digest()
        algorithm = _ALGORITHMS[self._public.key.scheme]
        signature = self._keys.sign(self._key_arn, digest, algorithm=algorithm, message_type="DIGEST")
        return Signature(self._public.key_id, signature.hex())

    @property
    def public_key(self) -> Key:
        """The public half."""
        return self._public.key

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: Key, secrets_handler: SecretsHandler | None = None
    ) -> Signer:
        """The library's way to a signer by URI, which has no place for AWS settings.

        Raises:
            NotImplementedError: always; use `kms_signing_key`.
        """
        raise NotImplementedError("a KMS signer needs AWS settings: use kms_signing_key")


def kms_signing_key(cloud: Cloud, key_arn: str) -> SigningKey:
    """The signing key behind an ARN; asks AWS for its public half. Needs `kms:GetPublicKey` and `kms:Sign`.

    Raises:
        InputError: not a key's or alias's ARN, or a kind of key that can't sign releases.
        AwsError: AWS refused or wasn't reached.
    """
    match = _ARN.fullmatch(key_arn)
    if match is None:
        raise InputError(
            f"`{key_arn}` is not the ARN of a KMS key or alias",
            "write it like arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        )
    keys = cloud.keys(match["region"])
    public = load_der_public_key(keys.public_key(key_arn))
    if not isinstance(public, PublicKey) or (key := verifying_key(public)).key.scheme not in _ALGORITHMS:
        raise InputError(
            f"`{key_arn}` can't sign releases", "use a SIGN_VERIFY key of spec ECC_NIST_P256, ECC_NIST_P384 or RSA_*"
        )
    return SigningKey(KmsSigner(keys, key_arn, key), key, "an AWS KMS key")
