"""Key policies checked, proved and compared from Python, each policy in whatever form the program holds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
        InputError: the policy or a claim isn't understood.
    """
    return prove_policy(
        read_policy(policy),
        account,
        claims=claims,
        caller=caller,
        partition=partition,
        region=region,
        trusted_accounts=trusted_accounts,
        trusted_organisations=trusted_organizations,
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
    return examine_policy(_with_text(policy), account=account, region=region, claims=claims)


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
    return explanation.explain(read_policy(policy), account=account, region=region)


def _with_text(policy: PolicySource) -> ParsedPolicy:
    """A policy with a text in which findings have a place."""
    if isinstance(policy, ParsedPolicy):
        return policy
    return parse_policy(policy if isinstance(policy, str) else as_json(read_policy(policy), indent=2))
