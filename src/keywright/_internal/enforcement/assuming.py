"""Whether a caller may assume a role: the role's trust policy decides, alone or with the caller's own policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from keywright._internal.enforcement.callers import CallingIdentity
from keywright._internal.enforcement.compiling import compiled_trust
from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy, MatchedStatements, Subject
from keywright._internal.proof.evaluation.matching import Level
from keywright._internal.proof.evaluation.request import Context, Request, complete_context

ASSUME: Final = "sts:AssumeRole"
TAG: Final = "sts:TagSession"
SET_SOURCE_IDENTITY: Final = "sts:SetSourceIdentity"
_SERVICE_LINKED: Final = ":role/aws-service-role/"


def may_assume(
    calling: CallingIdentity,
    action: str,
    role: str,
    trust: str,
    context: Context,
    resource_control: tuple[CompiledPolicy, ...] = (),
) -> bool:
    """Whether a caller may do this to a role.

    Args:
        calling: the caller.
        action: `sts:AssumeRole`, or one of the two that go with it.
        role: the role's ARN.
        trust: its trust policy.
        context: the context keys of the call.
        resource_control: the resource control policies on the role's account. Service-linked roles are exempt:
            https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html

    Raises:
        InputError: for a trust policy that isn't understood.
    """
    caller = calling.caller
    whole = {**complete_context(Request(caller, action, role)), **context}

    def matched(policy: CompiledPolicy, resource: str) -> MatchedStatements:
        return policy.matched(
            Subject(caller, action, resource, whole, role.split(":")[1], calling.boundary is not None)
        )

    trusting = matched(compiled_trust(trust), "*")
    identities = [matched(policy, role) for policy in calling.identities]
    limits = [matched(policy, role) for policy in (calling.boundary, calling.session) if policy is not None]
    controlling = [*calling.service_control]
    if resource_control and not (caller.is_service_linked or _SERVICE_LINKED in role):
        controlling.append(resource_control)
    levels = [[matched(policy, role) for policy in level] for level in controlling]
    every = [trusting, *identities, *limits, *(item for level in levels for item in level)]
    if any(item.denies for item in every) or not all(_allows(level) for level in levels):
        return False
    by_identity = caller.kind == "root" or (_allows(identities) and all(item.allows for item in limits))
    if caller.kind == "service":
        return bool(trusting.allows)
    if caller.account != role.split(":")[4]:
        return bool(trusting.allows) and by_identity
    return any(
        by_identity if level is Level.ACCOUNT else level is not Level.ROLE or all(item.allows for item in limits)
        for _, level in trusting.allows
    )


def context_of_assuming(asked: Mapping[str, str], tags: Mapping[str, str], transitive: Iterable[str]) -> Context:
    """The context keys of a call to AssumeRole.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html

    Args:
        asked: the call's parameters.
        tags: the tags that it asks for.
        transitive: the names of those that go on to the next session.
    """
    context: Context = {f"aws:requesttag/{fold(name)}": (value,) for name, value in tags.items()}
    if tags:
        context["aws:tagkeys"] = tuple(tags)
    for name, key in (
        ("ExternalId", "sts:externalid"),
        ("RoleSessionName", "sts:rolesessionname"),
        ("SourceIdentity", "sts:sourceidentity"),
    ):
        if asked.get(name):
            context[key] = (asked[name],)
    names = tuple(transitive)
    return {**context, "sts:transitivetagkeys": names} if names else context


def _allows(matched: Iterable[MatchedStatements]) -> bool:
    return any(item.allows for item in matched)
