"""The keys of a file as CloudFormation templates: one a Region, or one a key and Region.

Replicas are in templates of their own, by their Region. They take their primaries' ARNs from the outputs of the stacks
that have the primaries: those stacks are deployed first, in all Regions, then the replicas', in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from keywright._internal.export.existing import Existing
from keywright._internal.export.functions import ACCOUNT, Function, StandIns, Value, names_in, unused_account
from keywright._internal.export.inexpressible import LeftOut, inexpressible, left_out_of, without
from keywright._internal.export.key_resources import ExportedKey
from keywright._internal.export.logical_ids import stack_name, words
from keywright._internal.export.template import Template, TemplateKey
from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.key import Key
from keywright._internal.model.key_home import stated_account
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.stack import Stack
from keywright._internal.policy.stack_policies import key_policies
from keywright.errors import InputError, LocationMissing, Problem


@dataclass(frozen=True, slots=True)
class Layout:
    """How keys are spread over templates, and what isn't in the file.

    Args:
        identity_tags: the names of the tags that hold the stack's and the key's name.
        region: of keys that name none.
        account: of keys that state none; None leaves it to the deployment.
        by_key: whether each key has a template, and so a stack, of its own.
        left_out: fields that CloudFormation can't express, and that the templates may lack.
        stand_ins: what in the keys stands for the values of a deployment; None for an account that none of them names.
    """

    identity_tags: tuple[str, str]
    region: str | None = None
    account: str | None = None
    by_key: bool = False
    left_out: tuple[LeftOut, ...] = ()
    stand_ins: StandIns | None = None


@dataclass(frozen=True, slots=True)
class _Stack:
    """Where a part of a key goes: a stack in an account and Region, of primaries or of replicas."""

    account: str | None
    region: str
    key: str | None
    of_replicas: bool

    @property
    def path(self) -> str:
        parts = (self.account, "replicas" if self.of_replicas else None, self.region, self.key)
        return "/".join(part for part in parts if part)


def templates(stack: Stack, layout: Layout, *, existing: Mapping[str, Existing] | None = None) -> tuple[Template, ...]:
    """The templates of a stack's keys, in the order in which they are deployed.

    Args:
        stack: the declared keys.
        layout: how they are spread.
        existing: what is on AWS already, by the key's name.

    Raises:
        LocationMissing: keys have no Region.
        InputError: with every field that CloudFormation can't express, and every policy that is too large.
    """
    homeless = [name for name, key in stack.keys.items() if not (key.region or layout.region)]
    if homeless:
        raise LocationMissing(
            "nothing says the Region of some keys",
            "write `region:` in the file, or pass --region",
            tuple(Problem(("keys", name), "has no Region") for name in homeless),
        )
    open_to = layout.stand_ins or StandIns({unused_account(stack.model_dump_json()): ACCOUNT})
    parts: dict[_Stack, list[TemplateKey]] = {}
    problems: list[Problem] = []
    for name, key in stack.keys.items():
        exported = _exported(stack.name, name, key, replace(layout, stand_ins=open_to), (existing or {}).get(name))
        problems += [*inexpressible(name, exported.declared), *_sizes(exported)]
        if problems:
            continue
        account = None if exported.is_open else exported.location.account
        own = name if layout.by_key else None
        parts.setdefault(_Stack(account, exported.location.region, own, of_replicas=False), []).append(
            exported.at_home()
        )
        for region, replica in exported.replicas():
            parts.setdefault(_Stack(account, region, own, of_replicas=True), []).append(replica)
    if problems:
        raise InputError(
            f"some keys of `{stack.name}` can't be a CloudFormation template", problems=tuple(dict.fromkeys(problems))
        )
    names = frozenset(open_to.names.values()) - {ACCOUNT}
    found = (_template(stack.name, place, keys, names) for place, keys in parts.items())
    return tuple(sorted(found, key=lambda item: (item.primary_stack is not None, item.path)))


def _exported(stack: str, name: str, key: Key, layout: Layout, existing: Existing | None) -> ExportedKey:
    region = key.region or layout.region or ""
    stand_ins = layout.stand_ins or StandIns()
    account = stated_account(key) or layout.account or stand_ins.account or ""
    location = KeyLocation(partition_of_region()[region], account, region)
    identity = dict(zip(layout.identity_tags, (stack, name), strict=True))
    left_out = left_out_of(key, layout.left_out)
    primary = _primary_arn(name, key, location, existing)
    primary = stand_ins.value(primary) if isinstance(primary, str) else primary
    tags = {**key.tags, **identity}
    return ExportedKey(name, without(key, left_out), location, tags, primary, stand_ins, existing, left_out)


def _primary_arn(name: str, key: Key, location: KeyLocation, existing: Existing | None) -> Value:
    if key.replica_primary_key_arn is not None:
        return key.replica_primary_key_arn
    if existing is not None:
        return f"arn:{location.partition}:kms:{location.region}:{location.account}:key/{existing.key_id}"
    return {
        "Fn::GetStackOutput": {
            "StackName": Function("Ref", "PrimaryStackName"),
            "OutputName": f"{words(name)}KeyArn",
            "Region": location.region,
        }
    }


def _sizes(exported: ExportedKey) -> list[Problem]:
    policies = key_policies(exported.name, exported.declared, exported.location)
    found = (policy.size_problem for policy in policies)
    return [
        Problem(("keys", exported.name, *item.path), item.message, item.remedy) for item in found if item is not None
    ]


def _template(stack: str, place: _Stack, keys: list[TemplateKey], names: frozenset[str]) -> Template:
    own = (words(place.key),) if place.key else ()
    primary = stack_name(stack, *own)
    name = stack_name(stack, *own, "replicas") if place.of_replicas else primary
    used = frozenset().union(*(names_in([key.resources, key.outputs]) for key in keys))
    return Template(
        place.path,
        name,
        stack,
        place.region,
        place.account,
        tuple(keys),
        primary if place.of_replicas else None,
        parameters=dict.fromkeys(sorted(names & used), ()),
    )
