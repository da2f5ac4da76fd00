"""KW203: an action that no key policy decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class ActionWithoutAKey(Check):
    """An action that belongs to no key, so that only identity policies decide it."""

    id = "KW203"
    name = "action-without-a-key"
    title = "A key policy has no say in this action"
    severity = "medium"
    why = (
        "Requests such as ListKeys, ListAliases, CreateKey or GenerateRandom name no key, so no key policy is asked; "
        "identity policies alone decide. RetireGrant is decided by the grant itself. A statement about nothing else "
        "has no effect at all. Beside other actions such a name does no harm, so then this is a remark."
    )
    remedy = "give the action in an identity policy"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html"
    bad = """{"Sid": "Look", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:ListKeys", "kms:ListAliases"], "Resource": "*"}"""
    good = """{"Sid": "Look", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:DescribeKey", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement about nothing else, and every such name among others."""
        for statement in policy.statements:
            useless = [action for action in statement.actions if action.covers and not action.decided]
            if not useless:
                continue
            if not statement.covered and all(action.covers for action in statement.actions):
                names = ", ".join(f"`{action.text}`" for action in useless)
                message = f"the statement {statement.does} nothing: no key policy decides {names}"
                yield Hit((*statement.path, "Action"), message, statement)
                continue
            for action in useless:
                message = f"`{action.text}` has no effect here: no key policy decides it"
                yield Hit(action.path, message, statement, severity="low", persona="pedantic")
