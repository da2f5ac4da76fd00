"""KW604: the policy language of 2008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.policy.document import VERSION
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class OldVersion(Check):
    """A policy of the old version, or without one."""

    id = "KW604"
    name = "old-version"
    title = "The policy is in the language of 2008"
    severity = "low"
    persona = "pedantic"
    why = "Without a version a policy is read as of 2008, when there were no policy variables. Nothing else differs."
    remedy = 'write `"Version": "2012-10-17"`'
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"
    bad = """{"Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """The policy, where its version isn't the current one; where that matters, KW410 says so."""
        values = (value for item in policy.document.statements for test in item.conditions for value in test.values)
        if policy.document.version != VERSION and not any(map(has_variables, values)):
            written = f"`{policy.document.version}`" if policy.document.version else "missing"
            yield Hit(("Version",), f"the version is {written}")
