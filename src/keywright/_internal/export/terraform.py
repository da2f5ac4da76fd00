"""Writes a root module that calls the module `aws-kms` for each key of a file.

It has a provider for each account, role and Region that the keys name, and an `import` block for whatever of them is
there already. The keys keep the tags by which Keywright finds them, so both tools see the same keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keywright._internal.export.existing import Existing
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright._internal.terraform.hcl import Value, body, identifier, literal
from keywright._internal.terraform.module_variables import NAMES, NOT_INPUTS
from keywright.errors import LocationMissing, Problem

_WRITTEN_APART = frozenset({"patterns", "tags"})
_ENGINES = ">= 1.6"
_PROVIDER = ">= 6.0, < 7.0"
_OF_IMPORTS = """\
# The first plan imports these and shows updates in place of deletion_window_in_days and
# bypass_policy_lockout_safety_check: AWS keeps neither with a key, so only the state takes them up.
# Once it is applied, this file may go.
"""


@dataclass(frozen=True, slots=True)
class _Provider:
    region: str
    account: str | None
    role_arn: str | None

    @classmethod
    def of(cls, key: Key, default_region: str | None) -> _Provider:
        return cls(key.region or default_region or "", key.account, key.assume_role_arn)


def root_module(
    stack: Stack,
    source: str,
    *,
    identity_tags: tuple[str, str],
    default_region: str | None = None,
    existing: Mapping[str, Existing] | None = None,
) -> dict[str, str]:
    """The files of the root module, by name.

    Args:
        stack: the declared keys.
        source: where the engine gets the module `aws-kms` from.
        identity_tags: the tags that hold the names of the stack and of the key.
        default_region: the Region of keys that name none.
        existing: what is on AWS already, by the key's name.

    Raises:
        LocationMissing: keys have no Region.
    """
    homeless = [name for name, key in stack.keys.items() if not (key.region or default_region)]
    if homeless:
        raise LocationMissing(
            "nothing says the Region of some keys",
            "write `region:` in the file, or pass --region",
            tuple(Problem(("keys", name), "has no Region") for name in homeless),
        )
    placed = {name: _Provider.of(key, default_region) for name, key in stack.keys.items()}
    names = _names(stack.keys)
    aliases = _aliases(list(dict.fromkeys(placed.values())))
    files = {
        "versions.tf": _versions(),
        "providers.tf": "\n".join(_provider(item, alias) for item, alias in aliases.items()),
        "variables.tf": "# This root module has no inputs: what its keys are is written in main.tf.\n",
        "main.tf": "\n".join(
            _call(
                names[name],
                _inputs(key, dict(zip(identity_tags, (stack.name, name), strict=True))),
                source,
                aliases[placed[name]],
            )
            for name, key in stack.keys.items()
        ),
        "outputs.tf": "\n".join(_output(name, module) for name, module in names.items()),
    }
    imports = [
        text
        for name, found in (existing or {}).items()
        for text in _imports(names[name], found, replicates=stack.keys[name].replica_primary_key_arn is not None)
    ]
    return {**files, "imports.tf": "\n".join((_OF_IMPORTS, *imports))} if imports else files


def _names(keys: Mapping[str, Key]) -> dict[str, str]:
    """A name for each key's module; what HCL doesn't take is written otherwise, and never twice."""
    found: dict[str, str] = {}
    for name in keys:
        wanted = identifier(name)
        number = 2
        while wanted in found.values():
            wanted, number = f"{identifier(name)}_{number}", number + 1
        found[name] = wanted
    return found


def _aliases(providers: list[_Provider]) -> dict[_Provider, str]:
    found: dict[_Provider, str] = {}
    for item in providers:
        parts = [item.region.replace("-", "_"), item.account or "", (item.role_arn or "").rpartition("/")[2]]
        wanted = identifier("_".join(part for part in parts if part))
        number = 2
        text = wanted
        while text in found.values():
            text, number = f"{wanted}_{number}", number + 1
        found[item] = text
    return found


def _versions() -> str:
    return (
        f'terraform {{\n  required_version = "{_ENGINES}"\n\n  required_providers {{\n    aws = {{\n'
        f'      source  = "hashicorp/aws"\n      version = "{_PROVIDER}"\n    }}\n  }}\n}}\n'
    )


def _provider(item: _Provider, alias: str) -> str:
    values: dict[str, Value] = {"alias": alias, "region": item.region}
    text = body(values, "  ")
    if item.account is not None:
        text += f"\n{body({'allowed_account_ids': [item.account]}, '  ')}"
    if item.role_arn is not None:
        text += f"\n  assume_role {{\n{body({'role_arn': item.role_arn}, '    ')}  }}\n"
    return f'provider "aws" {{\n{text}}}\n'


def _inputs(key: Key, identity: Mapping[str, str]) -> dict[str, Value]:
    inputs: dict[str, Value] = {
        NAMES.get(field, field): value
        for field, value in key.model_dump(exclude_defaults=True, exclude_unset=True).items()
        if field not in NOT_INPUTS | _WRITTEN_APART
    }
    if key.replica_regions:
        inputs["replica_regions"] = {
            region: replica.model_dump(exclude_defaults=True) for region, replica in key.replica_regions.items()
        }
    if key.patterns:
        inputs["policy_patterns"] = [
            {"name": use.name, "parameters": dict(use.parameters)} if use.parameters else {"name": use.name}
            for use in key.patterns
        ]
    inputs["tags"] = {**key.tags, **identity}
    return inputs


def _call(module: str, inputs: Mapping[str, Value], source: str, provider: str) -> str:
    return (
        f'module "{module}" {{\n  source = {literal(source)}\n\n  providers = {{\n    aws = aws.{provider}\n  }}\n\n'
        f"{body(inputs, '  ')}}}\n"
    )


def _output(name: str, module: str) -> str:
    described = literal(f"The outputs of the key {name}.")
    return f'output "{module}" {{\n  description = {described}\n  value       = module.{module}\n}}\n'


def _imports(module: str, found: Existing, *, replicates: bool) -> Iterator[str]:
    if replicates:
        yield _import(f"module.{module}.aws_kms_replica_key.this[0]", found.key_id)
    else:
        yield _import(f"module.{module}.aws_kms_key.this[0]", found.key_id)
        yield _import(f"module.{module}.aws_kms_key_policy.this[0]", found.key_id)
    for region in found.replica_regions:
        yield _import(f'module.{module}.aws_kms_replica_key.region["{region}"]', f"{found.key_id}@{region}")
    for alias in found.aliases:
        yield _import(f'module.{module}.aws_kms_alias.this["{alias}"]', alias)
    for name, grant_id in found.grants.items():
        yield _import(f'module.{module}.aws_kms_grant.this["{name}"]', f"{found.key_id}:{grant_id}")


def _import(address: str, identifier_there: str) -> str:
    return f"import {{\n  to = {address}\n  id = {literal(identifier_there)}\n}}\n"
