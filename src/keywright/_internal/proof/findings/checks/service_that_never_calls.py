"""KW504: a service principal that doesn't come to a key as itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.services import FOR_ITS_CALLER, MEANT_INSTEAD, misspelt
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.listing import agreeing, listed
from keywright._internal.proof.findings.service_pins import comes_itself

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.proof.findings.elements import PrincipalView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class ServiceThatNeverCalls(Check):
    """An Allow for a service that uses keys only for its caller, through a role, or not at all."""

    id = "KW504"
    name = "service-that-never-calls"
    title = "This service doesn't call KMS as itself"
    severity = "medium"
    confidence = "medium"
    why = (
        "EC2, RDS, Secrets Manager and many other services use a key with the identity of whoever calls them, or with "
        "a grant that he makes; Auto Scaling has a role of its own; and some names are no service's at all. A "
        "statement for such a service principal gives nothing. What works beside it works by another statement, and "
        "where there is none it fails. A name with a slip in it is nobody, too."
    )
    remedy = "name the role or user that calls the service"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
    bad = """{"Sid": "Secrets", "Effect": "Allow", "Principal": {"Service": "secretsmanager.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}"""
    good = """{"Sid": "Secrets", "Effect": "Allow", "Principal": {"AWS": "*"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*",
 "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333",
  "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow with such services among its principals."""
        for statement in policy.allows:
            services = [item for item in statement.reachable if item.is_service]
            found = [item for item in services if not comes_itself(item)]
            if found:
                use = agreeing(found, "uses a key as itself", "use a key as themselves")
                message = f"{listed(item.value for item in found)} never {use}"
                yield Hit(found[0].path, message, statement, remedy=_remedy(statement, found))


def _remedy(statement: StatementView, found: Sequence[PrincipalView]) -> str:
    names = [item.service.name for item in found]
    told = list(dict.fromkeys(MEANT_INSTEAD[name] for name in names if name in MEANT_INSTEAD))
    told += [
        f"write `{item.value.replace(item.service.name, meant)}`"
        for item in found
        if (meant := misspelt(item.service.name)) is not None
    ]
    if any(name in FOR_ITS_CALLER for name in names):
        region = statement.home.region or "REGION"
        via = dict.fromkeys(
            f"{FOR_ITS_CALLER[name]}.{region}.amazonaws.com" for name in names if FOR_ITS_CALLER.get(name)
        )
        account = statement.home.account or "ACCOUNT"
        whole = f', or `{{"AWS": "*"}}` with `kms:CallerAccount` `{account}` and `kms:ViaService` {listed(via)}'
        told.append(f"name the role or user that calls the service{whole if via else ''}")
    return "; ".join(told)
