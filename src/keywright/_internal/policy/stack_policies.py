"""Every policy of a stack: that of each key and of each of its replicas, enumerated here and nowhere else.

`policy check`, `plan`, `apply`, `verify`, `conform` and `policy render` all speak of these policies and of no others.
They follow from the declaration, and from what is told from outside about an account or Region that it leaves open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from keywright._internal.model.key import Key
from keywright._internal.model.key_home import home_of
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.key_rules import FieldPath
from keywright._internal.model.stack import Stack
from keywright._internal.policy.document import MAX_POLICY_BYTES, PolicyDocument, Statement, as_json
from keywright._internal.policy.generation import key_in_region, sourced_statements
from keywright._internal.policy.parsing import parse_policy
from keywright.errors import Problem


@dataclass(frozen=True)
class DeclaredPolicy:
    """The policy of a declared key in one Region.

    Args:
        name: the key's.
        key: the key as it serves this Region: the services that it names by Region are this Region's.
        location: where the key, or its replica, lives.
        of_replica: whether it is that of a replica which the key declares.
        claims: the user's own on it: the stack's, then the key's. A replica is held to the same ones.
        written: the policy as a person wrote it; None where it is generated.
        written_at: the field that it was written in, as a path in the key.
    """

    name: str
    key: Key
    location: KeyLocation
    of_replica: bool
    claims: tuple[str, ...]
    written: str | None = None
    written_at: FieldPath | None = None

    @property
    def label(self) -> str:
        """The key, and which of its replicas, for people."""
        return f"{self.name}, replica in {self.location.region}" if self.of_replica else self.name

    @cached_property
    def document(self) -> PolicyDocument:
        """The policy."""
        if self.written is not None:
            return parse_policy(self.written).document
        return PolicyDocument(tuple(statement for _, statement in self._generated))

    @cached_property
    def text(self) -> str:
        """The text that AWS is sent."""
        return self.written if self.written is not None else as_json(self.document)

    @property
    def readable_text(self) -> str:
        """The text that a person reads: as it was written, or indented."""
        return self.written if self.written is not None else as_json(self.document, indent=2)

    @property
    def sources(self) -> tuple[FieldPath, ...]:
        """For each statement of the policy the field of the key that it comes from."""
        if self.written_at is not None:
            return (self.written_at,) * len(self.document.statements)
        return tuple(field for field, _ in self._generated)

    @property
    def size_problem(self) -> Problem | None:
        """What is wrong where KMS would not take the policy for its size; its path starts at the key."""
        size = len(self.text.encode())
        if size <= MAX_POLICY_BYTES:
            return None
        return Problem(
            self.written_at or ("policy",),
            f"the policy for {self.location.region} has {size:,} bytes; KMS takes {MAX_POLICY_BYTES:,}",
            "name fewer principals; a permission set or an account stands for many",
        )

    @cached_property
    def _generated(self) -> tuple[tuple[FieldPath, Statement], ...]:
        return tuple(sourced_statements(self.key, self.location))


def stack_policies(stack: Stack, *, account: str | None = None, region: str | None = None) -> Iterator[DeclaredPolicy]:
    """Every policy of a stack, in the order of its keys; a key's replicas follow it, by Region.

    Args:
        stack: the declared keys.
        account: of the keys whose fields state none; see `home_of`.
        region: of the keys that name none.

    Raises:
        InputError: nothing says where a key lives, or a written policy is none.
    """
    for name, key in stack.keys.items():
        home = home_of(name, key, account=account, region=region)
        yield from key_policies(name, key, home, (*stack.claims, *key.claims))


def key_policies(name: str, key: Key, home: KeyLocation, claims: tuple[str, ...] = ()) -> Iterator[DeclaredPolicy]:
    """The policies of one key that lives in `home`: its own, then its replicas'.

    Args:
        name: the key's.
        key: the key as declared.
        home: where it lives.
        claims: the user's own: its stack's and the key's.
    """
    own_field: FieldPath | None = ("policy",) if key.policy is not None else None
    made = key.made_in(home.region)
    made_field = own_field if made.policy == key.policy else ("replica_regions", home.region, "policy")
    served = made if made.replica_primary_key_arn is None else key_in_region(made, home.region)
    yield DeclaredPolicy(name, served, home, False, claims, made.policy, made_field)
    for region in sorted(made.replica_regions):
        written, field = key.policy, own_field
        if key.replica_regions[region].policy is not None:
            written, field = key.replica_regions[region].policy, ("replica_regions", region, "policy")
        there = replace(home, region=region, key_id=None)
        yield DeclaredPolicy(name, key_in_region(key, region), there, True, claims, written, field)
