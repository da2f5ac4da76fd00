"""From keys of a snapshot to a keys file whose plan is empty: proved key by key, by the planner itself."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright._internal.adoption.key_fields import Family, Refusal, Written, refusal, write_key
from keywright._internal.adoption.keys_yaml import keys_yaml
from keywright._internal.adoption.naming import names_of
from keywright._internal.adoption.owners import cloudformation_owner
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.lifecycle.key_state import AliasHolder, KeyState, LiveKey
from keywright._internal.lifecycle.planning import plan
from keywright._internal.lifecycle.target import Target
from keywright._internal.proof.claims.claim_checking import BUILT_IN_CLAIMS
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.declared_policies import prove_declared
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keywright._internal.adoption.owners import Owner
    from keywright._internal.estate.snapshot import ScannedKey
    from keywright._internal.model.stack import Stack


@dataclass(frozen=True, slots=True)
class AdoptedKey:
    """A key as it will stand in the file."""

    name: str
    family: Family
    written: Written
    owner: Owner | None
    waived: Mapping[str, str] = field(default_factory=dict)
    """Claims that the key refutes as it is, each with the reason."""

    @property
    def members(self) -> tuple[ScannedKey, ...]:
        """The key and those of its replicas that are part of it."""
        return (self.family.key, *(self.family.replicas[region] for region in self.written.replicas))

    @property
    def fields(self) -> dict[str, Any]:
        """As the file has them."""
        return {**self.written.fields, **({"waive": dict(self.waived)} if self.waived else {})}

    def tags_to_write(self, stack: str) -> tuple[tuple[ScannedKey, dict[str, str]], ...]:
        """The identity tags that are still to be put, by key."""
        wanted = {"keywright:stack": stack, "keywright:key": self.name}
        missing = [
            (key, {name: value for name, value in wanted.items() if key.tags.get(name) != value})
            for key in self.members
        ]
        return tuple((key, tags) for key, tags in missing if tags)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What becomes of the selected keys."""

    stack: str
    keys: tuple[AdoptedKey, ...]
    refused: Mapping[str, Refusal]
    """Why others stay as they are, by ARN."""
    text: str
    """The keys file; empty where no key is adopted."""


def families(
    selected: Iterable[ScannedKey], everything: Iterable[ScannedKey]
) -> tuple[list[Family], dict[str, Refusal]]:
    """The selected keys as families: a replica stands for the family of its primary.

    Args:
        selected: the keys that are meant.
        everything: all keys that were read.
    """
    known = {key.arn: key for key in everything}
    found: dict[str, Family] = {}
    refused: dict[str, Refusal] = {}
    for key in selected:
        metadata = key.metadata
        primary = known.get(metadata.primary_arn or "") if metadata and metadata.multi_region else key
        if primary is None:
            home = metadata.primary_arn if metadata else None
            refused[key.arn] = Refusal(f"its primary {home} was not read", "read its Region too")
            continue
        arns = primary.metadata.replica_arns if primary.metadata else ()
        if unread := [arn for arn in arns if arn not in known]:
            refused[primary.arn] = Refusal(f"its replica {unread[0]} was not read", "read its Region too")
            continue
        replicas = {known[arn].location.region: known[arn] for arn in arns}
        found.setdefault(primary.arn, Family(primary, replicas))
    return list(found.values()), refused


def adopt(
    stack: str,
    selected: Sequence[ScannedKey],
    everything: Sequence[ScannedKey],
    *,
    roles: Mapping[str, str | None],
    owners: Mapping[str, Owner],
    caller: str | None = None,
) -> Adoption:
    """Write the selected keys as a keys file; a key whose plan would not be empty is refused.

    Args:
        stack: the name of the stack.
        selected: the keys that are meant.
        everything: all keys that were read.
        roles: the role that reaches an account, by account.
        owners: who manages a key by a state file, by ARN.
        caller: the ARN of whoever will plan the file, where that is known.
    """
    listed, refused = families(selected, everything)
    usable: list[Family] = []
    for family in listed:
        reason = refusal(family.key, stack)
        if reason is None:
            usable.append(family)
        else:
            refused[family.key.arn] = reason
    names = names_of((family.key for family in usable), stack)
    keys: dict[str, AdoptedKey] = {}
    for family in usable:
        key = family.key
        written = write_key(family, role_arn=roles.get(key.location.account))
        if isinstance(written, Refusal):
            refused[key.arn] = written
            continue
        owner = owners.get(key.arn) or cloudformation_owner(key.tags)
        keys[names[key.arn]] = AdoptedKey(names[key.arn], family, written, owner)
    checked = _checked(stack, keys, refused, caller)
    ordered = tuple(checked[name] for name in sorted(checked))
    text = keys_yaml(stack, {item.name: item.fields for item in ordered}, _comments(ordered)) if ordered else ""
    return Adoption(stack, ordered, refused, text)


def _checked(
    stack: str, keys: dict[str, AdoptedKey], refused: dict[str, Refusal], caller: str | None
) -> dict[str, AdoptedKey]:
    """The keys whose file is read without a problem and whose plan is empty; the others are refused."""
    left = dict(keys)
    while left:
        try:
            loaded = _loaded(stack, left)
        except InputError as error:
            blamed = {str(item.path[1]): item for item in error.problems if item.path[:1] == ("keys",)}
            if not blamed.keys() & left.keys():
                raise
            for name, problem in blamed.items():
                said = f"`{problem.field}` {problem.message}"
                refused[left.pop(name).family.key.arn] = Refusal(f"a keys file can't say it: {said}", problem.remedy)
            continue
        found: dict[str, AdoptedKey] = {}
        for name, item in left.items():
            target = _target(loaded, item)
            steps = plan(target, _as_tagged(stack, item))
            if steps:
                words = "; ".join(step.summary for step in steps)
                refused[item.family.key.arn] = Refusal(f"the plan for it would not be empty: {words}")
            else:
                found[name] = replace(item, waived=_refuted(target, caller))
        return found
    return {}


def _loaded(stack: str, keys: Mapping[str, AdoptedKey]) -> Stack:
    """The stack that the file declares, read as everybody will read it."""
    with tempfile.TemporaryDirectory(prefix="keywright-adopt-") as folder:
        path = Path(folder) / "keys.yaml"
        path.write_text(keys_yaml(stack, {name: item.fields for name, item in keys.items()}), encoding="utf-8")
        return load_stack(path)


def _target(stack: Stack, item: AdoptedKey) -> Target:
    key = stack.keys[item.name]
    location = replace(item.family.key.location, key_id=None)
    return Target(stack.name, item.name, key, location, declared=key)


def _as_tagged(stack: str, item: AdoptedKey) -> KeyState:
    """The key as AWS will show it once it has its two tags."""
    key = item.family.key
    identity = {"keywright:stack": stack, "keywright:key": item.name}
    members = {member.location.region: _live(member, identity) for member in item.members}
    own = members.pop(key.location.region)
    aliases = {name: AliasHolder(key.location.key_id) for name in key.aliases}
    return KeyState((own,), members, aliases)


def _live(key: ScannedKey, identity: Mapping[str, str]) -> LiveKey:
    if key.metadata is None or key.policy is None:
        raise ValueError(f"{key.arn} was not read")  # a refused key never comes here
    own_matter = key.metadata.multi_region_type != "REPLICA"
    return LiveKey(key.metadata, key.policy, {**key.tags, **identity}, key.rotation if own_matter else None, key.grants)


def _refuted(target: Target, caller: str | None) -> dict[str, str]:
    """The claims that the key refutes as it is: to adopt it is to take it so, and to say so in the file."""
    return {
        result.id: f"so when it was adopted: {result.reason}"
        for policy in target.declared_policies
        for result in prove_declared(policy, caller=caller)
        if result.verdict is Verdict.REFUTED and result.id in BUILT_IN_CLAIMS
    }


def _comments(keys: Sequence[AdoptedKey]) -> list[str]:
    lines = ["Keys that were there already, as `keywright adopt` found them. A plan of this file is empty."]
    owned = [(item.name, item.owner) for item in keys if item.owner is not None]
    if owned:
        lines += ["", "Two tools must not manage one key. Hand these over:"]
        for name, owner in owned:
            lines.append(f"{name}: {owner.tool} {owner.name}")
            lines += [f"  {line}" for line in owner.numbered_steps()]
    return [*lines, ""]
