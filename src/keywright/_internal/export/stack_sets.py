"""The keys of a file as stack sets: one for the template of each Region, with the same keys in every account.

A stack set can't have replicas: CloudFormation finds a primary in another Region by the name of its stack, and stack
sets make up those names.
"""

from __future__ import annotations

from collections.abc import Iterator

from keywright._internal.export.cloudformation import Layout, templates
from keywright._internal.export.inexpressible import LeftOut, inexpressible, without
from keywright._internal.export.stack_set import Preferences, Rollout, StackSet
from keywright._internal.model.key import Key
from keywright._internal.model.key_home import stated_account
from keywright._internal.model.principal import PermissionSet, parse_principal
from keywright._internal.model.stack import Stack
from keywright.errors import InputError, Problem


def stack_sets(
    stack: Stack, layout: Layout, rollout: Rollout, preferences: Preferences, *, auto_deployment: bool
) -> tuple[StackSet, ...]:
    """The stack sets of a stack's keys, by Region.

    Args:
        stack: the declared keys; none of them states its account.
        layout: how they are spread over templates.
        rollout: the accounts that get them.
        preferences: how they are rolled out.
        auto_deployment: whether accounts that join an organizational unit get them by themselves.

    Raises:
        LocationMissing: keys have no Region.
        InputError: with everything that a stack set can't express.
    """
    problems = tuple(
        problem
        for name, key in stack.keys.items()
        for problem in (
            *_problems(name, key, layout),
            *_named_twice(name, key, rollout),
            *inexpressible(name, without(key, layout.left_out)),
        )
    )
    if problems:
        raise InputError(f"some keys of `{stack.name}` can't be in a stack set", problems=problems)
    found = templates(stack, layout)
    return tuple(StackSet(template, (rollout,), preferences, auto_deployment) for template in found)


def _problems(name: str, key: Key, layout: Layout) -> Iterator[Problem]:
    if key.replica_regions and LeftOut.REPLICA_REGIONS not in layout.left_out:
        yield Problem(
            ("keys", name, "replica_regions"),
            "can't be in a stack set, which has no way to its primaries in another Region",
            "write it without them by `--leave-out replica_regions`, and replicate by `keywright apply`",
        )
    stated = stated_account(key)
    if stated is not None:
        fields = ("account", "assume_role_arn", "replica_primary_key_arn")
        yield Problem(
            ("keys", name, next(field for field in fields if getattr(key, field))),
            f"is for account {stated} alone, and a stack set makes the same key in every account",
            "remove it, or use `keywright export cloudformation`",
        )


def _named_twice(name: str, key: Key, rollout: Rollout) -> Iterator[Problem]:
    """Permission sets of an account that gets the keys, named apart from the account's own: one Sid, two statements."""
    for field in ("key_administrator_arns", "key_user_arns"):
        principals = [parse_principal(text) for text in getattr(key, field)]
        if not any(isinstance(item, PermissionSet) and item.account is None for item in principals):
            continue
        for number, item in enumerate(principals):
            if isinstance(item, PermissionSet) and item.account in rollout.accounts:
                yield Problem(
                    ("keys", name, field, number),
                    f"names account {item.account}, which gets the keys itself",
                    "name the permission set without an account, or leave that account out",
                )
