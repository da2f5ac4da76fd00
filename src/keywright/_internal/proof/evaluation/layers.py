"""From the statements that match in each policy to the decision: section 1 of the semantics.

Nothing here looks at a statement's elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar, get_args

from keywright._internal.facts.actions import CROSS_ACCOUNT, IAM_ONLY
from keywright._internal.proof.evaluation.decision import KEY_POLICY, Outcome, Path, PolicyLayer
from keywright._internal.proof.evaluation.matching import Level
from keywright._internal.proof.evaluation.request import is_alias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.model.arn import Arn
    from keywright._internal.proof.evaluation.compiled_policy import MatchedStatements
    from keywright._internal.proof.evaluation.request import Caller, Request

P = TypeVar("P")

_UNLIMITED = frozenset({Level.EVERYONE, Level.SERVICE, Level.USER, Level.FEDERATED, Level.SESSION})
"""Forms of a direct match that neither a boundary nor a session policy limits by an implicit deny (1.4).

AWS's text and a third-party simulator differ on session ARNs; this follows AWS (section 11).
"""


@dataclass(frozen=True, slots=True)
class Layers(Generic[P]):
    """The policies of one request: compiled, or the statements of each that match."""

    key: P | None
    identities: tuple[P, ...] = ()
    service_control: tuple[tuple[P, ...], ...] = ()
    """By level: those of the organization's root, of each unit on the way to the account, and of the account."""
    resource_control: tuple[P, ...] = ()
    boundary: P | None = None
    session: P | None = None
    endpoint: P | None = None

    def all(self) -> tuple[P, ...]:
        """Each policy."""
        several = (*self.identities, *chain.from_iterable(self.service_control), *self.resource_control)
        single = (self.key, self.boundary, self.session, self.endpoint)
        return (*several, *(policy for policy in single if policy is not None))

    def named(self) -> Iterator[tuple[str, P]]:
        """Each policy with its name for people."""
        if self.key is not None:
            yield KEY_POLICY, self.key
        for kind, policies in (
            ("identity policy", self.identities),
            ("service control policy", chain.from_iterable(self.service_control)),
            ("resource control policy", self.resource_control),
        ):
            for number, policy in enumerate(policies, 1):
                yield f"{kind} {number}", policy
        for name, single in (
            ("permissions boundary", self.boundary),
            ("session policy", self.session),
            ("endpoint policy", self.endpoint),
        ):
            if single is not None:
                yield name, single


class Ruling(NamedTuple):
    """What the policies come to; `decisive` names a policy and a statement's index each time."""

    outcome: Outcome
    path: Path | None
    reason: str
    decisive: tuple[tuple[str, int], ...] = ()
    undecided: str | None = None
    refused_by: PolicyLayer | None = None


_LAYERS: Final[tuple[PolicyLayer, ...]] = get_args(PolicyLayer)


def applicable(layers: Layers[P], request: Request) -> Layers[P]:
    """Only the policies that have a say in this request (1.1, 1.2 and 1.5).

    No key, no key policy: requests on no key, and on an alias, are decided by identity policies. Service control
    policies bind users, roles and roots, not services nor service-linked roles. Resource control policies bind
    every caller on a key but service-linked roles, and not RetireGrant.
    """
    caller = request.caller
    on_key = is_on_key(request)
    scp = caller.kind != "service" and not caller.is_service_linked
    rcp = on_key and request.action != "kms:RetireGrant" and not caller.is_service_linked
    if on_key and (scp or not layers.service_control) and (rcp or not layers.resource_control):
        return layers
    return Layers(
        layers.key if on_key else None,
        layers.identities,
        layers.service_control if scp else (),
        layers.resource_control if rcp else (),
        layers.boundary,
        layers.session,
        layers.endpoint,
    )


def is_on_key(request: Request) -> bool:
    """Whether the request is on a key, so that the key's policy is asked."""
    key = request.key
    return key is not None and not is_alias(key) and request.action not in IAM_ONLY


def rule(  # noqa: PLR0911 - one return a rule
    request: Request,
    matched: Layers[MatchedStatements],
    grants: Sequence[tuple[str, Level]] = (),
) -> Ruling:
    """The decision, from the statements that match and which grants, by name and form, cover the request.

    Args:
        request: the request.
        matched: the statements that match in each applicable policy.
        grants: the grants that cover the request; for RetireGrant those the caller may retire.
    """
    if any(policy.denies for policy in matched.all()):
        denied = tuple((name, index) for name, policy in matched.named() for index in policy.denies)
        return _denied(request, denied, grants)
    if not all(any(policy.allows for policy in level) for level in matched.service_control):
        return _no("no service control policy of the caller's account allows it", "service control policy")
    if matched.endpoint is not None and not matched.endpoint.allows:
        return _no("the endpoint policy doesn't allow it", "endpoint policy")
    if not is_on_key(request):
        return _without_key(request, matched)
    caller, key = request.caller, request.key
    if key is None:  # for the type checker: `is_on_key` has said so
        return _no("there is no key")
    if request.action == "kms:RetireGrant":
        return _retire(caller, key, matched, grants)
    if caller.kind == "service":
        return _by_service(matched, grants)
    if is_same_account(caller, key):
        return _same_account(caller, matched, grants)
    return _cross_account(request, caller, key, matched, grants)


def is_same_account(caller: Caller, key: Arn) -> bool:
    """Whether caller and key live in one account; a number means another account in another partition."""
    return (caller.account, caller.partition) == (key.account, key.partition)


def _no(reason: str, by: PolicyLayer = "key policy", undecided: str | None = None) -> Ruling:
    return Ruling(Outcome.IMPLICITLY_DENIED, None, reason, (), undecided, by)


def _yes(path: Path, reason: str, decisive: Sequence[tuple[str, int]] = ()) -> Ruling:
    return Ruling(Outcome.ALLOWED, path, reason, tuple(decisive))


def _denied(request: Request, denied: tuple[tuple[str, int], ...], grants: Sequence[tuple[str, Level]]) -> Ruling:
    """An explicit Deny is final (1.1). Whether a key policy's Deny blocks RetireGrant isn't documented (8)."""
    places = ", ".join(dict.fromkeys(name for name, _ in denied))
    undecided = None
    if request.action == "kms:RetireGrant" and grants and all(name == KEY_POLICY for name, _ in denied):
        undecided = "AWS doesn't document whether a key policy's Deny blocks RetireGrant"
    by = next(layer for layer in _LAYERS if any(name.startswith(layer) for name, _ in denied))
    return Ruling(Outcome.EXPLICITLY_DENIED, None, f"a Deny of the {places} matches", denied, undecided, by)


def _limits_allow(matched: Layers[MatchedStatements]) -> bool:
    """Whether boundary and session policy, where there are any, allow the request."""
    return all(limit is None or limit.allows for limit in (matched.boundary, matched.session))


def _identity_side(matched: Layers[MatchedStatements]) -> tuple[tuple[str, int], ...]:
    """The identity statements that allow, where boundary and session policy let them (1.1, layers 6 and 7)."""
    if not _limits_allow(matched):
        return ()
    return tuple(
        (f"identity policy {number}", index)
        for number, policy in enumerate(matched.identities, 1)
        for index, _ in policy.allows
    )


def _missing_identity(matched: Layers[MatchedStatements]) -> PolicyLayer:
    """The layer of the identity side that has no Allow."""
    if not any(policy.allows for policy in matched.identities):
        return "identity policy"
    return _missing_limit(matched)


def _missing_limit(matched: Layers[MatchedStatements]) -> PolicyLayer:
    if matched.boundary is not None and not matched.boundary.allows:
        return "permissions boundary"
    return "session policy"


def _why_no_identity(matched: Layers[MatchedStatements]) -> str:
    missing = _missing_identity(matched)
    if missing == "identity policy":
        return "no identity policy of the caller allows it"
    return f"the caller's {missing} doesn't allow it"


def _without_key(request: Request, matched: Layers[MatchedStatements]) -> Ruling:
    """Requests on no key, and the alias's side of an alias action: identity policies decide (1.2, 3).

    A root user needs no policy here: that KMS doesn't trust roots holds for keys only.
    """
    caller, alias = request.caller, request.key
    if alias is not None and is_alias(alias):
        if alias.resource.startswith("alias/aws/"):
            return _no("aliases that begin with `alias/aws/` are reserved for AWS", "identity policy")
        if not is_same_account(caller, alias):
            return _no("an alias is managed in its own account only", "identity policy")
    if identity := _identity_side(matched):
        return _yes("identity", "an identity policy allows it", identity)
    if caller.kind == "root":
        return _yes("identity", "a root user needs no policy for requests on no key")
    return _no(_why_no_identity(matched), _missing_identity(matched))


def _by_service(matched: Layers[MatchedStatements], grants: Sequence[tuple[str, Level]]) -> Ruling:
    """A service belongs to no account and has no identity policies: key policy or grant decide (2.1)."""
    if matched.key is not None and matched.key.allows:
        return _yes("direct", "the key policy allows the service", [(KEY_POLICY, i) for i, _ in matched.key.allows])
    if grants:
        return _yes("grant", f"{grants[0][0]} covers it")
    return _no("no statement of the key policy allows the service")


def _same_account(  # noqa: PLR0911 - one return a rule
    caller: Caller, matched: Layers[MatchedStatements], grants: Sequence[tuple[str, Level]]
) -> Ruling:
    """The KMS special rule (1.2): direct, delegated by the account principal, or granted; limits by 1.4."""
    allows = matched.key.allows if matched.key is not None else ()
    limits = _limits_allow(matched)
    identity = _identity_side(matched)
    root = caller.kind == "root"
    direct = [
        (KEY_POLICY, index)
        for index, level in allows
        if level in _UNLIMITED or (level is not Level.ACCOUNT and limits) or (level is Level.ACCOUNT and root)
    ]
    delegated = [(KEY_POLICY, index) for index, level in allows if level is Level.ACCOUNT and not root and identity]
    if direct:
        return _yes("direct", "the key policy allows the caller", sorted([*direct, *delegated]))
    if delegated:
        reason = "the key policy delegates it to the account, and an identity policy allows it"
        return _yes("delegated", reason, [*delegated, *identity])
    for name, level in grants:
        if level in _UNLIMITED or root or (bool(identity) if level is Level.ACCOUNT else limits):
            return _yes("grant", f"{name} covers it")
    if limits and any(level is Level.ACCOUNT for _, level in grants):
        undecided = (
            "AWS doesn't document whether the principals of an account that is a grantee need an identity policy"
        )
        return _no(
            f"the grant is to the account, and {_why_no_identity(matched)}", _missing_identity(matched), undecided
        )
    if any(level is Level.ACCOUNT for _, level in allows):
        reason = f"the key policy only delegates it to the account, and {_why_no_identity(matched)}"
        return _no(reason, _missing_identity(matched))
    if allows or grants:
        return _no("the caller's permissions boundary or session policy doesn't allow it", _missing_limit(matched))
    return _no("no statement of the key policy allows the caller")


def _cross_account(
    request: Request, caller: Caller, key: Arn, matched: Layers[MatchedStatements], grants: Sequence[tuple[str, Level]]
) -> Ruling:
    """Both sides must allow, and the operation must work across accounts at all (1.3)."""
    allows = matched.key.allows if matched.key is not None else ()
    if caller.partition != key.partition:
        return _no("the caller and the key live in different partitions")
    if request.action not in CROSS_ACCOUNT:
        return _no(f"{request.action} doesn't work on a key of another account")
    if not allows and not grants:
        return _no("no statement of the key policy allows the caller of another account")
    if identity := _identity_side(matched):
        if not allows:
            return _yes("grant", f"{grants[0][0]} covers it, and an identity policy allows it", identity)
        path: Path = "delegated" if all(level is Level.ACCOUNT for _, level in allows) else "direct"
        decisive = [*((KEY_POLICY, index) for index, _ in allows), *identity]
        return _yes(path, "the key policy and an identity policy of the caller both allow it", decisive)
    undecided = None
    if grants:
        undecided = "AWS doesn't document whether a grantee of another account needs an identity policy"
    reason = f"a caller of another account needs an identity policy too, and {_why_no_identity(matched)}"
    return _no(reason, _missing_identity(matched), undecided)


def _retire(
    caller: Caller, key: Arn, matched: Layers[MatchedStatements], grants: Sequence[tuple[str, Level]]
) -> Ruling:
    """RetireGrant is decided by the grant; an Allow of the key policy is ineffective (section 8)."""
    delegated = caller.kind == "root" or bool(_identity_side(matched))
    limits = _limits_allow(matched)
    for name, level in grants:
        if level in _UNLIMITED or (delegated if level is Level.ACCOUNT else limits):
            return _yes("grant", f"the caller may retire {name}")
    where = "" if is_same_account(caller, key) or caller.kind == "service" else " of another account"
    return _no(f"no grant lets the caller{where} retire it, and a key policy can't")
