"""KW202: an action of another service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.checks.unknown_action import _is_of_another_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class ActionOfAnotherService(Check):
    """An action that isn't KMS's, in a key policy."""

    id = "KW202"
    name = "action-of-another-service"
    title = "An action of another service stands in a key policy"
    severity = "medium"
    why = (
        "A key policy decides requests to KMS for one key. An action of another service has no effect in it: what was "
        "meant to be allowed isn't, and what was meant to be denied isn't either."
    )
    remedy = "put it into the other service's policy, or into an identity policy"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "s3:GetObject"], "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every action with another service's prefix."""
        for statement in policy.statements:
            for action in (*statement.actions, *statement.not_actions):
                if not action.covers and _is_of_another_service(action.text):
                    service = action.text.partition(":")[0]
                    yield Hit(
                        action.path,
                        f"`{action.text}` is an action of `{service}` and has no effect in a key policy",
                        statement,
                    )
