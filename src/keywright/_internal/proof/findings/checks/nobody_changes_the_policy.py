"""KW308: a policy that nobody was ever allowed to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class NobodyChangesThePolicy(Check):
    """No Allow of `kms:PutKeyPolicy` for anybody who exists."""

    id = "KW308"
    name = "nobody-changes-the-policy"
    title = "Nobody may change this policy"
    severity = "critical"
    why = (
        "A key without anybody who may call `kms:PutKeyPolicy` can't be managed any more; not even the account's root "
        "user can, and only AWS Support can help. Other accounts can't change a key's policy whatever it says, nor can"
        " deleted users and roles."
    )
    remedy = "allow the account `kms:*`, as AWS's default key policy does, or name an administrator"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"
    bad = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*"}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """The policy, where no Allow gives the action to somebody of the key's account."""
        if not policy.statements:
            return
        for statement in policy.allows:
            if "kms:PutKeyPolicy" not in statement.covered or not statement.may_have_effect:
                continue
            if statement.statement.not_principals is not None:
                return
            if any(not item.is_service and not item.is_foreign for item in statement.reachable):
                return
        message = "no statement allows `kms:PutKeyPolicy` to anybody of the key's account who exists"
        yield Hit(("Statement",), message)
