"""What a Terraform plan's JSON says of the configuration behind it: who writes what, through which provider.

See https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDEX: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_ROLE: Final = re.compile(r"arn:[^:]+:iam::(\d{12}):role/")
_VARIABLE: Final = "var."


def without_index(address: str) -> str:
    """A resource's address as the configuration has it: without the indexes of `count` and `for_each`."""
    return _INDEX.sub("", address)


@dataclass(frozen=True, slots=True)
class Provider:
    """The account and Region that a provider's configuration tells."""

    account: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Variables:
    """A module's variables: those whose values are known, and those whose values the apply tells."""

    values: Mapping[str, Any]

    def value(self, expression: object) -> tuple[bool, Any]:
        """Whether the plan tells an expression's value, and which: a constant's, or a lone variable's."""
        if not isinstance(expression, dict):
            return False, None
        if "constant_value" in expression:
            return True, expression["constant_value"]
        named = {str(item) for item in expression.get("references") or ()}
        if len(named) != 1 or not (name := named.pop()).startswith(_VARIABLE):
            return False, None
        variable = name.removeprefix(_VARIABLE)
        return variable in self.values, self.values.get(variable)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the configuration: all the instances of `count` and `for_each` at once."""

    address: str
    expressions: Mapping[str, Any]
    variables: Variables
    provider: Provider

    def leaves_out(self, argument: str) -> bool:
        """Whether the configuration surely gives the argument no value: it isn't there, or is null or empty."""
        if argument not in self.expressions:
            return True
        known, value = self.variables.value(self.expressions[argument])
        return known and value in {None, ""}


class Configuration:
    """The resources of a plan's configuration, by their address without index."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """Read a plan; one without a configuration has no resources."""
        configuration = plan.get("configuration") or {}
        root = Variables({name: (given or {}).get("value") for name, given in (plan.get("variables") or {}).items()})
        written = configuration.get("provider_config") or {}
        self._providers = {key: _provider(found, root) for key, found in written.items() if isinstance(found, dict)}
        self._only = _only([key for key, found in written.items() if (found or {}).get("name") == "aws"])
        self._resources = {
            found.address: found for found in self._in_module(configuration.get("root_module"), "", root)
        }
        self._attached = frozenset(self._keys_with_a_policy_of_their_own())

    def resource(self, address: str) -> Resource | None:
        """The resource behind an instance's address."""
        return self._resources.get(without_index(address))

    def provider(self, address: str) -> Provider:
        """The provider that makes an instance: its own, or else the only one there is."""
        found = self.resource(address)
        return found.provider if found else self._providers.get(self._only or "", Provider())

    def has_attached_policy(self, address: str) -> bool:
        """Whether an `aws_kms_key_policy` of the same module is for this key."""
        return without_index(address) in self._attached

    def _in_module(self, module: object, prefix: str, variables: Variables) -> Iterator[Resource]:
        if not isinstance(module, dict):
            return
        for resource in module.get("resources") or ():
            key = str(resource.get("provider_config_key") or self._only or "")
            provider = self._providers.get(key) or self._providers.get(key.rpartition(":")[2]) or Provider()
            yield Resource(f"{prefix}{resource.get('address')}", resource.get("expressions") or {}, variables, provider)
        for name, call in (module.get("module_calls") or {}).items():
            inner = (call or {}).get("module")
            given = dict(_handed_over(call or {}, variables))
            yield from self._in_module(inner, f"{prefix}module.{name}.", Variables(given))

    def _keys_with_a_policy_of_their_own(self) -> Iterator[str]:
        for resource in self._resources.values():
            prefix, _, name = resource.address.rpartition("aws_kms_key_policy.")
            if name and (not prefix or prefix.endswith(".")):
                for reference in (resource.expressions.get("key_id") or {}).get("references") or ():
                    yield f"{prefix}{without_index(str(reference))}"


def _handed_over(call: Mapping[str, Any], variables: Variables) -> Iterator[tuple[str, Any]]:
    """What is known of a called module's variables: what the call hands over, and defaults."""
    expressions = call.get("expressions") or {}
    for name, declared in ((call.get("module") or {}).get("variables") or {}).items():
        if name in expressions:
            known, value = variables.value(expressions[name])
            if known:
                yield name, value
        elif "default" in (declared or {}):
            yield name, declared["default"]


def _provider(written: Mapping[str, Any], variables: Variables) -> Provider:
    expressions = written.get("expressions") or {}
    _, region = variables.value(expressions.get("region"))
    _, allowed = variables.value(expressions.get("allowed_account_ids"))
    account = _only([str(item) for item in allowed]) if isinstance(allowed, list) else None
    for block in expressions.get("assume_role") or ():
        _, role = variables.value((block or {}).get("role_arn"))
        found = _ROLE.match(str(role))
        account = found[1] if found else account
    return Provider(account, str(region) if region else None)


def _only(items: list[str]) -> str | None:
    return items[0] if len(items) == 1 else None
