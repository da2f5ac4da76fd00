"""The evaluator: whether a request is allowed by a key's policy and all that stands beside it, and why.

It follows the semantics section by section: matching is sections 2 to 5 (`compiled_policy`), context keys sections
6 and 7 (`request`), grants section 8 (`grants`), and the decision over all policies section 1 (`layers`).

See https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.facts.actions import IAM_ONLY, RE_ENCRYPT, RE_ENCRYPT_ACTIONS
from keywright._internal.policy.document import PolicyDocument, Statement
from keywright._internal.policy.source import read_policy
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy, MatchedStatements, Subject, compiled
from keywright._internal.proof.evaluation.conditions import check_operators
from keywright._internal.proof.evaluation.decision import KEY_POLICY, Decision, Outcome, StatementTrace
from keywright._internal.proof.evaluation.grants import Grant, granted, may_retire
from keywright._internal.proof.evaluation.layers import Layers, applicable, is_on_key, rule
from keywright._internal.proof.evaluation.request import Context, Request, complete_context, role_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keywright._internal.policy.parsing import PolicyKind
    from keywright._internal.policy.source import PolicySource
    from keywright._internal.proof.evaluation.matching import Level
    from keywright._internal.proof.evaluation.request import Caller

ALLOW_ALL: Final = PolicyDocument((Statement("Allow", None, ("kms:*",), ("*",)),))
"""An identity policy that leaves the decision to the key policy."""
_WORST_FIRST: Final = (Outcome.EXPLICITLY_DENIED, Outcome.IMPLICITLY_DENIED, Outcome.ALLOWED)
"""Of several decisions that must all allow, the first of these is the answer."""


def evaluate(
    policy: PolicySource | None,
    request: Request | Mapping[str, Any],
    *,
    identity_policies: Iterable[PolicySource] = (),
    grants: Iterable[Grant | Mapping[str, Any]] = (),
    service_control_policies: Iterable[PolicySource | Sequence[PolicySource]] = (),
    resource_control_policies: Iterable[PolicySource] = (),
    permissions_boundary: PolicySource | None = None,
    session_policy: PolicySource | None = None,
    endpoint_policy: PolicySource | None = None,
) -> Decision:
    """Decide one request on the key whose policy this is.

    Each policy is given as its JSON text, as that text decoded, or read already.

    Args:
        policy: the key's policy; None for a request on no key.
        request: who asks for what, or the document `{"principal", "action", "resource", "context"}` that says it.
        identity_policies: those attached to the caller.
        grants: the active grants on the key, or their documents as KMS's ListGrants shows them.
        service_control_policies: those in force on the **caller's** account; one of them must allow. A list among
            them is a level of the organization (root, unit or account), and each level must allow. None given
            means that none restricts.
        resource_control_policies: those in force on the **key's** account. AWS's own full-access policy always
            stands beside them, so only their Deny counts (1.5).
        permissions_boundary: the caller's.
        session_policy: that of the caller's session.
        endpoint_policy: that of the VPC endpoint the call goes through.

    Raises:
        InputError: where a policy, the request or a grant isn't understood to the letter.
    """
    evaluator = Evaluator(
        policy,
        identity_policies=identity_policies,
        grants=grants,
        service_control_policies=service_control_policies,
        resource_control_policies=resource_control_policies,
        permissions_boundary=permissions_boundary,
        session_policy=session_policy,
        endpoint_policy=endpoint_policy,
    )
    return evaluator.decide(request if isinstance(request, Request) else Request.from_document(request))


class Evaluator:
    """The policies around one key, ready for many requests; arguments as of `evaluate`."""

    def __init__(
        self,
        policy: PolicySource | None,
        *,
        identity_policies: Iterable[PolicySource] = (),
        grants: Iterable[Grant | Mapping[str, Any]] = (),
        service_control_policies: Iterable[PolicySource | Sequence[PolicySource]] = (),
        resource_control_policies: Iterable[PolicySource] = (),
        permissions_boundary: PolicySource | None = None,
        session_policy: PolicySource | None = None,
        endpoint_policy: PolicySource | None = None,
    ) -> None:
        self._layers = Layers(
            key=_one(policy, "resource", "key policy"),
            identities=_all(identity_policies, "identity", "identity policy"),
            service_control=_levels(service_control_policies),
            resource_control=_all(resource_control_policies, "resource", "resource control policy"),
            boundary=_one(permissions_boundary, "identity", "permissions boundary"),
            session=_one(session_policy, "identity", "session policy"),
            endpoint=_one(endpoint_policy, "resource", "endpoint policy"),
        )
        self._grants = tuple(item if isinstance(item, Grant) else Grant.from_document(item) for item in grants)

    def decide(self, request: Request) -> Decision:
        """The decision on one request; its trace is made when it is asked for."""
        return decide(self._layers, request, self._grants)


def decide(layers: Layers[CompiledPolicy], request: Request, grants: Sequence[Grant] = ()) -> Decision:
    """The decision on one request, from compiled policies."""
    if request.action == RE_ENCRYPT:  # section 3: the operation needs both actions
        both = [_decide(layers, replace(request, action=action), grants) for action in RE_ENCRYPT_ACTIONS]
        return min(both, key=lambda decision: _WORST_FIRST.index(decision.outcome))
    return _decide(layers, request, grants)


def _decide(layers: Layers[CompiledPolicy], request: Request, grants: Sequence[Grant]) -> Decision:
    asked = applicable(layers, request)
    context = complete_context(request)
    subject = _subject(request, context, bounded=layers.boundary is not None)

    def match(policy: CompiledPolicy) -> MatchedStatements:
        return policy.matched(subject)

    matched = Layers(
        None if asked.key is None else asked.key.matched(_as_seen_by_key(subject)),
        tuple(map(match, asked.identities)),
        tuple(tuple(map(match, level)) for level in asked.service_control),
        tuple(map(match, asked.resource_control)),
        None if asked.boundary is None else match(asked.boundary),
        None if asked.session is None else match(asked.session),
        None if asked.endpoint is None else match(asked.endpoint),
    )
    ruling = rule(request, matched, _covering(grants, request, context))
    names = asked.key.names if asked.key is not None else ()
    return Decision(
        ruling.outcome,
        ruling.path,
        ruling.reason,
        tuple(names[index] for policy, index in ruling.decisive if policy == KEY_POLICY),
        ruling.undecided,
        partial(_trace, layers, request, ruling.decisive),
        ruling.refused_by,
    )


def _trace(
    layers: Layers[CompiledPolicy], request: Request, decisive: tuple[tuple[str, int], ...]
) -> tuple[StatementTrace, ...]:
    subject = _subject(request, complete_context(request), bounded=layers.boundary is not None)
    seen_by_key = _as_seen_by_key(subject)
    return tuple(
        replace(item, decisive=(item.policy, item.index) in decisive)
        for name, policy in applicable(layers, request).named()
        for item in policy.trace(seen_by_key if name == KEY_POLICY else subject, name)
    )


def _subject(request: Request, context: Context, *, bounded: bool) -> Subject:
    """The request as policies see it; one on no key has the resource `*`, which only a Resource of `*` covers."""
    return Subject(
        _with_path(request),
        request.action,
        "*" if request.action in IAM_ONLY else request.resource,
        context,
        request.key.partition if request.key else None,
        bounded and request.caller.kind in {"user", "role"},
    )


def _with_path(request: Request) -> Caller:
    """The caller; a session with its role's path, where the request says the role's ARN (2.1)."""
    caller = request.caller
    given = request.context.get("aws:principalarn", ()) if caller.session is not None else ()
    path = role_path(given[0]) if len(given) == 1 else None
    return caller if path is None else replace(caller, path=path)


def _as_seen_by_key(subject: Subject) -> Subject:
    """Without the keys that AWS documents for identity policies only: the key's tags and aliases (6, 7 and 11)."""
    context = {
        key: values
        for key, values in subject.context.items()
        if not key.startswith("aws:resourcetag/") and key != "kms:resourcealiases"
    }
    return subject._replace(context=context) if len(context) < len(subject.context) else subject


def _covering(grants: Sequence[Grant], request: Request, context: Context) -> list[tuple[str, Level]]:
    """The grants that cover the request, or for RetireGrant may be retired by the caller, and by which form."""
    if not grants or not is_on_key(request):
        return []
    test = may_retire if request.action == "kms:RetireGrant" else granted
    found = ((grant.name, test(grant, request, context)) for grant in grants)
    return [(name, level) for name, level in found if level is not None]


def _one(source: PolicySource | None, kind: PolicyKind, name: str) -> CompiledPolicy | None:
    return None if source is None else compile_policy(source, kind, name)


def _all(sources: Iterable[PolicySource], kind: PolicyKind, name: str) -> tuple[CompiledPolicy, ...]:
    return tuple(compile_policy(source, kind, name) for source in sources)


def _levels(sources: Iterable[PolicySource | Sequence[PolicySource]]) -> tuple[tuple[CompiledPolicy, ...], ...]:
    alone: list[PolicySource] = []
    levels: list[Sequence[PolicySource]] = []
    for source in sources:
        if isinstance(source, list | tuple):
            levels.append(source)
        else:
            alone.append(source)  # type: ignore[arg-type]  # a string is a sequence too
    return tuple(_all(level, "identity", "service control policy") for level in ([alone] if alone else []) + levels)


def compile_policy(source: PolicySource, kind: PolicyKind, name: str) -> CompiledPolicy:
    """A policy read and compiled; one whose condition operators don't all exist is refused.

    Raises:
        InputError: for what isn't understood to the letter.
    """
    document = read_policy(source, kind=kind, file=name)
    if document is not source:
        check_operators(document, name)
    return compiled(document, kind)


__all__ = ["Decision", "Evaluator", "Grant", "Outcome", "compile_policy", "decide", "evaluate"]
