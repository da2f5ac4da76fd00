"""Really using keys, as `verify` does: each operation takes and returns plain bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.aws.errors import AwsRefused
from keywright._internal.aws.reading import KeyReading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_kms.literals import (
        EncryptionAlgorithmSpecType,
        KeyAgreementAlgorithmSpecType,
        MacAlgorithmSpecType,
        MessageTypeType,
        SigningAlgorithmSpecType,
    )


class KeyUsing(KeyReading):
    """The cryptographic part of `aws.KeyService`."""

    def encrypt(
        self,
        key: str,
        plaintext: bytes,
        *,
        algorithm: EncryptionAlgorithmSpecType = "SYMMETRIC_DEFAULT",
        context: Mapping[str, str] | None = None,
    ) -> bytes:
        """Encrypt up to 4096 bytes; only symmetric keys take an encryption context."""
        return self._call(
            "Encrypt",
            lambda kms: kms.encrypt(
                KeyId=key,
                Plaintext=plaintext,
                EncryptionAlgorithm=algorithm,
                EncryptionContext=dict(context or {}),
            ),
            lambda answer: bytes(answer["CiphertextBlob"]),
            key=key,
        )

    def decrypt(
        self,
        key: str,
        ciphertext: bytes,
        *,
        algorithm: EncryptionAlgorithmSpecType = "SYMMETRIC_DEFAULT",
        context: Mapping[str, str] | None = None,
    ) -> bytes:
        """Decrypt what `encrypt` returned, with the same key or a related multi-Region one."""
        return self._call(
            "Decrypt",
            lambda kms: kms.decrypt(
                KeyId=key,
                CiphertextBlob=ciphertext,
                EncryptionAlgorithm=algorithm,
                EncryptionContext=dict(context or {}),
            ),
            lambda answer: bytes(answer["Plaintext"]),
            key=key,
        )

    def sign(
        self,
        key: str,
        message: bytes,
        *,
        algorithm: SigningAlgorithmSpecType,
        message_type: MessageTypeType = "RAW",
    ) -> bytes:
        """Sign a message of up to 4096 bytes, or its digest."""
        return self._call(
            "Sign",
            lambda kms: kms.sign(KeyId=key, Message=message, SigningAlgorithm=algorithm, MessageType=message_type),
            lambda answer: bytes(answer["Signature"]),
            key=key,
        )

    def verify(
        self,
        key: str,
        message: bytes,
        signature: bytes,
        *,
        algorithm: SigningAlgorithmSpecType,
        message_type: MessageTypeType = "RAW",
    ) -> bool:
        """Whether KMS accepts the signature."""
        try:
            return self._call(
                "Verify",
                lambda kms: kms.verify(
                    KeyId=key,
                    Message=message,
                    Signature=signature,
                    SigningAlgorithm=algorithm,
                    MessageType=message_type,
                ),
                lambda answer: bool(answer["SignatureValid"]),
                key=key,
            )
        except AwsRefused as error:
            if error.code != "KMSInvalidSignatureException":
                raise
            return False

    def generate_mac(self, key: str, message: bytes, *, algorithm: MacAlgorithmSpecType) -> bytes:
        """The message authentication code of up to 4096 bytes."""
        return self._call(
            "GenerateMac",
            lambda kms: kms.generate_mac(KeyId=key, Message=message, MacAlgorithm=algorithm),
            lambda answer: bytes(answer["Mac"]),
            key=key,
        )

    def verify_mac(self, key: str, message: bytes, mac: bytes, *, algorithm: MacAlgorithmSpecType) -> bool:
        """Whether KMS accepts the message authentication code."""
        try:
            return self._call(
                "VerifyMac",
                lambda kms: kms.verify_mac(KeyId=key, Message=message, Mac=mac, MacAlgorithm=algorithm),
                lambda answer: bool(answer["MacValid"]),
                key=key,
            )
        except AwsRefused as error:
            if error.code != "KMSInvalidMacException":
                raise
            return False

    def public_key(self, key: str) -> bytes:
        """An asymmetric key's public half, DER-encoded SubjectPublicKeyInfo."""
        return self._call(
            "GetPublicKey",
            lambda kms: kms.get_public_key(KeyId=key),
            lambda answer: bytes(answer["PublicKey"]),
            key=key,
        )

    def derive_shared_secret(
        self, key: str, public_key: bytes, *, algorithm: KeyAgreementAlgorithmSpecType = "ECDH"
    ) -> bytes:
        """The secret shared with the holder of the other public key (DER, on the same curve)."""
        return self._call(
            "DeriveSharedSecret",
            lambda kms: kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm=algorithm, PublicKey=public_key),
            lambda answer: bytes(answer["SharedSecret"]),
            key=key,
        )
