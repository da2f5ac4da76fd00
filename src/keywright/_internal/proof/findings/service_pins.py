"""How an Allow for an AWS service says on whose behalf the service may come, and where AWS documents no such pin.

See https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.conditions import holds_when_absent
from keywright._internal.proof.findings.narrowing import OF_THE_SOURCE, names_somebody

if TYPE_CHECKING:
    from keywright._internal.proof.findings.subject import ConditionView, StatementView

CONTEXT = "kms:encryptioncontext:"
_DATA_KEY = frozenset({"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"})
_DATA_KEYS = _DATA_KEY | {"kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext"}
_DECRYPT = frozenset({"kms:Decrypt"})
_PUBLISH = _DECRYPT | _DATA_KEYS

WITHOUT_A_PIN: dict[str, frozenset[str]] = {
    "events": frozenset(),
    "budgets": _PUBLISH,
    "config": _DECRYPT | {"kms:GenerateDataKey"},
    "s3": _PUBLISH,
    "dnssec-route53": frozenset({"kms:GetPublicKey", "kms:Sign", "kms:CreateGrant"}),
    "bedrock": _PUBLISH,
    "logs": _DECRYPT | {"kms:GenerateDataKey"},
    "cloudtrail": _DECRYPT | {"kms:GenerateDataKey"},
    "codestar-notifications": _PUBLISH,
}
"""By label of the service: the actions that AWS's own samples give it with no condition; empty for any.

EventBridge sends no source to encrypted topics; the others are S3 event notifications, budget alerts, Config under
Control Tower, DNSSEC, knowledge bases, log exports, and CloudTrail's event data stores and bucket keys.
"""


def pins(statement: StatementView) -> list[ConditionView]:
    """The conditions that say on whose behalf a service comes: source, or an encryption context that tells it."""
    return [condition for condition in statement.conditions if _is_pin(condition)]


def _is_pin(condition: ConditionView) -> bool:
    operator = condition.operator
    if operator is None or operator.negated or operator.name == "Null" or holds_when_absent(operator):
        return False
    if condition.key.startswith(CONTEXT):
        return bool(condition.values) and all(_tells_an_owner(value) for value in condition.values)
    return condition.key in OF_THE_SOURCE and all(names_somebody(condition, value) for value in condition.values)


def _tells_an_owner(value: str) -> bool:
    """Whether a value of the encryption context belongs to somebody: an account, or a resource with a name."""
    parts = value.split(":", 5)
    if len(parts) == 6 and not parts[4]:  # noqa: PLR2004 - an ARN has six parts; those of S3 name no account
        return not parts[5].startswith(("*", "?"))
    return account_of(value) is not None


def documented_without_pin(service: str, statement: StatementView) -> bool:
    """Whether one of AWS's own samples gives the service these actions unconditionally."""
    label = service.partition(".")[0]
    # Whoever asks for a source expects one; a pattern that any source meets is then a mistake.
    if label not in WITHOUT_A_PIN or statement.conditions_on(*OF_THE_SOURCE):
        return False
    listed = WITHOUT_A_PIN[label]
    return not listed or statement.covered - {"kms:DescribeKey"} <= listed
