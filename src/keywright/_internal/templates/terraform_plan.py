"""Key policies of a Terraform or OpenTofu plan, as `terraform show -json` prints it.

See https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.policy.json_positions import Positions
from keywright._internal.policy.parsing import decode_json
from keywright._internal.templates.template_policy import STAND_IN_ACCOUNT, TemplatePolicy, Unknown, default_policy
from keywright.errors import InputError, InvalidTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.policy.json_positions import Path
    from keywright.errors import Location

_POLICIES: Final = {
    "aws_kms_key": "policy",
    "aws_kms_external_key": "policy",
    "aws_kms_replica_key": "policy",
    "aws_kms_replica_external_key": "policy",
    "aws_kms_key_policy": "policy",
    "awscc_kms_key": "key_policy",
    "awscc_kms_replica_key": "key_policy",
}
"""The resources that hold a key's policy, and the argument it is in."""
_ATTACHED: Final = "aws_kms_key_policy"
_INDEX: Final = re.compile(r"\[[^\]]*\]")
_DEFAULT: Final = "its policy is AWS's default one, if no `aws_kms_key_policy` belongs to it"


def policies_of_plan(
    text: str, *, file: str, account: str | None = None, region: str | None = None
) -> Iterator[TemplatePolicy]:
    """Every key policy that a plan would leave in place.

    Args:
        text: the plan as JSON.
        file: its name, for places.
        account: the keys' account; where left out, the one that the plan's `aws_caller_identity` tells.
        region: the keys' Region; where left out, what a key itself or the provider says.

    Raises:
        InvalidTemplate: it is no plan.
    """
    try:
        plan = decode_json(text, file=file)
    except InputError:
        plan = None
    if not isinstance(plan, dict) or not isinstance(plan.get("planned_values"), dict):
        raise InvalidTemplate(f"`{file}` is no plan in JSON", "write it with `terraform show -json plan.out`")
    positions = Positions(text, file)
    unknown, written = _after_apply(plan), _written(plan)
    told = account or _account(plan)
    provider = region or _provider_region(plan)
    for path, resource in _resources(plan["planned_values"].get("root_module"), ("planned_values", "root_module")):
        kind, argument = str(resource.get("type")), _POLICIES.get(str(resource.get("type")))
        if argument is None or resource.get("mode") == "data":
            continue
        address, values = str(resource.get("address")), resource.get("values") or {}
        place = positions.locate((*path, "address"))
        known = values.get(argument)
        missing: tuple[Unknown, ...] = ()
        assumptions: tuple[str, ...] = ()
        if known is None and argument not in written.get(_INDEX.sub("", address), {argument}) and kind != _ATTACHED:
            known = default_policy(told or STAND_IN_ACCOUNT, "aws")
            assumptions = (_DEFAULT,) if told else (f"its account is taken for {STAND_IN_ACCOUNT}", _DEFAULT)
        elif known is None and argument in unknown.get(address, ()):
            missing = (Unknown(place, f"`{address}.{argument}` is known after apply"),)
        elif known is None:
            continue
        yield TemplatePolicy(
            address,
            place,
            None if missing else str(known),
            partial(_at, place),
            missing,
            assumptions,
            told,
            values.get("region") or provider,
            values.get("customer_master_key_spec") or values.get("key_spec"),
            values.get("key_usage"),
        )


def _at(place: Location, _path: Path) -> Location:
    """A policy is one text in a plan: all of it stands where its resource does."""
    return place


def _resources(module: object, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every resource of a module and of the modules in it."""
    if not isinstance(module, dict):
        return
    for at, resource in enumerate(module.get("resources") or ()):
        if isinstance(resource, dict):
            yield (*path, "resources", at), resource
    for at, child in enumerate(module.get("child_modules") or ()):
        yield from _resources(child, (*path, "child_modules", at))


def _after_apply(plan: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Of each resource, the arguments that only the apply will tell."""
    found: dict[str, frozenset[str]] = {}
    for change in plan.get("resource_changes") or ():
        unknown = (change.get("change") or {}).get("after_unknown") or {}
        if isinstance(unknown, dict):
            found[str(change.get("address"))] = frozenset(name for name, value in unknown.items() if value)
    return found


def _written(plan: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Of each resource, without its index, the arguments that the configuration writes; a provider may add others."""
    root = (plan.get("configuration") or {}).get("root_module")
    return dict(_arguments(root, ""))


def _arguments(module: object, prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    if not isinstance(module, dict):
        return
    for resource in module.get("resources") or ():
        yield f"{prefix}{resource.get('address')}", frozenset(resource.get("expressions") or ())
    for name, call in (module.get("module_calls") or {}).items():
        yield from _arguments((call or {}).get("module"), f"{prefix}module.{name}.")


def _account(plan: Mapping[str, Any]) -> str | None:
    """The account of the plan's `aws_caller_identity`, where all of them tell the same."""
    state = ((plan.get("prior_state") or {}).get("values") or {}).get("root_module")
    accounts = {
        str((resource.get("values") or {}).get("account_id"))
        for _, resource in _resources(state, ())
        if resource.get("type") == "aws_caller_identity"
    }
    return accounts.pop() if len(accounts) == 1 else None


def _provider_region(plan: Mapping[str, Any]) -> str | None:
    """The Region of the one provider of AWS, where it is written out."""
    providers = [
        found
        for found in ((plan.get("configuration") or {}).get("provider_config") or {}).values()
        if isinstance(found, dict) and found.get("name") == "aws"
    ]
    if len(providers) != 1:
        return None
    region = ((providers[0].get("expressions") or {}).get("region") or {}).get("constant_value")
    return str(region) if region is not None else None
