"""Where a declared key lives: the one rule for the account and the Region that its fields may leave open.

The account is the first that is known of

1. what the key's fields state: `account`, the account of `assume_role_arn`, that of `replica_primary_key_arn`;
2. what is told from outside: `--account`, or the credentials of a plan;
3. the only account that its principals name.

The Region is the key's own, or the one that is told from outside.
"""

from __future__ import annotations

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.arn import Arn
from keywright._internal.model.key_fields import KeyFields
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.principal import PermissionSet, parse_principal
from keywright.errors import LocationMissing


def stated_account(key: KeyFields) -> str | None:
    """The account that a key's fields state; None where they leave it to whoever works on the key."""
    if key.account is not None:
        return key.account
    arn = key.assume_role_arn or key.replica_primary_key_arn
    return Arn.parse(arn).account if arn is not None else None


def home_of(name: str, key: KeyFields, *, account: str | None = None, region: str | None = None) -> KeyLocation:
    """Where a key lives.

    Args:
        name: the key's, for the error.
        key: the key as declared.
        account: what is told from outside, for a key that states no account.
        region: the same of its Region.

    Raises:
        LocationMissing: nothing says its account, or its Region.
    """
    home_region = key.region or region
    if home_region is None:
        raise LocationMissing(
            f"nothing says the Region of `{name}`", "state `region` for the key, or at the top of the keys file"
        )
    home = stated_account(key) or account or _only_account(key)
    if home is None:
        raise LocationMissing(
            f"nothing says the account of `{name}`",
            "state `account` for the key or at the top of the keys file, or give `--account`",
        )
    return KeyLocation(partition_of_region()[home_region], home, home_region)


def _only_account(key: KeyFields) -> str | None:
    named = [parse_principal(text) for text in (*key.key_administrator_arns, *key.key_user_arns)]
    accounts = {item.account for item in named if not isinstance(item, PermissionSet)}
    return accounts.pop() if len(accounts) == 1 else None
