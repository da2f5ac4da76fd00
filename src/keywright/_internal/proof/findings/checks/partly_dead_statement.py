"""KW412: principals or actions that a statement's conditions leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import can_apply, principal_can_match
from keywright._internal.proof.findings.subject import actions_matching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class PartlyDeadStatement(Check):
    """A statement that works for some of its principals and actions only."""

    id = "KW412"
    name = "partly-dead-statement"
    title = "The conditions leave out some of the principals or actions"
    severity = "medium"
    why = (
        "DescribeKey carries no encryption context, so a statement with a condition on it doesn't allow DescribeKey. "
        "What is listed isn't given, or, in a Deny, isn't denied. Where it only reads about the key this is a remark: "
        "AWS's own samples list Describe* under such conditions, and the services work all the same."
    )
    remedy = "give the action, or the principal, a statement of its own"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:CreateGrant"], "Resource": "*",
 "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:CreateGrant", "kms:ListGrants"], "Resource": "*",
 "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every principal, and every action spelled out, that the conditions never leave."""
        for statement in policy.statements:
            principals = [item for item in statement.principals if not principal_can_match(statement, item)]
            if not statement.conditions or len(principals) == len(statement.principals):
                continue  # dead as a whole, which is another finding
            for principal in principals:
                yield Hit(principal.path, f"the conditions never let `{principal.value}` match", statement)
            for action in statement.actions:
                covered = actions_matching(action.text) & statement.covered
                alive = any(can_apply(statement, caller, name) for caller in statement.callers for name in covered)
                if covered and not alive:
                    quiet = covered <= READING
                    yield Hit(
                        action.path,
                        f"the conditions are never met for `{action.text}`",
                        statement,
                        severity="low" if quiet else None,
                        persona="pedantic" if quiet else None,
                    )
