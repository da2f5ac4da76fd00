"""The policies of a stack as text, decided from the file alone: no network, no caller."""

from __future__ import annotations

import re

from keywright._internal.model.stack import Stack
from keywright._internal.policy.stack_policies import stack_policies
from keywright.errors import InputError


def rendered_policies(
    stack: Stack, name: str | None, account: str | None, *, replica: str | None = None
) -> dict[str, str]:
    """The policy of one key or of all, indented; of a whole one that a person wrote, his text.

    Args:
        stack: the declared keys.
        name: one key; None for all.
        account: of the keys that state none.
        replica: the Region of a replica, for its policy in place of the key's own.

    Raises:
        InputError: the key or the replica is not in the file, nothing says its account or Region, or the policy is
            too large.
    """
    check_account(account)
    chosen = stack if name is None else stack.only([name])
    found: dict[str, str] = {}
    for policy in stack_policies(chosen, account=account):
        if policy.of_replica != (replica is not None) or (replica is not None and policy.location.region != replica):
            continue
        problem = policy.size_problem
        if problem is not None:
            raise InputError(f"`{policy.name}`: {problem.message}", problem.remedy)
        found[policy.name] = policy.readable_text
    if not found:
        raise InputError(f"no key of the file has a replica in `{replica}`", "see `replica_regions` in the file")
    return found


def check_account(account: str | None) -> None:
    """Refuse what is given as an account and is none.

    Raises:
        InputError: it hasn't twelve digits.
    """
    if account is not None and not re.fullmatch(r"\d{12}", account):
        raise InputError(f"`{account}` is not an account", "write its twelve digits")
