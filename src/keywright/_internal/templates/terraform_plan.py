"""Key policies of a Terraform or OpenTofu plan, as `terraform show -json` prints it.

See https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.arn import Arn
from keywright._internal.policy.json_positions import Positions
from keywright._internal.policy.parsing import decode_json
from keywright._internal.templates.template_policy import STAND_IN_ACCOUNT, TemplatePolicy, Unknown, default_policy
from keywright._internal.templates.terraform_configuration import Configuration
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
_DEFAULT: Final = "its policy is AWS's default one, if no `aws_kms_key_policy` belongs to it"


def policies_of_plan(
    text: str, *, file: str, account: str | None = None, region: str | None = None
) -> Iterator[TemplatePolicy]:
    """Every key policy that a plan would leave in place.

    Args:
        text: the plan as JSON.
        file: its name, for places.
        account: the keys' account; where left out, what a key itself, its provider or `aws_caller_identity` tells.
        region: the keys' Region; where left out, what a key itself or its provider tells.

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
    unknown, configuration, caller = _after_apply(plan), Configuration(plan), _account(plan)
    for path, resource in _resources(plan["planned_values"].get("root_module"), ("planned_values", "root_module")):
        argument = _POLICIES.get(str(resource.get("type")))
        if argument is None or resource.get("mode") == "data":
            continue
        address, values = str(resource.get("address")), resource.get("values") or {}
        place = positions.locate((*path, "address"))
        provider, own = configuration.provider(address), Arn.find(str(values.get("arn")))
        told = account or (own.account if own else None) or provider.account or caller
        there = region or (own.region if own else None) or values.get("region") or provider.region
        known = values.get(argument) or None
        assumptions: tuple[str, ...] = ()
        missing: tuple[Unknown, ...] = ()
        if known is None and resource.get("type") != _ATTACHED and _leaves_out(configuration, address, argument):
            if configuration.has_attached_policy(address):
                continue
            partition = partition_of_region().get(str(there), "aws")
            known = default_policy(told or STAND_IN_ACCOUNT, partition)
            assumptions = (_DEFAULT,) if told else (f"its account is taken for {STAND_IN_ACCOUNT}", _DEFAULT)
        elif known is None:
            after = argument in unknown.get(address, ())
            why = "is known after apply" if after else "is not in the plan: it was left out, or redacted"
            missing = (Unknown(place, f"`{address}.{argument}` {why}"),)
        yield TemplatePolicy(
            address,
            place,
            None if known is None else str(known),
            partial(_at, place),
            missing,
            assumptions,
            told,
            there,
            values.get("customer_master_key_spec") or values.get("key_spec"),
            values.get("key_usage"),
        )


def _leaves_out(configuration: Configuration, address: str, argument: str) -> bool:
    """Whether a key surely has no policy written: one whose configuration isn't there may have."""
    resource = configuration.resource(address)
    return resource is not None and resource.leaves_out(argument)


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


def _account(plan: Mapping[str, Any]) -> str | None:
    """The account of the plan's `aws_caller_identity`, where all of them tell the same."""
    state = ((plan.get("prior_state") or {}).get("values") or {}).get("root_module")
    accounts = {
        str((resource.get("values") or {}).get("account_id"))
        for _, resource in _resources(state, ())
        if resource.get("type") == "aws_caller_identity"
    }
    return accounts.pop() if len(accounts) == 1 else None
