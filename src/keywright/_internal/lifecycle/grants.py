"""Grants: what is planned about them, and how they are created and revoked.

A grant has no tags and can't be changed. Its name is its identity, and a tag of the key (`keywright:grants`) lists the
names that Keywright made, so that a grant that is no longer declared is found again and revoked. All others, those
that AWS services made for themselves above all, are never touched. Adopted grants need no tag until one of them is
created anew: an adoption writes nothing but the key's identity.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keywright._internal.aws import Grant as LiveGrant
from keywright._internal.aws import KeyService, NotFound
from keywright._internal.counting import counted
from keywright._internal.lifecycle.key_state import LiveKey
from keywright._internal.lifecycle.steps import Step
from keywright._internal.lifecycle.target import GRANTS_TAG, Target
from keywright._internal.lifecycle.waiting import Waits
from keywright._internal.model.grant import Grant

_UNDECLARED_SHOWN = 5
"""AWS services make up to 50,000 grants on a key, which nobody wants to read before a plan."""


def grant_steps(target: Target, live: LiveKey) -> tuple[list[Step], list[Step]]:
    """What has to be done about a key's grants: before its tags are changed, and after.

    Grants that aren't declared any more are revoked while the tag still names them. One whose declaration has changed
    is created anew before the old one is revoked, so that its grantee never is without.
    """
    region = target.location.region
    declared = {grant.name: grant for grant in target.key.grants}
    ours = set(live.tags.get(GRANTS_TAG, "").split())
    shown = live.grants or ()
    removed = [
        _revoke(item, region, "the configuration doesn't declare it")
        for item in shown
        if item.name in ours - declared.keys()
    ]
    missing = [
        Step(
            "create-grant",
            f"create grant {name} for {grant.grantee_principal}",
            "the key has no such grant",
            region,
            as_sent(grant),
            details=(f"operations: {', '.join(sorted(grant.operations))}",),
        )
        for name, grant in declared.items()
        if not any(same_grant(grant, item) for item in shown)
    ]
    replaced = [
        _revoke(item, region, "its declaration has changed")
        for item in shown
        if item.name in declared and not same_grant(declared[item.name], item)
    ]
    return removed, [*missing, *replaced]


def _revoke(grant: LiveGrant, region: str, reason: str) -> Step:
    before = {"name": grant.name, "grant_id": grant.grant_id, "grantee_principal": grant.grantee}
    return Step("revoke-grant", f"revoke grant {grant.name} of {grant.grantee}", reason, region, before=before)


def as_sent(grant: Grant) -> dict[str, Any]:
    """What CreateGrant carries."""
    return {
        "name": grant.name,
        "grantee_principal": grant.grantee_principal,
        "operations": sorted(grant.operations),
        "retiring_principal": grant.retiring_principal,
        "constraints": _constraints(grant),
    }


def _constraints(grant: Grant) -> dict[str, dict[str, str]]:
    """The constraints in AWS's own words."""
    given = grant.constraints
    if given is None:
        return {}
    pairs = {
        "EncryptionContextEquals": given.encryption_context_equals,
        "EncryptionContextSubset": given.encryption_context_subset,
    }
    return {name: dict(value) for name, value in pairs.items() if value is not None}


def same_grant(grant: Grant, live: LiveGrant) -> bool:
    """Whether a grant on AWS is just as it is declared."""
    return as_sent(grant) == {
        "name": live.name,
        "grantee_principal": live.grantee,
        "operations": sorted(live.operations),
        "retiring_principal": live.retiring,
        "constraints": {name: dict(value) for name, value in live.constraints.items()},
    }


def granted(target: Target, live: LiveKey) -> dict[str, str]:
    """The IDs of the declared grants that are on AWS as they are declared, by name."""
    declared = {grant.name: grant for grant in target.key.grants}
    return {
        item.name: item.grant_id
        for item in live.grants or ()
        if item.name in declared and same_grant(declared[item.name], item)
    }


def undeclared_grants(target: Target, live: LiveKey) -> Iterator[str]:
    """The grants that nobody declared, for people: who may do what beside the key policy."""
    ours = {*live.tags.get(GRANTS_TAG, "").split(), *(grant.name for grant in target.key.grants)}
    others = sorted((item for item in live.grants or () if item.name not in ours), key=lambda item: item.name)
    for grant in others[:_UNDECLARED_SHOWN]:
        name = f"`{grant.name}`" if grant.name else grant.grant_id
        who = f"grant {name} on `{target.name}` lets {grant.grantee} {', '.join(sorted(grant.operations))}"
        yield f"{who}; it is not declared, and left as it is"
    if len(others) > _UNDECLARED_SHOWN:
        more = len(others) - _UNDECLARED_SHOWN
        yield f"{counted(more, 'more grant')} on `{target.name}` not declared; `keywright scan --json` lists all"


def create_grant(service: KeyService, key_id: str, sent: dict[str, Any], waits: Waits) -> None:
    """Create a grant. With a name it may be sent again: KMS then answers with the one that is there."""
    waits.visible(
        lambda: service.create_grant(
            key_id,
            name=sent["name"],
            grantee=sent["grantee_principal"],
            operations=sent["operations"],
            retiring=sent["retiring_principal"],
            constraints=sent["constraints"],
        )
    )


def revoke_grant(service: KeyService, key_id: str, grant_id: str) -> None:
    """Revoke a grant, if it is still there."""
    try:
        service.revoke_grant(key_id, grant_id)
    except NotFound:
        return  # somebody has just revoked or retired it
