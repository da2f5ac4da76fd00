"""KW411: a Deny without MFA that long-term keys get past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.evaluation.comparisons import boolean
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class MfaDeny(Check):
    """A Deny that asks for `aws:MultiFactorAuthPresent` and doesn't reach requests that lack the key."""

    id = "KW411"
    name = "mfa-deny"
    title = "The Deny doesn't reach long-term access keys"
    severity = "medium"
    why = (
        "`aws:MultiFactorAuthPresent` is absent from requests with a user's long-term access keys. `Bool` is false on "
        "an absent key, so a Deny with `Bool … false` stops everybody but those who have no MFA at all."
    )
    remedy = "write `BoolIfExists`, which also holds where the key is absent"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
    bad = """{"Sid": "Mfa", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"""
    good = """{"Sid": "Mfa", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Deny with `Bool` on the key, as long as no condition beside it is about the same."""
        for statement in policy.denies:
            for condition in statement.conditions_on("aws:multifactorauthpresent"):
                if condition.positive and {boolean(value) for value in condition.values} == {False}:
                    message = "a request with long-term access keys, which lacks the key, isn't denied"
                    yield Hit(condition.path, message, statement)
