"""Key policies checked, proved and compared from Python, each policy in whatever form the program holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.spelling import did_you_mean
from keywright._internal.model.stack import Stack
from keywright._internal.policy.document import as_json
from keywright._internal.policy.parsing import ParsedPolicy, parse_policy
from keywright._internal.policy.source import PolicySource, read_policy
from keywright._internal.policy.stack_policies import stack_policies
from keywright._internal.proof.claims.declared import prove_policy
from keywright._internal.proof.claims.result import ClaimResult
from keywright._internal.proof.declared_policies import examine_declared
from keywright._internal.proof.difference import explanation
from keywright._internal.proof.difference.access_difference import AccessDifference, policy_difference
from keywright._internal.proof.difference.explanation import Explanation
from keywright._internal.proof.examination import Examination, examine_policy
from keywright.errors import InputError

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")


def prove(
    policy: PolicySource,
    claims: Sequence[str] = (),
    *,
    account: str,
    region: str | None = None,
    partition: str = "aws",
    trusted_accounts: Iterable[str] = (),
    trusted_organizations: Iterable[str] = (),
    caller: str | None = None,
) -> tuple[ClaimResult, ...]:
    """Decide the built-in claims and the given ones on a key policy, for every request there can be.

    Args:
        policy: the policy, as JSON text, as that text decoded, or read already.
        claims: further claims, such as `nobody outside [111122223333] can [kms:Decrypt]`.
        account: the key's.
        region: the key's, where known.
        partition: the key's.
        trusted_accounts: who may reach the key, in place of the accounts that the policy names.
        trusted_organizations: the same of organizations.
        caller: the ARN of whoever is about to write the policy: whether he could change it again is a claim then.

    Raises:
        InputError: the policy, a claim or where the key is isn't understood.
    """
    accounts = _several("trusted_accounts", trusted_accounts)
    organizations = _several("trusted_organizations", trusted_organizations)
    for number in (account, *accounts):
        _check_account(number)
    for organization in organizations:
        if not _is(organization, _ORGANIZATION):
            raise InputError(f"`{organization}` is not an organization", "write its id, such as `o-a1b2c3d4e5`")
    _check_region(region)
    if partition not in (partitions := sorted(set(partition_of_region().values()))):
        raise InputError(f"`{partition}` is not a partition", f"write one of {', '.join(partitions)}")
    return prove_policy(
        read_policy(policy),
        account,
        claims=_several("claims", claims),
        caller=caller,
        partition=partition,
        region=region,
        trusted_accounts=accounts,
        trusted_organisations=organizations,
    )


def check_policy(
    policy: PolicySource, *, account: str | None = None, region: str | None = None, claims: Sequence[str] = ()
) -> Examination:
    """The findings and the claim results of a key policy, as `keywright policy check --policy` shows them.

    Args:
        policy: the policy, as JSON text, as that text decoded, or read already.
        account: the key's; where left out, the one that the policy itself says.
        region: the key's, where known.
        claims: further ones, as text.

    Raises:
        InputError: the policy or a claim isn't understood.
    """
    _check_location(account, region)
    return examine_policy(_with_text(policy), account=account, region=region, claims=_several("claims", claims))


def check(stack: Stack, *, account: str | None = None) -> tuple[Examination, ...]:
    """The findings and the claim results of every policy of a stack: of each key, and of each replica.

    Args:
        stack: the declared keys.
        account: of the keys that state none.

    Raises:
        InputError: nothing says where a key lives.
    """
    return tuple(examine_declared(item, file=item.label) for item in stack_policies(stack, account=account))


def diff(
    old: PolicySource, new: PolicySource, *, account: str | None = None, region: str | None = None
) -> AccessDifference:
    """Who gains and who loses which access from one key policy to another.

    Args:
        old: the policy as it is.
        new: the policy as it would be.
        account: the key's; where left out, the one that the policies say.
        region: the key's, where known.

    Raises:
        InputError: a policy isn't understood, or nothing says the key's account.
    """
    _check_location(account, region)
    return policy_difference(read_policy(old), read_policy(new), account=account, region=region)


def explain(policy: PolicySource, *, account: str | None = None, region: str | None = None) -> Explanation:
    """Each statement of a key policy in a sentence, and who can administer, use, grant and delete.

    Args:
        policy: the policy, as JSON text, as that text decoded, or read already.
        account: the key's; where left out, the one that the policy says.
        region: the key's, where known.

    Raises:
        InputError: the policy isn't understood.
    """
    _check_location(account, region)
    return explanation.explain(read_policy(policy), account=account, region=region)


def _check_location(account: str | None, region: str | None) -> None:
    if account is not None:
        _check_account(account)
    _check_region(region)


def _check_account(account: str) -> None:
    if not _is(account, _ACCOUNT):
        raise InputError(f"`{account}` is not an account", "write its twelve digits as text")


def _check_region(region: str | None) -> None:
    regions = partition_of_region()
    if region is not None and region not in regions:
        raise InputError(
            f"`{region}` is not an AWS Region", did_you_mean(region, regions) or "write for example `eu-west-1`"
        )


def _is(value: object, form: re.Pattern[str]) -> bool:
    """Whether it is text of that form. A program that isn't type-checked may hand over anything."""
    return isinstance(value, str) and form.fullmatch(value) is not None


def _several(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """A text alone would be taken letter by letter."""
    if isinstance(values, str):
        raise InputError(f"`{name}` is one text, and takes several", f"write `{name}=[…]`")
    return tuple(values)


def _with_text(policy: PolicySource) -> ParsedPolicy:
    """A policy with a text in which findings have a place."""
    if isinstance(policy, ParsedPolicy):
        return policy
    return parse_policy(policy if isinstance(policy, str) else as_json(read_policy(policy), indent=2))
