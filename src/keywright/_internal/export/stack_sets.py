"""The keys of a file as stack sets: one for the template of each Region, with the same keys in every account.

A stack set can't have replicas: CloudFormation finds a primary in another Region by the name of its stack, and stack
sets make up those names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from keywright._internal.export.cloudformation import Layout, templates
from keywright._internal.export.functions import ACCOUNT, StandIns, worked_out
from keywright._internal.export.inexpressible import LeftOut, inexpressible, without
from keywright._internal.export.stack_set import Preferences, Rollout, StackSet
from keywright._internal.export.template import Template
from keywright._internal.model.key import Key
from keywright._internal.model.key_home import stated_account
from keywright._internal.model.principal import PermissionSet, parse_principal
from keywright._internal.model.stack import Stack
from keywright._internal.policy.document import as_json
from keywright._internal.policy.parsing import parse_policy_value
from keywright.errors import InputError, Problem


@dataclass(frozen=True, slots=True)
class Variant:
    """The keys as some accounts get them.

    Args:
        stack: the declared keys; none of them states an account beside that of the deployment.
        rollout: the accounts.
        stand_ins: what in the keys stands for the values of a deployment.
    """

    stack: Stack
    rollout: Rollout
    stand_ins: StandIns


def stack_sets(
    variants: Sequence[Variant],
    layout: Layout,
    preferences: Preferences,
    *,
    common: Variant | None = None,
    auto_deployment: bool = True,
) -> tuple[StackSet, ...]:
    """The stack sets of a file's keys: one for each Region and variant, or for all variants where they have one form.

    Args:
        variants: the keys as the accounts get them.
        layout: how they are spread over templates.
        preferences: how they are rolled out.
        common: the keys with parameters in place of what differs, if that can be.
        auto_deployment: whether accounts that join an organizational unit get them by themselves.

    Raises:
        LocationMissing: keys have no Region.
        InputError: with everything that a stack set can't express.
    """
    problems = tuple(dict.fromkeys(problem for variant in variants for problem in _of_variant(variant, layout)))
    if problems:
        raise InputError(f"some keys of `{variants[0].stack.name}` can't be in a stack set", problems=problems)
    each = [_templates(variant, layout) for variant in variants]
    rollouts = tuple(variant.rollout for variant in variants)
    if common is not None and len({item.permission_model for item in rollouts}) == 1:
        form = _templates(common, layout)
        if all(same_keys(form, made, item.parameters) for made, item in zip(each, rollouts, strict=True)):
            named = (_with_values(template, rollouts) for template in form)
            return tuple(StackSet(template, rollouts, preferences, auto_deployment) for template in named)
    return tuple(
        StackSet(_placed(template, number, len(each)), (rollout,), preferences, auto_deployment)
        for number, (made, rollout) in enumerate(zip(each, rollouts, strict=True), 1)
        for template in made
    )


def same_keys(form: Sequence[Template], made: Sequence[Template], parameters: Mapping[str, str]) -> bool:
    """Whether templates with parameters are, with these values, templates without: the same policies, byte for byte."""
    return [_without_parameters(item, parameters) for item in form] == [_without_parameters(item, {}) for item in made]


def _without_parameters(template: Template, parameters: Mapping[str, str]) -> tuple[str, list[Any]]:
    known = {**parameters, ACCOUNT: "<account>"}
    resources = [resource for key in template.keys for resource in key.resources.values()]
    found: Any = worked_out(resources, known)
    for resource in found:
        if "KeyPolicy" in resource["Properties"]:
            policy = parse_policy_value(resource["Properties"]["KeyPolicy"])
            resource["Properties"]["KeyPolicy"] = as_json(policy)
    return template.path, found


def _templates(variant: Variant, layout: Layout) -> tuple[Template, ...]:
    return templates(variant.stack, replace(layout, stand_ins=variant.stand_ins))


def _with_values(template: Template, rollouts: Sequence[Rollout]) -> Template:
    values = {name: tuple(sorted({item.parameters[name] for item in rollouts})) for name in template.parameters}
    return replace(template, parameters=values)


def _placed(template: Template, number: int, of: int) -> Template:
    return template if of == 1 else replace(template, path=f"target-{number}/{template.path}")


def _of_variant(variant: Variant, layout: Layout) -> Iterator[Problem]:
    for name, key in variant.stack.keys.items():
        yield from _problems(name, key, layout, variant.stand_ins.account)
        yield from _named_twice(name, key, variant.rollout)
        yield from inexpressible(name, without(key, layout.left_out))


def _problems(name: str, key: Key, layout: Layout, open_account: str | None) -> Iterator[Problem]:
    if key.replica_regions and LeftOut.REPLICA_REGIONS not in layout.left_out:
        yield Problem(
            ("keys", name, "replica_regions"),
            "can't be in a stack set, which has no way to its primaries in another Region",
            "write it without them by `--leave-out replica_regions`, and replicate by `keywright apply`",
        )
    stated = stated_account(key)
    if stated is not None and stated != open_account:
        fields = ("account", "assume_role_arn", "replica_primary_key_arn")
        named = {field: getattr(key, field) or "" for field in fields}
        yield Problem(
            ("keys", name, next(field for field, text in named.items() if stated in text)),
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
