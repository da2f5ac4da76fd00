"""A snapshot ready to be asked: keys, principals and organization, with policies compiled when first needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.access.circumstances import RESOURCE, Circumstances
from keywright._internal.facts.actions import fold
from keywright._internal.model.arn import Arn
from keywright._internal.policy.parsing import ParsedPolicy, PolicyKind, parse_identity_policy, parse_policy
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
from keywright._internal.proof.evaluation.key_context import key_context
from keywright._internal.proof.evaluation.layers import Layers
from keywright._internal.proof.evaluation.request import Caller, Request, complete_context
from keywright._internal.proof.search.shapes import STRANGER_ORGANISATION
from keywright.errors import InputError

if TYPE_CHECKING:
    from keywright._internal.aws import Grant as ListedGrant
    from keywright._internal.estate.iam import IamPrincipal, IamSnapshot, OrganizationAccount
    from keywright._internal.proof.evaluation.grants import Grant
    from keywright._internal.proof.evaluation.request import Context
    from keywright._internal.proof.search.attributes import Values

_NO_ORGANIZATION: Final = "the organization was not read"
_ORGANIZATION_KEYS: Final = ("aws:principalorgid", "aws:principalorgpaths")
_RESOURCE_ORGANIZATION_KEYS: Final = ("aws:resourceorgid", "aws:resourceorgpaths")
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"


@dataclass(frozen=True, slots=True)
class KeyProperties:
    """What is known of a key beside its policy and grants; None where it wasn't read."""

    tags: Mapping[str, str] | None = None
    aliases: tuple[str, ...] | None = None
    spec: str | None = None
    usage: str | None = None
    origin: str | None = None
    multi_region: bool | None = None
    multi_region_type: str | None = None
    state: str | None = None
    """As KMS has it, such as `Enabled` or `PendingDeletion`: authorization doesn't depend on it, use does."""
    related: tuple[str, ...] = ()
    """The primary key and the other replicas of a multi-Region key, whose material is the same."""


@dataclass(frozen=True)
class SnapshotKey:
    """A key of the snapshot."""

    arn: str
    policy_text: str | None
    """None where it couldn't be read."""
    grants: tuple[Grant, ...] | None = ()
    """None where they couldn't be read."""
    facts: KeyProperties = field(default_factory=KeyProperties)
    listed_grants: tuple[ListedGrant, ...] = ()
    """The grants as KMS lists them."""

    @cached_property
    def location(self) -> Arn:
        """The parts of its ARN."""
        return Arn.parse(self.arn)

    @property
    def account(self) -> str:
        """Its account."""
        return self.location.account

    @cached_property
    def policy(self) -> CompiledPolicy | None:
        """Its policy."""
        return None if self.policy_text is None else compiled_text(self.policy_text, "resource")

    @cached_property
    def context(self) -> Context:
        """The context keys that follow from the key, in every request on it."""
        facts = self.facts
        return key_context(
            self.location,
            spec=facts.spec,
            usage=facts.usage,
            origin=facts.origin,
            multi_region=facts.multi_region,
            multi_region_type=facts.multi_region_type,
            aliases=facts.aliases,
            tags=facts.tags,
        )

    @cached_property
    def absent(self) -> frozenset[str]:
        """Context keys that no request on the key carries."""
        names = set()
        if self.facts.multi_region is False:
            names.add("kms:multiregionkeytype")
        if self.facts.aliases == ():
            names |= {"kms:resourcealiases", "kms:requestalias"}
        if self.facts.spec not in {None, _SYMMETRIC}:
            names.add("kms:encryptioncontextkeys")
        return frozenset(names)

    @cached_property
    def unread(self) -> Mapping[str, str]:
        """Context keys whose value wasn't read."""
        found = {}
        if self.facts.tags is None:
            found["aws:resourcetag/"] = "the key's tags were not read"
        if self.facts.aliases is None:
            found["kms:resourcealiases"] = "the key's aliases were not read"
        if self.facts.spec is None:
            reason = "the key was not described"
            found |= dict.fromkeys(("kms:keyspec", "kms:keyusage", "kms:keyorigin", "kms:multiregion"), reason)
        return found

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Context keys whose possible values are known."""
        return {"kms:requestalias": self.facts.aliases} if self.facts.aliases else {}


class Member:
    """A principal of the snapshot, with its policies as the evaluator takes them."""

    def __init__(self, principal: IamPrincipal) -> None:
        self.principal = principal

    @property
    def arn(self) -> str:
        """The principal's ARN."""
        return self.principal.arn

    @property
    def account(self) -> str:
        """The principal's account."""
        return self.principal.account

    @cached_property
    def caller(self) -> Caller:
        """The principal as it calls; a role in a session whose name isn't said."""
        return Caller.parse(self.principal.arn)

    @cached_property
    def identities(self) -> tuple[CompiledPolicy, ...]:
        """Its identity policies, but those that aren't understood: `problem` tells."""
        return tuple(filter(None, (understood(policy.text, "identity") for policy in self.principal.policies)))

    @cached_property
    def boundary(self) -> CompiledPolicy | None:
        """Its permissions boundary; one that isn't understood allows nothing here, and `problem` tells."""
        boundary = self.principal.boundary
        return (
            None
            if boundary is None
            else understood(boundary.text, "identity") or compiled_text(_NOTHING_ALLOWED, "identity")
        )

    @cached_property
    def problem(self) -> str:
        """Why nothing certain can be said of the principal: a policy that wasn't read, or isn't understood."""
        policies = (*self.principal.policies, *filter(None, (self.principal.boundary,)))
        bad = [
            f"the policy `{policy.name}` is not understood"
            for policy in policies
            if understood(policy.text, "identity") is None
        ]
        return self.principal.missing or "".join(bad[:1])

    @cached_property
    def context(self) -> Context:
        """The context keys that follow from the principal."""
        context = complete_context(Request(self.caller, "kms:Decrypt", "*"))
        context["kms:calleraccount"] = (self.account,)
        del context["aws:viaawsservice"]  # a request may come through a service
        context.update({f"aws:principaltag/{fold(name)}": (value,) for name, value in self.principal.tags.items()})
        if self.principal.kind == "user" and self.principal.unique_id:
            context["aws:userid"] = (self.principal.unique_id,)
        return context


class AccessSnapshot:
    """Keys and principals, and the organization between them.

    Args:
        keys: the keys.
        iam: who there is.
        not_read: what the snapshot lacks, each as `--json` shows it.
    """

    def __init__(
        self, keys: Iterable[SnapshotKey], iam: IamSnapshot, not_read: Iterable[Mapping[str, str | None]] = ()
    ) -> None:
        self.keys = {key.arn: key for key in keys}
        self.iam = iam
        self.not_read = tuple(not_read)
        self._allowing: dict[str, dict[str, list[Member]]] = {}
        self._account_context = lru_cache(4096)(self.organization_context)
        self._service_control = lru_cache(4096)(self.service_control)
        self.odd_policy = lru_cache(65536)(self.not_understood)

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """Every principal by its ARN."""
        return {item.arn: Member(item) for item in self.iam.principals}

    @cached_property
    def by_account(self) -> Mapping[str, list[Member]]:
        """The principals of each account."""
        found: dict[str, list[Member]] = {account: [] for account in self.iam.accounts}
        for member in self.members.values():
            found.setdefault(member.account, []).append(member)
        return found

    def organization_account(self, account: str) -> OrganizationAccount | None:
        """The account as the organization has it."""
        organization = self.iam.organization
        return None if organization is None else organization.accounts.get(account)

    def allowing(self, action: str) -> Mapping[str, list[Member]]:
        """By account, the principals of whom some identity policy allows the action on something."""
        found = self._allowing.get(action)
        if found is None:
            found = self._allowing[action] = {}
            for policies, members in self._by_policies.items():
                allows = any(policy.allows_action(action) for policy in policies)
                for member in members if allows else ():
                    found.setdefault(member.account, []).append(member)
            for member in self._not_understood:
                found.setdefault(member.account, []).append(member)
        return found

    @cached_property
    def _by_policies(self) -> Mapping[tuple[CompiledPolicy, ...], list[Member]]:
        """The principals by their identity policies, which many share; without those of whom a policy is missing."""
        found: dict[tuple[CompiledPolicy, ...], list[Member]] = {}
        for member in self.members.values():
            if not member.problem:
                found.setdefault(member.identities, []).append(member)
        return found

    @cached_property
    def _not_understood(self) -> list[Member]:
        return [member for member in self.members.values() if member.problem]

    def service_control(self, account: str) -> tuple[tuple[CompiledPolicy, ...], ...]:
        """The service control policies in force on an account, by level: none on the management account."""
        organization, found = self.iam.organization, self.organization_account(account)
        if organization is None or found is None or organization.management_account == account:
            return ()
        return tuple(
            tuple(filter(None, (understood(policy.text, "identity") for policy in level)))
            for level in found.service_control
        )

    def resource_control(self, key: SnapshotKey) -> tuple[CompiledPolicy, ...]:
        """The resource control policies in force on a key: none on keys of the management account."""
        organization = self.iam.organization
        account = self.organization_account(key.account)
        if organization is None or account is None or organization.management_account == key.account:
            return ()
        return tuple(filter(None, (understood(policy.text, "resource") for policy in account.resource_control)))

    def not_understood(self, account: str | None, owner: str) -> str:
        """Why nothing certain can be said of callers of one account on keys of another: an organization's policy."""
        return self._odd_control(account or "", "identity") or self._odd_control(owner, "resource")

    def _odd_control(self, number: str, kind: PolicyKind) -> str:
        account = self.organization_account(number)
        if account is None:
            return ""
        of_principals = (policy for level in account.service_control for policy in level)
        policies = of_principals if kind == "identity" else account.resource_control
        odd = (policy.name for policy in policies if understood(policy.text, kind) is None)
        name = next(odd, None)
        return "" if name is None else f"the {_CONTROL[kind]} control policy `{name}` is not understood"

    def layers(self, member: Member, key: SnapshotKey) -> Layers[CompiledPolicy]:
        """The policies that have a say in a member's requests on a key."""
        return Layers(
            key.policy,
            member.identities,
            self._service_control(member.account),
            self.resource_control(key),
            member.boundary,
        )

    def organization_context(self, account: str, prefix: str) -> tuple[Context, frozenset[str], Mapping[str, str]]:
        """What is known of an account's organization: context keys, those that are absent, and those not read."""
        names = _ORGANIZATION_KEYS if prefix == "principal" else _RESOURCE_ORGANIZATION_KEYS
        if not self.iam.organization_read:
            return {}, frozenset(), dict.fromkeys(names, _NO_ORGANIZATION)
        organization, found = self.iam.organization, self.organization_account(account)
        if organization is None or found is None:
            return {}, frozenset(names), {}
        return {names[0]: (organization.id,), names[1]: (found.path,)}, frozenset(), {}

    def circumstances(
        self,
        caller: Caller,
        key: SnapshotKey,
        action: str,
        *,
        member: Member | None,
        via: str | None = None,
        foreign: bool = False,
    ) -> Circumstances:
        """What is known of a caller's requests on a key; `foreign` puts the caller into an unknown organization."""
        of_caller, absent, unread = self._account_context(caller.account or "", "principal")
        if foreign:
            of_caller, absent, unread = _ELSEWHERE, frozenset(), {}
        elif caller.kind != "service" and member is None and self.organization_account(caller.account or "") is None:
            of_caller, absent, unread = {}, frozenset(), {}  # of which organization an outsider is isn't known
        of_key, absent_of_key, unread_of_key = self._account_context(key.account, "resource")
        context: dict[str, Values] = {RESOURCE: (key.arn,), **key.context, **of_key, **of_caller}
        if member is not None:
            context.update(member.context)
        else:
            context.update(_context_of(caller))
        if via is not None:
            context["kms:viaservice"] = (calling_service(via, key.location.region),)
            context["aws:viaawsservice"] = ("true",)
        unique_id = member.principal.unique_id if member is not None else ""
        return Circumstances(
            caller,
            action,
            key.arn,
            context,
            absent | absent_of_key | key.absent,
            {**unread, **unread_of_key, **key.unread} if unread or unread_of_key or key.unread else _NOTHING,
            key.choices,
            unique_id,
            tags_known=member is not None or caller.kind == "root",
            trust=member.principal.trust if member is not None else None,
        )


_ELSEWHERE: Final[Context] = {
    "aws:principalorgid": (STRANGER_ORGANISATION,),
    "aws:principalorgpaths": (f"{STRANGER_ORGANISATION}/r-else/ou-else-99999999/",),
}
_NOTHING: Final[Mapping[str, str]] = {}


def calling_service(name: str, region: str) -> str:
    """A service as `kms:ViaService` has it: `s3` in a Region is `s3.eu-west-1.amazonaws.com`."""
    return name if "." in name else f"{name}.{region}.amazonaws.com"


def _context_of(caller: Caller) -> Context:
    context = complete_context(Request(caller, "kms:Decrypt", "*"))
    if caller.account is not None:
        context["kms:calleraccount"] = (caller.account,)
    if caller.kind != "service":
        context.pop("aws:viaawsservice", None)
    return context


_CONTROL: Final = {"identity": "service", "resource": "resource"}
_NOTHING_ALLOWED: Final = '{"Version": "2012-10-17", "Statement": []}'


@lru_cache(maxsize=200_000)
def understood(text: str, kind: PolicyKind) -> CompiledPolicy | None:
    """A policy's text, compiled; None where it isn't understood."""
    try:
        return compiled_text(text, kind)
    except InputError:
        return None


@lru_cache(maxsize=200_000)
def parsed_text(text: str, kind: PolicyKind) -> ParsedPolicy:
    """A policy's text, read once."""
    return (parse_policy if kind == "resource" else parse_identity_policy)(text)


@lru_cache(maxsize=200_000)
def compiled_text(text: str, kind: PolicyKind) -> CompiledPolicy:
    """A policy's text, compiled once; what other principals have too is shared."""
    return CompiledPolicy(parsed_text(text, kind).document, kind)
