"""KW302: a Resource that isn't the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.model.arn import Arn
from keywright._internal.proof.evaluation.matching import matches_text
from keywright._internal.proof.evaluation.variables import expand, has_variables
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.finding import Severity
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_REFUSED = "KMS has taken no other Resource than `*` since August 2025"


class ResourceIsNotThisKey(Check):
    """A Resource that can't be the key the policy belongs to."""

    id = "KW302"
    name = "resource-is-not-this-key"
    title = "A Resource isn't this key"
    severity = "medium"
    why = (
        "A key policy is about its own key, and its Resource is `*`. An alias, a bare key id, another key, another "
        "Region or another service's ARN isn't the key, so the statement has no effect; a policy that was copied to a "
        "replica and names the primary's ARN is the usual case. Since August 2025 KMS takes no other Resource than "
        "`*`, so that a policy that names even its own key by ARN can't be written again."
    )
    remedy = 'write `"Resource": "*"`, which is this key and no other'
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:alias/app"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement with a Resource other than `*`, and with NotResource."""
        for statement in policy.statements:
            found = statement.statement.resources or ()
            if found and set(found) != {"*"}:
                yield _hit(policy, statement, found)
            excepted = statement.statement.not_resources
            if excepted:
                why = (
                    "`NotResource` with `*` leaves no resource, so the statement has no effect"
                    if "*" in excepted
                    else "KMS takes `Resource` with `*` alone, and has refused others since August 2025"
                )
                yield Hit((*statement.path, "NotResource"), why, statement)


def _hit(policy: PolicyView, statement: StatementView, found: tuple[str, ...]) -> Hit:
    reasons = {value: _why_not_this_key(value, policy) for value in found if value != "*"}
    wrong = {value: why for value, why in reasons.items() if why is not None}
    value, why = next(iter((wrong or reasons).items()))
    path = (*statement.path, "Resource", found.index(value))
    if "*" in found:
        return Hit(
            path, f"`{value}` adds nothing to `*`, and KMS refuses it: {why or _REFUSED}", statement, severity="low"
        )
    if len(wrong) < len(found):
        message = f"`{value}` is this key at best: {_REFUSED}, and of any other key the statement says nothing"
        if statement.allows:  # as AWS's own sample for Control Tower
            return Hit(path, message, statement, severity="low", persona="pedantic")
        return Hit(path, message, statement, confidence="medium")
    severity: Severity | None = None if statement.allows else "high"
    return Hit(path, f"`{value}` isn't this key, so the statement has no effect: {why}", statement, severity=severity)


def _why_not_this_key(resource: str, policy: PolicyView) -> str | None:  # noqa: PLR0911 - one return a rule
    if resource == "*" or has_variables(resource):
        return None
    arn = Arn.find(resource)
    if arn is None:
        alias = resource.startswith("alias/")
        return "an alias isn't a key here" if alias else "it is neither `*` nor a key's ARN"
    if not _fits(arn.service, "kms"):
        return f"it belongs to the service `{arn.service}`"
    if arn.resource.startswith("alias/"):
        return "an alias isn't a key here"
    if not arn.resource.startswith("key/") and not _fits(arn.resource.split("/")[0], "key"):
        return "a key's ARN ends in `key/` and the key's id"
    for part, own, name in (
        (arn.partition, policy.home.partition, "partition"),
        (arn.region, policy.home.region, "Region"),
        (arn.account, policy.home.account, "account"),
    ):
        if own is not None and not _fits(part, own):
            return f"its {name} is `{part}`, and the key's is `{own}`"
    if not re.fullmatch(r"\d{12}", arn.account) and not set("*?") & set(arn.account):
        return f"`{arn.account}` is no account number"
    return None


def _fits(pattern: str, text: str) -> bool:
    return matches_text(expand(pattern, {}, variables=False, wildcards=True) or (), text)
