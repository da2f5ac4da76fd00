"""KW410: a policy variable that is only text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.policy.document import VERSION
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class VariableInOldVersion(Check):
    """A `${…}` in a policy of the old version."""

    id = "KW410"
    name = "variable-in-old-version"
    title = "A policy variable is plain text in this version"
    severity = "medium"
    why = (
        "Policy variables came with version `2012-10-17`. In a policy of version `2008-10-17`, and in one without a "
        "version, `${aws:username}` means those very characters, so nothing equals it."
    )
    remedy = 'write `"Version": "2012-10-17"`'
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"
    bad = """{"Version": "2008-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"},
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*",
  "Condition": {"StringEquals": {"kms:EncryptionContext:team": "${aws:PrincipalTag/team}"}}}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"},
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*",
  "Condition": {"StringEquals": {"kms:EncryptionContext:team": "${aws:PrincipalTag/team}"}}}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every condition value with a variable, where the version has none."""
        if policy.document.version == VERSION:
            return
        for statement in policy.statements:
            for condition in statement.conditions:
                operator = condition.operator
                if operator is None or not operator.takes_variables:
                    continue
                for at, value in enumerate(condition.values):
                    if has_variables(value):
                        message = f"`{value}` is plain text here: the policy's version has no variables"
                        yield Hit((*condition.path, at), message, statement)
