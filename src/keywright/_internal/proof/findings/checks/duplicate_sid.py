"""KW305: a Sid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class DuplicateSid(Check):
    """Two statements of one name."""

    id = "KW305"
    name = "duplicate-sid"
    title = "Two statements have the same Sid"
    severity = "low"
    persona = "pedantic"
    why = (
        "A Sid is how people and tools speak of a statement, and IAM wants it unique in a policy. KMS takes it twice, "
        "as AWS's own key policies show; but Terraform's `aws_iam_policy_document` lets the later statement replace "
        "the earlier one of the same Sid."
    )
    remedy = "give each statement a name of its own"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"
    bad = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"},
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*"}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"},
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*"}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Sid that an earlier statement has."""
        seen: dict[str, int] = {}
        for statement in policy.statements:
            sid = statement.statement.sid
            if not sid:
                continue
            if sid in seen:
                message = f"statement {seen[sid] + 1} has the Sid `{sid}` too"
                yield Hit((*statement.path, "Sid"), message, statement)
            seen.setdefault(sid, statement.index)
