"""The reference evaluator: whether a request is allowed, and why, with the exact semantics of AWS.

It is written to be read beside the semantics: matching is sections 2 to 5, context keys sections 6 and 7,
grants section 8, and the decision over all policies section 1.

See https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import IAM_ONLY, RE_ENCRYPT, RE_ENCRYPT_ACTIONS
from keywright._internal.proof.evaluation.decision import KEY_POLICY, Decision, Mismatch, Outcome, Path, StatementTrace
from keywright._internal.proof.evaluation.grants import Grant, granted, may_retire
from keywright._internal.proof.evaluation.layers import (
    Layers,
    MatchedStatements,
    applicable,
    decide,
    is_on_key,
    names_principals,
)
from keywright._internal.proof.evaluation.request import Context, complete_context
from keywright._internal.proof.evaluation.statements import Subject, trace_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.evaluation.matching import Level
    from keywright._internal.proof.evaluation.request import Request

SEVERITY = (Outcome.EXPLICITLY_DENIED, Outcome.IMPLICITLY_DENIED, Outcome.ALLOWED)
"""Of several decisions that must all allow, the first of these is the answer."""


def evaluate(
    policy: PolicyDocument,
    request: Request,
    *,
    identity_policies: Iterable[PolicyDocument] = (),
    grants: Sequence[Grant] = (),
    service_control_policies: Iterable[PolicyDocument] = (),
    resource_control_policies: Iterable[PolicyDocument] = (),
    permissions_boundary: PolicyDocument | None = None,
    session_policy: PolicyDocument | None = None,
    endpoint_policy: PolicyDocument | None = None,
) -> Decision:
    """Decide one request on the key whose policy this is.

    Args:
        policy: the key's policy.
        request: who asks for what.
        identity_policies: those attached to the caller.
        grants: the active grants on the key.
        service_control_policies: those in force on the **caller's** account; one of them must allow. None given
            means that none restricts.
        resource_control_policies: those in force on the **key's** account. AWS's own full-access policy always
            stands beside them, so only their Deny counts (1.5).
        permissions_boundary: the caller's.
        session_policy: that of the caller's session.
        endpoint_policy: that of the VPC endpoint the call goes through.
    """
    layers = Layers(
        key=policy,
        identities=tuple(identity_policies),
        service_control=tuple(service_control_policies),
        resource_control=tuple(resource_control_policies),
        boundary=permissions_boundary,
        session=session_policy,
        endpoint=endpoint_policy,
    )
    if request.action == RE_ENCRYPT:  # section 3: the operation needs both actions
        both = [_evaluate(layers, replace(request, action=action), grants) for action in RE_ENCRYPT_ACTIONS]
        return min(both, key=lambda decision: SEVERITY.index(decision.outcome))
    return _evaluate(layers, request, grants)


def _evaluate(layers: Layers[PolicyDocument], request: Request, grants: Sequence[Grant]) -> Decision:
    context = complete_context(request)
    asked = applicable(layers, request)
    traces = asked.map(lambda name, policy: trace_policy(policy, subject(request, context, name, layers), name))
    verdict = decide(
        request,
        traces.map(lambda _, trace: _said(trace)),
        covering(grants, request, context),
        restricted=bool(asked.service_control),
    )
    decisive = frozenset(verdict.decisive)
    trace = tuple(
        replace(item, decisive=(item.policy, item.index) in decisive) for _, items in traces.named() for item in items
    )
    return Decision(verdict.outcome, verdict.path, verdict.reason, trace, verdict.undecided)


def subject(request: Request, context: Context, policy: str, layers: Layers[PolicyDocument]) -> Subject:
    """The request as a policy of that name sees it.

    A request on no key has the resource `*`, which only a Resource of `*` covers. Tags and aliases of the key
    can't be used in its own policy: there the keys are absent (sections 6, 7 and 11).
    """
    return Subject(
        caller=request.caller,
        action=request.action,
        resource="*" if request.action in IAM_ONLY else request.resource,
        context=key_policy_context(context) if policy == KEY_POLICY else context,
        partition=request.key.partition if request.key else None,
        names_principals=names_principals(policy),
        bounded=layers.boundary is not None and request.caller.kind in {"user", "role"},
    )


def key_policy_context(context: Context) -> Context:
    """The context that a key policy sees: without the keys that AWS documents for identity policies only."""
    return {
        key: values
        for key, values in context.items()
        if not key.startswith("aws:resourcetag/") and key != "kms:resourcealiases"
    }


def covering(grants: Sequence[Grant], request: Request, context: Context) -> list[tuple[str, Level]]:
    """The grants that cover the request, or for RetireGrant may be retired by the caller, and by which form."""
    if not grants or not is_on_key(request):
        return []
    test = may_retire if request.action == "kms:RetireGrant" else granted
    found = ((grant.name, test(grant, request, context)) for grant in grants)
    return [(name, level) for name, level in found if level is not None]


def _said(trace: tuple[StatementTrace, ...]) -> MatchedStatements:
    matched = [item for item in trace if item.matched]
    return MatchedStatements(
        allows=tuple((item.index, item.level) for item in matched if item.effect == "Allow"),
        denies=tuple(item.index for item in matched if item.effect == "Deny"),
    )


__all__ = ["Decision", "Grant", "Mismatch", "Outcome", "Path", "StatementTrace", "evaluate"]
