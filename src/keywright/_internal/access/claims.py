"""Claims about effective access, `… (with iam)`: decided over a snapshot, for a policy that may not be put yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from keywright._internal.access.outsiders import outsiders, public, services
from keywright._internal.access.question import AccessVerdict, request_in
from keywright._internal.access.snapshot import AccessSnapshot, KeyProperties, SnapshotKey
from keywright._internal.access.who_can import WhoCan
from keywright._internal.facts.actions import fold
from keywright._internal.proof.claims.claim_text import read_claim
from keywright._internal.proof.claims.result import ClaimResult, Verdict, Witness
from keywright._internal.proof.evaluation.evaluator import decide
from keywright._internal.proof.evaluation.request import Caller
from keywright._internal.proof.search.request_space import named_in
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.access.who_can import PrincipalAccess
    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.claims.claim_text import Party, UserClaim

_PLACEHOLDER: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
_ASSUMING: Final = "the root user of the key's account is left aside"


def with_snapshot(
    results: tuple[ClaimResult, ...], policy: DeclaredPolicy, stack: str, snapshot: AccessSnapshot
) -> tuple[ClaimResult, ...]:
    """The results of a declared policy's claims, with those about effective access decided.

    Args:
        results: as they were decided without a snapshot.
        policy: the policy, held against the snapshot's principals and organization.
        stack: the stack's name.
        snapshot: who there is; where the key is among its keys, with the grants that it has there.
    """
    location = policy.location
    claims = {
        f"claim-{number}": read_claim(text, account=location.account, partition=location.partition)
        for number, text in enumerate(policy.claims, 1)
    }
    if not any(claim.with_iam for claim in claims.values()):
        return results
    key = _key(policy, stack, snapshot)
    who = WhoCan(AccessSnapshot([key], snapshot.iam, snapshot.not_read))
    return tuple(
        _decided(item, claims[item.id], who, key) if item.id in claims and claims[item.id].with_iam else item
        for item in results
    )


def _key(policy: DeclaredPolicy, stack: str, snapshot: AccessSnapshot) -> SnapshotKey:
    """The declared key, as it will be; its grants are those of the key that the snapshot has of it."""
    location, declared = policy.location, policy.key
    arn = replace(location, key_id=_PLACEHOLDER).arn or ""
    identity = {"keywright:stack": stack, "keywright:key": policy.name}
    known = [
        item
        for item in snapshot.keys.values()
        if (item.account, item.location.region) == (location.account, location.region)
        and identity.items() <= (item.facts.tags or {}).items()
    ]
    properties = KeyProperties(
        tags=dict(declared.tags),
        aliases=tuple(f"alias/{name}" for name in declared.aliases),
        spec=declared.customer_master_key_spec,
        usage=declared.key_usage,
        origin="AWS_KMS",
        multi_region=declared.multi_region,
    )
    return SnapshotKey(known[0].arn if known else arn, policy.text, known[0].grants if known else (), properties)


def _decided(result: ClaimResult, claim: UserClaim, who: WhoCan, key: SnapshotKey) -> ClaimResult:
    met = [item for action in named_in(claim.mask) for item in _with_access(who, key, action)]
    not_read = who.snapshot.not_read
    missing = f"not everything was read: {not_read[0]['reason']}" if not_read else ""
    if claim.form == "can":
        return _can(result, claim, [item for item in met if _is_named(claim, item.principal, who)], missing)
    inside = claim.form != "cannot"
    breaking = [item for item in met if _is_named(claim, item.principal, who) is not inside]
    if claim.form == "outside":
        breaking = [item for item in breaking if item.principal.startswith("arn:") or item.principal == "*"]
    sure = next((item for item in breaking if item.access in {AccessVerdict.YES, AccessVerdict.CONDITIONAL}), None)
    if sure is not None:
        witness = _witness(sure)
        return replace(result, verdict=Verdict.REFUTED, reason=_sentence(sure), witness=witness)
    if breaking:
        reason = f"{breaking[0].principal} may have access: {breaking[0].decision.reason}"
        return replace(result, verdict=Verdict.UNKNOWN, reason=reason)
    if missing:
        return replace(result, verdict=Verdict.UNKNOWN, reason=missing)
    reason = "nobody else in the snapshot, and nobody outside, has access"
    return replace(result, verdict=Verdict.PROVED, reason=reason, assuming=_ASSUMING)


def _can(result: ClaimResult, claim: UserClaim, having: list[PrincipalAccess], missing: str) -> ClaimResult:
    wanted = set(named_in(claim.mask))
    sure = [item for item in having if item.access in {AccessVerdict.YES, AccessVerdict.CONDITIONAL}]
    lacking = sorted(wanted - {item.action for item in sure})
    if not lacking and sure:
        return replace(result, verdict=Verdict.PROVED, reason=_sentence(sure[0]), witness=_witness(sure[0]))
    reason = f"nothing lets {claim.parties[0].text} call {', '.join(lacking)}"
    if missing or len(having) > len(sure):
        return replace(result, verdict=Verdict.UNKNOWN, reason=missing or having[0].decision.reason)
    return replace(result, verdict=Verdict.REFUTED, reason=reason)


def _with_access(who: WhoCan, key: SnapshotKey, action: str) -> Iterator[PrincipalAccess]:
    """Everybody who can call an action, or may, but the root user; outsiders if their own account allows it."""
    yield from (item for item in who.findings(key, action) if item.member is not None)
    for outsider in (*outsiders(who, key, action), *services(who, key, action), public(who, key, action)):
        if outsider is not None:
            yield replace(outsider.finding, principal=outsider.name)


def _is_named(claim: UserClaim, principal: str, who: WhoCan) -> bool:
    return any(_is(party, principal, who) for party in claim.parties)


def _is(party: Party, principal: str, who: WhoCan) -> bool:
    """Whether somebody who was found is whom a claim names, or belongs to it."""
    if principal in {party.account, party.organisation}:
        return True
    try:
        caller = Caller.parse(principal)
    except InputError:
        return False
    if party.account is not None:
        return caller.account == party.account
    organization = who.snapshot.iam.organization
    if party.organisation is not None:
        mine = organization is not None and organization.id == party.organisation
        return mine and who.snapshot.organization_account(caller.account or "") is not None
    named = party.caller
    if named is None or (named.kind, named.account) != (caller.kind, caller.account):
        return False
    return fold(named.name) == fold(caller.name) if party.by_name else named.arn == caller.arn


def _sentence(item: PrincipalAccess) -> str:
    under = " under a condition" if item.access is AccessVerdict.CONDITIONAL else ""
    return f"{item.principal} can call {item.action}{under}"


def _witness(item: PrincipalAccess) -> Witness | None:
    if item.question is None or item.decision.allowed is None:
        return None
    request = request_in(item.question.circumstances, item.decision.allowed, item.key.grants or ())
    decision = decide(item.layers, request, item.key.grants or ())
    return Witness(request, decision, tuple(policy.document for policy in item.layers.identities), _sentence(item))
