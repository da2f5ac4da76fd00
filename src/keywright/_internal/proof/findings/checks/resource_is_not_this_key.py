"""KW302: a Resource that isn't the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.proof.evaluation.matching import matches_text
from keywright._internal.proof.evaluation.variables import expand, has_variables
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.finding import Severity
    from keywright._internal.proof.findings.subject import PolicyView

_PARTS = 6


class ResourceIsNotThisKey(Check):
    """A Resource that can't be the key the policy belongs to."""

    id = "KW302"
    name = "resource-is-not-this-key"
    title = "A Resource isn't this key"
    severity = "medium"
    why = (
        "A key policy is about its own key: `*`, or the key's full ARN. An alias, a bare key id, another key, another "
        "Region or another service's ARN is none of that, so the statement has no effect. A policy that was copied to "
        "a replica and names the primary's ARN is the usual case."
    )
    remedy = 'write `"Resource": "*"`, which is this key and no other'
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:alias/app"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Resource that can't be this key, and NotResource that leaves the key out."""
        for statement in policy.statements:
            resources = statement.statement.resources
            for at, resource in enumerate(resources or ()):
                why = _why_not_this_key(resource, policy)
                if why is None:
                    continue
                dead = resources is not None and len(resources) == 1
                effect = "the statement has no effect" if dead else "it adds nothing"
                severity: Severity | None = "low"
                if dead:
                    severity = None if statement.allows else "high"
                yield Hit(
                    (*statement.path, "Resource", at),
                    f"`{resource}` isn't this key, so {effect}: {why}",
                    statement,
                    severity=severity,
                )
            if statement.statement.not_resources == ("*",):
                message = "`NotResource` with `*` leaves no resource, so the statement has no effect"
                yield Hit((*statement.path, "NotResource"), message, statement)


def _why_not_this_key(resource: str, policy: PolicyView) -> str | None:  # noqa: PLR0911 - one return a rule
    if resource == "*" or has_variables(resource):
        return None
    parts = resource.split(":", _PARTS - 1)
    if len(parts) != _PARTS:
        alias = resource.startswith("alias/")
        return "an alias isn't a key here" if alias else "it is neither `*` nor a key's ARN"
    if not _fits(parts[2], "kms"):
        return f"it belongs to the service `{parts[2]}`"
    if parts[5].startswith("alias/"):
        return "an alias isn't a key here"
    if not parts[5].startswith("key/") and not _fits(parts[5].split("/")[0], "key"):
        return "a key's ARN ends in `key/` and the key's id"
    for part, own, name in (
        (parts[1], policy.own_partition, "partition"),
        (parts[3], policy.own_region, "Region"),
        (parts[4], policy.own_account, "account"),
    ):
        if own is not None and not _fits(part, own):
            return f"its {name} is `{part}`, and the key's is `{own}`"
    if not re.fullmatch(r"\d{12}", parts[4]) and not set("*?") & set(parts[4]):
        return f"`{parts[4]}` is no account number"
    return None


def _fits(pattern: str, text: str) -> bool:
    return matches_text(expand(pattern, {}, variables=False, wildcards=True) or (), text)
