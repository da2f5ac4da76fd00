"""A finding as people and programs read it: by which ways, under which conditions, by which statements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.access.circumstances import RESOURCE
from keywright._internal.access.question import AccessVerdict, OpenStatement, Question, request_in
from keywright._internal.access.snapshot import parsed_text
from keywright._internal.facts.condition_keys import is_multivalued, spelled
from keywright._internal.policy.document import Principal, as_json
from keywright._internal.proof.difference.wording import all_of
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.matching import Level
from keywright._internal.proof.evaluation.request import Request, complete_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.access.who_can import PrincipalAccess
    from keywright._internal.policy.parsing import PolicyKind
    from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
    from keywright._internal.proof.evaluation.grants import Grant
    from keywright._internal.proof.evaluation.request import Context

_FORMS: Final = {
    Level.EVERYONE: "key policy, which allows everybody",
    Level.SERVICE: "key policy, which names the service",
    Level.SESSION: "key policy, which names the session",
    Level.ACCOUNT: "key policy, which names the account",
}
_NAMED: Final = "key policy, which names the principal"


def row(finding: PrincipalAccess) -> dict[str, Any]:
    """The row of a finding, as `--json` shows it."""
    return {
        "principal": finding.principal,
        "action": finding.action,
        "access": finding.access.value,
        "through": list(ways(finding)),
        "conditions": conditions(finding),
        "statements": list(_statements(finding)),
        "request": request_document(finding),
        **({"reason": finding.decision.reason} if finding.access is AccessVerdict.UNKNOWN else {}),
    }


def ways(finding: PrincipalAccess) -> Iterator[dict[str, Any]]:
    """By which ways a principal has access, or may have it."""
    question = finding.question
    if question is None:
        return
    caller, key = question.circumstances.caller, finding.key
    by_identity = any(item.effect == "Allow" for policy in question.layers.identities for item in policy)
    own = caller.kind == "service" or caller.account == key.account
    met: set[str] = set()
    for item in question.layers.key or ():
        if item.effect == "Deny" or (item.level is Level.ACCOUNT and caller.kind != "root" and not by_identity):
            continue
        delegated = item.level is Level.ACCOUNT and caller.kind != "root"
        way = "account-and-iam" if delegated else "key-policy-and-iam" if not own else "key-policy"
        if way not in met:
            met.add(way)
            yield {"way": way, "summary": _summary(way, item.level)}
    for grant in question.grants:
        listed = next((item for item in key.listed_grants if item.grant_id == grant.name), None)
        yield {
            "way": "grant",
            "summary": f"grant {grant.name}",
            "grant_id": grant.name,
            "operations": sorted(grant.operations),
            "constraints": _constraints(grant),
            "issuing_account": grant.issuing_account,
            "retiring_principal": grant.retiring.value if grant.retiring else None,
            "created": listed.created.isoformat() if listed is not None and listed.created else None,
        }


def _summary(way: str, level: Level | None) -> str:
    form = _FORMS.get(level, _NAMED) if level is not None else _NAMED
    return {
        "account-and-iam": "key policy, which leaves it to the account, and an IAM policy",
        "key-policy-and-iam": f"{form}, and an IAM policy of the other account",
        "key-policy": form,
    }[way]


def _constraints(grant: Grant) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if grant.context_equals is not None:
        found["EncryptionContextEquals"] = dict(grant.context_equals)
    if grant.context_subset is not None:
        found["EncryptionContextSubset"] = dict(grant.context_subset)
    if grant.source_arn is not None:
        found["SourceArn"] = grant.source_arn
    return found


def _asked(grant: Grant) -> str:
    pairs = {**(grant.context_equals or {}), **(grant.context_subset or {})}
    asked = [f"`{name}` = `{value}`" for name, value in pairs.items()]
    parts = [f"the encryption context {_joined(asked, 'and')}"] if asked else []
    parts += [f"the source `{grant.source_arn}`"] if grant.source_arn is not None else []
    alone = " and nothing else" if grant.context_equals is not None else ""
    return _joined(parts, "and") + alone


# --- Conditions ---------------------------------------------------------------------------------------------


def conditions(finding: PrincipalAccess) -> dict[str, Any] | None:
    """What access depends on, in words and as data; None where it depends on nothing."""
    question = finding.question
    if question is None or finding.access in {AccessVerdict.YES, AccessVerdict.NO}:
        return None
    clauses: list[dict[str, Any]] = [
        {
            "policy": policy,
            "effect": item.effect,
            "statement": _name(finding, policy, item.index),
            "conditions": [
                {"operator": c.operator, "key": spelled(c.key), "values": list(c.values)} for c, _ in item.tests
            ],
            "summary": _in_words(item),
        }
        for policy, item in _open(question)
    ]
    parts = [_alternatives(finding, question, clauses)]
    deny = [clause["summary"] for clause in clauses if clause["effect"] == "Deny"]
    parts += [f"unless {_joined(deny, 'or')}"] if deny else []
    summary = ", ".join(filter(None, parts)) or finding.decision.reason
    return {"summary": summary, "statements": clauses}


def _alternatives(finding: PrincipalAccess, question: Question, clauses: Iterable[dict[str, Any]]) -> str:
    """What must hold for access: of each policy that must allow one of its statements, or what a grant asks for."""
    needs_identity = finding.decision.path == "delegated" or _is_foreign(finding)
    sides: dict[str, list[str]] = {}
    for clause in clauses:
        side = clause["policy"].rstrip(" 0123456789") if clause["policy"].startswith("identity") else clause["policy"]
        if clause["effect"] == "Allow" and (side != "identity policy" or needs_identity):
            sides.setdefault(side, []).append(clause["summary"])
    by_policies = _joined((_joined(items, "or") for items in sides.values()), "and")
    by_grants = [f"a grant covers it, for {_asked(grant)}" for grant in question.grants if _constraints(grant)]
    asked = [*([by_policies] if by_policies else []), *by_grants]
    return f"if {_joined(asked, 'or')}" if asked else ""


def _is_foreign(finding: PrincipalAccess) -> bool:
    return finding.member is not None and finding.member.account != finding.key.account


def _open(question: Question) -> Iterator[tuple[str, OpenStatement]]:
    for policy, statements in question.layers.named():
        for item in statements:
            if item.tests:
                yield policy, item


def _in_words(item: OpenStatement) -> str:
    return all_of(condition for condition, _ in item.tests)


def _joined(items: Iterable[str], last: str) -> str:
    texts = list(dict.fromkeys(items))
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


# --- Statements ---------------------------------------------------------------------------------------------


def _statements(finding: PrincipalAccess) -> Iterator[dict[str, Any]]:
    """The statements that decide: what allows on each side that must, and what may deny."""
    question = finding.question
    if question is None:
        return
    context = finding.decision.allowed or question.circumstances.context
    by_grant = finding.decision.path == "grant"
    needed = {"key": not by_grant, "identity": _is_foreign(finding) or finding.decision.path == "delegated"}
    for policy, statements in question.layers.named():
        kind = policy.split(" policy")[0]
        allowed = False
        for item in statements:
            decides = (
                bool(item.tests)
                if item.effect == "Deny"
                else not allowed and needed.get(kind, False) and _counts(item, finding) and _holds(item, context)
            )
            if decides:
                allowed |= item.effect == "Allow"
                yield {
                    "policy": policy_name(finding, policy),
                    "statement": _name(finding, policy, item.index),
                    "effect": item.effect,
                    "line": _line(finding, policy, item.index),
                }


def _counts(item: OpenStatement, finding: PrincipalAccess) -> bool:
    """Whether a statement gives access by the way that the answer names."""
    if item.level is None or finding.decision.path is None or finding.principal.endswith(":root"):
        return True
    return (item.level is Level.ACCOUNT) == (finding.decision.path == "delegated")


def _holds(item: OpenStatement, context: Context) -> bool:
    return all(condition_holds(condition, context, variables=variables) for condition, variables in item.tests)


def policy_name(finding: PrincipalAccess, layer: str) -> str:
    """What people call a layer's policy: `identity policy 2` is the second that is attached to the principal."""
    found = _source(finding, layer)
    return layer if found is None or not found[0] else f"{layer.rstrip(' 0123456789')} `{found[0]}`"


def _name(finding: PrincipalAccess, layer: str, index: int) -> str:
    compiled = dict(finding.layers.named()).get(layer)
    return compiled.names[index] if compiled is not None else f"statement[{index}]"


def _line(finding: PrincipalAccess, layer: str, index: int) -> int | None:
    found = _source(finding, layer)
    if found is None:
        return None
    kind: PolicyKind = "resource" if layer == "key policy" or layer.startswith("resource") else "identity"
    return parsed_text(found[1], kind).locate(("Statement", index)).line


def _source(finding: PrincipalAccess, layer: str) -> tuple[str, str] | None:
    """The name and the text of a layer's policy."""
    if layer == "key policy":
        return None if finding.key.policy_text is None else ("", finding.key.policy_text)
    number = int(layer.rpartition(" ")[2]) - 1 if layer[-1].isdigit() else 0
    principal, callers = finding.member.principal if finding.member else None, finding.callers_account
    found = {
        "identity": principal.policies if principal else (),
        "permissions": (principal.boundary,) if principal and principal.boundary else (),
        "service": tuple(policy for level in callers.service_control for policy in level) if callers else (),
        "resource": finding.key_account.resource_control if finding.key_account else (),
    }.get(layer.partition(" ")[0], ())
    return (found[number].name, found[number].text) if number < len(found) else None


# --- The request --------------------------------------------------------------------------------------------


def request_document(finding: PrincipalAccess) -> dict[str, Any] | None:
    """A request that is allowed, as `policy simulate` reads it; of an answer that is open, one that may be."""
    question = finding.question
    if question is None:
        return None
    circumstances = question.circumstances
    context = finding.decision.allowed if finding.decision.allowed is not None else circumstances.context
    request = request_in(circumstances, context, finding.key.grants or ())
    return document_of(request)


def document_of(request: Request) -> dict[str, Any]:
    """A request as `policy simulate` reads it, without what follows from its caller and key."""
    bare = complete_context(Request(request.caller, request.action, request.resource))
    names = {f"kms:encryptioncontext:{name.lower()}": name for name in request.encryption_context or {}}
    context = {
        f"kms:EncryptionContext:{names[key]}" if key in names else spelled(key): (
            list(values) if len(values) > 1 or is_multivalued(key) else values[0]
        )
        for key, values in sorted(request.context.items())
        if values and bare.get(key) != values and key != RESOURCE
    }
    return {
        "principal": request.caller.arn,
        "action": request.action,
        "resource": request.resource,
        "context": context,
    }


def case_document(finding: PrincipalAccess, identifier: Any) -> dict[str, Any]:
    """The finding as a case of `policy simulate --batch`: its request, and every policy that has a say."""

    def shown(compiled: CompiledPolicy | None) -> Any:
        return None if compiled is None else json.loads(as_json(compiled.document))

    layers = finding.layers
    return {
        "id": identifier,
        "description": f"{finding.access.value}: {finding.principal} {finding.action}",
        "policy": shown(layers.key),
        "request": request_document(finding),
        "identity_policies": [shown(policy) for policy in layers.identities],
        "service_control_policies": [[shown(policy) for policy in level] for level in layers.service_control],
        "resource_control_policies": [shown(policy) for policy in layers.resource_control],
        "permissions_boundary": shown(layers.boundary),
        "grants": [_grant_document(grant) for grant in finding.key.grants or ()],
    }


def _grant_document(grant: Grant) -> dict[str, Any]:
    def named(role: str, principal: Principal | None) -> dict[str, str]:
        if principal is None:
            return {}
        return {f"{role}{'Service' if principal.type == 'Service' else ''}Principal": principal.value}

    return {
        "GrantId": grant.name,
        **named("Grantee", grant.grantee),
        **named("Retiring", grant.retiring),
        "Operations": sorted(grant.operations),
        "Constraints": _constraints(grant),
        **({"IssuingAccount": grant.issuing_account} if grant.issuing_account else {}),
    }
