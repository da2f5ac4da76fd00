"""KW206: an action that this kind of key doesn't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CRYPTOGRAPHIC
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView

_ENCRYPTING = frozenset({"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"})
_DATA_KEYS = frozenset(action for action in CRYPTOGRAPHIC if action.startswith("kms:GenerateDataKey"))
_BY_USAGE: dict[str, frozenset[str]] = {
    "ENCRYPT_DECRYPT": _ENCRYPTING | _DATA_KEYS,
    "SIGN_VERIFY": frozenset({"kms:Sign", "kms:Verify"}),
    "GENERATE_VERIFY_MAC": frozenset({"kms:GenerateMac", "kms:VerifyMac"}),
    "KEY_AGREEMENT": frozenset({"kms:DeriveSharedSecret"}),
    "ENCAPSULATE_DECAPSULATE": frozenset({"kms:Encapsulate", "kms:Decapsulate"}),
}


class ActionOfAnotherUsage(Check):
    """A cryptographic action that keys of this usage don't have."""

    id = "KW206"
    name = "action-of-another-usage"
    title = "Keys of this usage don't have this action"
    severity = "low"
    why = (
        "A key is for one usage. A signing key can't encrypt, and only a symmetric encryption key makes data keys. "
        "Allowing what the key can't do is harmless, but says that something was copied from another key's policy."
    )
    remedy = "list the actions of the key's own usage"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:Sign"], "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every action spelled out in an Allow that the key's usage lacks."""
        if policy.key_usage not in _BY_USAGE:
            return
        usable = _BY_USAGE[policy.key_usage]
        if policy.key_spec not in {None, "SYMMETRIC_DEFAULT"}:
            usable -= _DATA_KEYS
        for statement in policy.allows:
            for action in statement.actions:
                if action.covers and action.covers <= CRYPTOGRAPHIC - usable:
                    spec = f" of spec `{policy.key_spec}`" if policy.key_spec else ""
                    message = f"`{action.text}` has no effect: a `{policy.key_usage}` key{spec} can't do that"
                    yield Hit(action.path, message, statement)
