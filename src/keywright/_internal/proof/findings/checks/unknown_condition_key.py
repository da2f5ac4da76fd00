"""KW407: a condition key that no request to KMS carries."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from keywright._internal.facts.condition_keys import known_names
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class UnknownConditionKey(Check):
    """A condition key that is neither global nor KMS's."""

    id = "KW407"
    name = "unknown-condition-key"
    title = "No request to KMS carries this condition key"
    severity = "medium"
    confidence = "medium"
    why = (
        "A key that AWS doesn't have, or that belongs to another service, is absent from every request to KMS. A "
        "positive condition on it is never true, a negated one or one with `IfExists` always. Mostly it is a slip of "
        "the pen; nothing else reports it."
    )
    remedy = "write the key as AWS's list has it"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:ViaServices": "s3.eu-west-1.amazonaws.com"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every key of which nothing is known."""
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.facts is None:
                    message = f"AWS documents no condition key `{condition.name}` for requests to KMS"
                    yield Hit(condition.path, message, statement, _remedy(condition.name))


def _remedy(written: str) -> str | None:
    if written.lower() in {"kms:encryptioncontext", "aws:principaltag", "aws:requesttag"}:
        return "the key continues with a name, as in `kms:EncryptionContext:AppName`"
    known = {name.lower(): name for name in known_names()}
    name = written.lower() if ":" in written else f"kms:{written.lower()}"
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.8)
    return f"write `{known[close[0]]}`, if that is meant" if close else None
