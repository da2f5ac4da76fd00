"""KW307: a Deny that nobody can ever lift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import ConditionView, PolicyView

_OF_INDIRECT_CALLS: Final = frozenset(
    {"kms:viaservice", "aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast"}
)
_DIRECT_CALL: Final = {"aws:viaawsservice": ("false",), "aws:principalisawsservice": ("false",)}
"""What a person's own call to KMS carries of these keys; no service changes key policies for people."""


class PolicyLockedForAll(Check):
    """An unconditional Deny of policy changes for everybody."""

    id = "KW307"
    name = "policy-locked-for-all"
    title = "Nobody can ever change this policy"
    severity = "critical"
    why = (
        "A Deny of `kms:PutKeyPolicy` for everybody, or for the key's whole account, holds for the account's root user"
        " and for every administrator. Once written, the policy can't be changed and only AWS Support can help. AWS "
        "refuses it unless its lockout check is bypassed."
    )
    remedy = "spare the administrators with `ArnNotEquals` on `aws:PrincipalArn`, or leave `kms:PutKeyPolicy` out"
    source_url = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
    bad = """{"Sid": "Freeze", "Effect": "Deny", "Principal": "*",
 "Action": ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], "Resource": "*"}"""
    good = """{"Sid": "Freeze", "Effect": "Deny", "Principal": "*",
 "Action": ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], "Resource": "*",
 "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Deny of kms:PutKeyPolicy that reaches the whole account in whatever direct call."""
        for statement in policy.denies:
            if "kms:PutKeyPolicy" not in statement.covered or not all(
                map(_holds_for_direct_calls, statement.conditions)
            ):
                continue
            if statement.statement.resources is None and statement.statement.not_resources is None:
                continue
            if any(
                principal.is_everybody or (principal.is_account and not principal.is_foreign)
                for principal in statement.principals
            ):
                message = "`kms:PutKeyPolicy` is denied to everybody who could ever change this policy"
                yield Hit(statement.path, message, statement)


def _holds_for_direct_calls(condition: ConditionView) -> bool:
    if condition.key not in _OF_INDIRECT_CALLS | _DIRECT_CALL.keys():
        return False
    return condition_holds(condition.condition, _DIRECT_CALL, variables=False)
