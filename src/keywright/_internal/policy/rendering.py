"""The policies of a stack as text, decided from the file alone: no network, no caller."""

from __future__ import annotations

import re

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.keysfile.stack import Stack
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.principal import PermissionSet, parse_principal
from keywright._internal.model.stack_rules import account_of
from keywright._internal.policy.document import MAX_POLICY_BYTES, as_json, size_in_bytes
from keywright._internal.policy.generation import key_policy
from keywright.errors import InputError


def rendered_policies(stack: Stack, name: str | None, account: str | None) -> dict[str, str]:
    """The policy of one key or of all, indented.

    Raises:
        InputError: the key is not in the file, nothing says its account or Region, or the policy is too large.
    """
    if account is not None and not re.fullmatch(r"\d{12}", account):
        raise InputError(f"`{account}` is not an account", "write its twelve digits")
    if name is not None and name not in stack.keys:
        raise InputError(f"the file has no key `{name}`", f"its keys are {', '.join(stack.keys)}")
    names = stack.keys if name is None else (name,)
    return {item: _rendered(item, stack.keys[item], account) for item in names}


def _rendered(name: str, key: Key, account: str | None) -> str:
    if key.policy is not None:
        return key.policy
    document = key_policy(key, location_of(name, key, account))
    size = size_in_bytes(document)
    if size > MAX_POLICY_BYTES:
        raise InputError(
            f"the policy of `{name}` has {size:,} bytes; KMS takes {MAX_POLICY_BYTES:,}",
            "name fewer principals; a permission set or an account stands for many",
        )
    return as_json(document, indent=2)


def location_of(name: str, key: Key, account: str | None) -> KeyLocation:
    """Where a key lives, as far as the file and `--account` say.

    Raises:
        InputError: nothing says its account, or its Region.
    """
    if key.region is None:
        raise InputError(f"nothing says the Region of `{name}`", "write `region:` at the top of the file")
    named = [parse_principal(text) for text in (*key.key_administrator_arns, *key.key_user_arns)]
    accounts = {item.account for item in named if not isinstance(item, PermissionSet)}
    home = account or account_of(key) or (accounts.pop() if len(accounts) == 1 else None)
    if home is None:
        raise InputError(
            f"nothing says the account of `{name}`",
            "write `account:` in the file, or pass --account",
        )
    return KeyLocation(partition_of_region()[key.region], home, key.region)
