"""Why a principal may or may not call an action on a key: layer by layer, and which one change would flip it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.access.question import AccessVerdict, request_in
from keywright._internal.access.rows import conditions, document_of, policy_name
from keywright._internal.facts.offerings import grant_operations
from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
from keywright._internal.proof.evaluation.evaluator import decide
from keywright._internal.proof.evaluation.grants import Grant, granted
from keywright._internal.proof.evaluation.layers import Layers
from keywright._internal.proof.evaluation.matching import Level, matches_principal
from keywright._internal.proof.evaluation.request import Caller, complete_context

if TYPE_CHECKING:
    from keywright._internal.access.snapshot import SnapshotKey
    from keywright._internal.access.who_can import PrincipalAccess, WhoCan
    from keywright._internal.proof.evaluation.decision import Decision
    from keywright._internal.proof.evaluation.request import Request

_ALLOWED: Final = "Allowed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change that would flip the answer."""

    summary: str
    layers: Layers[CompiledPolicy]
    grants: tuple[Grant, ...] | None = None
    """The key's grants after it; None where it leaves them as they are."""


def why_document(who: WhoCan, finding: PrincipalAccess, via: str | None = None) -> dict[str, Any]:
    """The answer with its reasons: one request, what each policy says on it, and what would flip it."""
    key = finding.key
    request = _request(who, finding, via)
    decision = decide(finding.layers, request, key.grants or ())
    return {
        "principal": finding.principal,
        "action": finding.action,
        "key": key.arn,
        "access": finding.access.value,
        "reason": finding.decision.reason if finding.access is AccessVerdict.UNKNOWN else decision.reason,
        "conditions": conditions(finding),
        "request": document_of(request),
        "decision": decision.outcome.value,
        "layers": list(_layers(finding, request, decision)),
        "changes": list(dict.fromkeys(item.summary for item in _flips(finding, request, decision))),
        "complete": not who.snapshot.not_read,
        "not_read": [dict(item) for item in who.snapshot.not_read],
    }


def _request(who: WhoCan, finding: PrincipalAccess, via: str | None) -> Request:
    """The request that is explained: one that is allowed where there is one, else the plainest."""
    if finding.question is not None and finding.decision.allowed is not None:
        return request_in(finding.question.circumstances, finding.decision.allowed, finding.key.grants or ())
    member = finding.member
    caller = member.caller if member is not None else Caller.parse(finding.principal)
    circumstances = who.snapshot.circumstances(caller, finding.key, finding.action, member=member, via=via)
    return request_in(circumstances, {"aws:viaawsservice": ("false",), **circumstances.context}, ())


def _is_to(grant: Grant, caller: Caller, key: SnapshotKey) -> bool:
    return matches_principal(grant.grantee, caller, key.location.partition) is not None


def _layers(finding: PrincipalAccess, request: Request, decision: Decision) -> Iterator[dict[str, Any]]:
    """What each policy says on the request, with the statements that match or come near."""
    said: dict[str, list[dict[str, Any]]] = {}
    levels: dict[str, set[Level | None]] = {}
    for item in decision.trace:
        if item.matched:
            levels.setdefault(item.policy, set()).add(item.level)
        said.setdefault(item.policy, []).append(
            {
                "statement": item.name,
                "effect": item.effect,
                "matched": item.matched,
                "decisive": item.decisive,
                "mismatches": [mismatch.message for mismatch in item.mismatches],
            }
        )
    for layer, _ in finding.layers.named():
        statements = said.get(layer)
        if statements is None:
            says = "is not asked"
        elif any(item["matched"] and item["effect"] == "Deny" for item in statements):
            says = "denies"
        elif any(item["matched"] for item in statements):
            delegates = request.caller.kind != "root" and levels.get(layer) == {Level.ACCOUNT}
            says = "leaves it to the account's IAM policies" if delegates else "allows"
        else:
            says = "does not allow"
        yield {"policy": policy_name(finding, layer), "says": says, "statements": statements or []}
    for grant in finding.key.grants or ():
        if _is_to(grant, request.caller, finding.key):
            covers = granted(grant, request, complete_context(request)) is not None
            says = "covers it" if covers else "does not cover it"
            yield {"policy": f"grant {grant.name}", "says": says, "statements": []}


# --- One change ---------------------------------------------------------------------------------------------


def _flips(finding: PrincipalAccess, request: Request, decision: Decision) -> Iterator[Change]:
    """The single changes that turn the decision on the request round, as the evaluator confirms."""
    wanted = decision.outcome != _ALLOWED
    for change in _allowing(finding, request, decision) if wanted else _denying(finding, decision):
        grants = finding.key.grants or () if change.grants is None else change.grants
        if (decide(change.layers, request, grants).outcome == _ALLOWED) is wanted:
            yield change


def _allowing(finding: PrincipalAccess, request: Request, decision: Decision) -> Iterator[Change]:
    """Without one Deny, or with one more Allow."""
    layers, key = finding.layers, finding.key
    for item in decision.trace:
        if item.matched and item.effect == "Deny":
            name = f"`{item.name}` of the {policy_name(finding, item.policy)}"
            yield Change(f"without the Deny {name}", _without(layers, item.policy, item.index))
    grant = Statement("Allow", None, (request.action,), ("*",))
    if layers.key is not None:
        kind = "Service" if request.caller.kind == "service" else "AWS"
        by_name = replace(grant, principals=(Principal(kind, finding.principal),))
        allowing = f"an Allow of {request.action} in the key policy for"
        yield Change(f"{allowing} {finding.principal}", _with_key(layers, by_name))
        if request.caller.account is not None:
            account = replace(grant, principals=(Principal("AWS", request.caller.account),))
            yield Change(f"{allowing} account {request.caller.account}", _with_key(layers, account))
    operation = request.action.removeprefix("kms:")
    if operation in grant_operations() and request.caller.kind in {"role", "user"}:
        given = Grant(Principal("AWS", finding.principal), frozenset({operation}))
        yield Change(f"a grant of {operation} to {finding.principal}", layers, (*(key.grants or ()), given))
    allow = CompiledPolicy(PolicyDocument((grant,)), "identity")
    yield Change(
        f"an identity policy of {finding.principal} that allows {request.action} on the key",
        replace(layers, identities=(*layers.identities, allow)),
    )
    if layers.boundary is not None:
        wider = _added(layers.boundary, grant)
        yield Change(f"a permissions boundary that allows {request.action}", replace(layers, boundary=wider))
    if layers.service_control:
        levels = tuple((*level, allow) for level in layers.service_control)
        yield Change(f"service control policies that allow {request.action}", replace(layers, service_control=levels))


def _denying(finding: PrincipalAccess, decision: Decision) -> Iterator[Change]:
    """Without one of the statements that decide."""
    layers = finding.layers
    for item in decision.trace:
        if item.decisive:
            name = f"`{item.name}` of the {policy_name(finding, item.policy)}"
            yield Change(f"without the Allow {name}", _without(layers, item.policy, item.index))
    for number, held in enumerate(grants := finding.key.grants or ()):
        yield Change(f"without the grant {held.name}", layers, (*grants[:number], *grants[number + 1 :]))
    him = Condition("ArnEquals", "aws:PrincipalArn", (finding.principal,))
    deny = Statement("Deny", (Principal("AWS", "*"),), ("kms:*",), ("*",), (him,))
    if layers.key is not None:
        yield Change(f"a Deny for {finding.principal} in the key policy", _with_key(layers, deny))


def _without(layers: Layers[CompiledPolicy], layer: str, index: int) -> Layers[CompiledPolicy]:
    """The layers with one statement of one policy less."""
    found = dict(layers.named())[layer]

    def shorter(policy: CompiledPolicy) -> CompiledPolicy:
        if policy is not found:
            return policy
        statements = policy.document.statements
        rest = (*statements[:index], *statements[index + 1 :])
        return CompiledPolicy(replace(policy.document, statements=rest), policy.kind)

    return Layers(
        None if layers.key is None else shorter(layers.key),
        tuple(map(shorter, layers.identities)),
        tuple(tuple(map(shorter, level)) for level in layers.service_control),
        tuple(map(shorter, layers.resource_control)),
        None if layers.boundary is None else shorter(layers.boundary),
    )


def _with_key(layers: Layers[CompiledPolicy], statement: Statement) -> Layers[CompiledPolicy]:
    if layers.key is None:
        return layers
    return replace(layers, key=_added(layers.key, statement))


def _added(policy: CompiledPolicy, statement: Statement) -> CompiledPolicy:
    document = replace(policy.document, statements=(*policy.document.statements, statement))
    return CompiledPolicy(document, policy.kind)
