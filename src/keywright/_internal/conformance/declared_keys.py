"""The keys of files of keys, each with where it lives and the policies that Keywright writes for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.principal import PermissionSet, parse_principal
from keywright._internal.policy.document import PolicyDocument
from keywright._internal.policy.generation import key_policy, replica_policy
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.sandbox import DEFAULT_ACCOUNT
from keywright.errors import InputError


@dataclass(frozen=True, slots=True)
class DeclaredPolicy:
    """One policy of a declared key: the key's own, or that of its replica in a Region."""

    file: str
    name: str
    key: Key
    location: KeyLocation
    document: PolicyDocument
    claims: tuple[str, ...]


def declared_policies(file: Path) -> Iterator[DeclaredPolicy]:
    """Every policy of a file of keys.

    Raises:
        InputError: the file is not one of keys, or does not say a key's Region.
    """
    stack = load_stack(file)
    for name, key in stack.keys.items():
        if key.region is None:
            raise InputError(f"`{file}` does not say the Region of `{name}`", "write `region:` at the top of the file")
        home = KeyLocation(partition_of_region()[key.region], _account(key), key.region)
        claims = (*stack.claims, *key.claims)
        document = key_policy(key, home) if key.policy is None else parse_policy(key.policy).document
        yield DeclaredPolicy(file.name, name, key, home, document, claims)
        for region, replica in key.replica_regions.items():
            there = KeyLocation(home.partition, home.account, region)
            given = replica.policy or key.policy
            document = replica_policy(key, home, region) if given is None else parse_policy(given).document
            yield DeclaredPolicy(file.name, f"{name}, replica in {region}", key, there, document, claims)


def _account(key: Key) -> str:
    """The account that the key names, or the only one that its principals name, or AWS's example account."""
    named = [parse_principal(text) for text in (*key.key_administrator_arns, *key.key_user_arns)]
    accounts = {item.account for item in named if not isinstance(item, PermissionSet)}
    return key.account or (accounts.pop() if len(accounts) == 1 else DEFAULT_ACCOUNT)
