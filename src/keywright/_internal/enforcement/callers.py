"""Who calls: from an access key to the identity, its policies, and the context keys that follow from it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from keywright._internal.enforcement.compiling import EVERYTHING_ALLOWED, NOTHING_ALLOWED, compiled, joined
from keywright._internal.enforcement.iam_state import IamIdentity, IamState
from keywright._internal.enforcement.organization_state import OrganizationState
from keywright._internal.enforcement.stand_ins import StandIns
from keywright._internal.estate.iam import Organization
from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
from keywright._internal.proof.evaluation.request import Caller, Context
from keywright._internal.sandbox.credential import Credential, Session


@dataclass(frozen=True, slots=True)
class CallingIdentity:
    """A caller with the policies on its side.

    Args:
        caller: as the evaluator takes it.
        shown: as AWS's messages name it.
        identities: its identity policies.
        boundary: its permissions boundary.
        session: its session policy.
        service_control: the service control policies on its account, by level.
        context: the context keys that follow from it.
    """

    caller: Caller
    shown: str
    identities: tuple[CompiledPolicy, ...] = ()
    boundary: CompiledPolicy | None = None
    session: CompiledPolicy | None = None
    service_control: tuple[tuple[CompiledPolicy, ...], ...] = ()
    context: Context | None = None


async def identify(
    credential: Credential, stand_ins: StandIns, iam: IamState, organizations: OrganizationState
) -> CallingIdentity:
    """Who calls with an access key, or the service that a header stands in for.

    Raises:
        InputError: for a policy that isn't understood.
    """
    if stand_ins.service is not None:
        (account,) = stand_ins.context.get("aws:sourceaccount", ("",))
        source = await organizations.of(account)
        context = organization_context(source, account, "source")
        return CallingIdentity(stand_ins.service, stand_ins.service.name, context=context)
    caller = _caller(credential)
    identity = await iam.find(credential.principal) if caller.kind != "root" else None
    organization = await organizations.of(credential.account)
    texts = (EVERYTHING_ALLOWED,) if caller.kind == "root" else identity.policies if identity is not None else ()
    return CallingIdentity(
        caller,
        credential.arn,
        tuple(compiled(text, "identity", "identity policy") for text in texts),
        _boundary(identity),
        await _session_policy(credential, caller, iam),
        _service_control(organization, credential.account),
        {
            **_identity_context(credential, caller, identity),
            **organization_context(organization, credential.account, "principal"),
        },
    )


def organization_context(organization: Organization | None, account: str, whose: str) -> Context:
    """`aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`, or those of the `resource` or `source`; none without one."""
    found = organization.accounts.get(account) if organization is not None else None
    if organization is None or found is None:
        return {}
    return {f"aws:{whose}orgid": (organization.id,), f"aws:{whose}orgpaths": (found.path,)}


def resource_control(organization: Organization | None, account: str) -> tuple[CompiledPolicy, ...]:
    """The resource control policies on the keys of an account: none on those of the management account."""
    found = organization.accounts.get(account) if organization is not None else None
    if organization is None or found is None or organization.management_account == account:
        return ()
    return tuple(compiled(policy.text, "resource", policy.name) for policy in found.resource_control)


def _service_control(organization: Organization | None, account: str) -> tuple[tuple[CompiledPolicy, ...], ...]:
    found = organization.accounts.get(account) if organization is not None else None
    if organization is None or found is None or organization.management_account == account:
        return ()
    return tuple(
        tuple(compiled(policy.text, "identity", policy.name) for policy in level) for level in found.service_control
    )


def _caller(credential: Credential) -> Caller:
    if ":federated-user/" in credential.arn and ":user/" in credential.principal:
        return Caller.parse(credential.arn, issuer=credential.principal)
    caller = Caller.parse(credential.arn)
    if caller.session is None:
        return caller
    return replace(caller, path=Caller.parse(credential.principal).path)


def _boundary(identity: IamIdentity | None) -> CompiledPolicy | None:
    if identity is None or identity.boundary is None:
        return None
    return compiled(identity.boundary, "identity", "permissions boundary")


async def _session_policy(credential: Credential, caller: Caller, iam: IamState) -> CompiledPolicy | None:
    session = credential.session
    if session is None:
        return None
    texts = [session.policy] if session.policy else []
    texts += [await iam.managed_policy(credential.account, arn) or NOTHING_ALLOWED for arn in session.policy_arns]
    text = joined(texts)
    if text is None and caller.kind == "federated":
        text = NOTHING_ALLOWED  # such a session has only what its session policy lets through
    return None if text is None else compiled(text, "identity", "session policy")


def _identity_context(credential: Credential, caller: Caller, identity: IamIdentity | None) -> Context:
    context: Context = {"aws:userid": (credential.user_id,)}
    tags = {fold(name): value for name, value in (identity.tags if identity is not None else {}).items()}
    if credential.session is not None:
        tags |= {fold(name): value for name, value in credential.session.tags.items()}
        context.update(_session_context(credential.session))
    context.update({f"aws:principaltag/{name}": (value,) for name, value in tags.items()})
    if caller.kind == "user":
        context["aws:username"] = (caller.name,)
    return context


def _session_context(session: Session) -> Context:
    issued = datetime.fromtimestamp(session.issued, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    context: Context = {"aws:tokenissuetime": (issued,), "aws:multifactorauthpresent": ("false",)}
    if session.source_identity:
        context["aws:sourceidentity"] = (session.source_identity,)
    return context
