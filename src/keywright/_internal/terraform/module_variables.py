"""The module's `variables.tf`, written from the model: its names, defaults, descriptions, bounds, rules and words.

Run as `python -m keywright._internal.terraform.module_variables FOLDER` to write it, with `--check` to compare only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from keywright._internal.facts.offerings import FAMILIES_NOT_OFFERED, grant_operations, offered_specs
from keywright._internal.keysfile.field_descriptions import field_descriptions
from keywright._internal.model import text_rules, values
from keywright._internal.model.grant import MAX_CONTEXT_PAIRS
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import KeyUsage, ServicePin
from keywright._internal.model.policy_statement import PrincipalType
from keywright._internal.policy.document import MAX_POLICY_BYTES
from keywright._internal.terraform.hcl import literal
from keywright._internal.terraform.module_validations import (
    Validation,
    choice,
    choices,
    length,
    not_empty,
    numbers,
    policy,
    specs,
    texts,
    unique,
)

NAMES: Mapping[str, str] = {"patterns": "policy_patterns", "statements": "policy_statements"}
"""Fields of a key that the module calls otherwise."""

NOT_INPUTS = frozenset({"region", "account", "assume_role_arn", "claims", "waive"})
"""Fields of a key that are a provider's matter, or a file's."""

_HEAD = "# Written by `make docs` from Keywright's model, whose rules and words these are: change them there.\n"

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(
        ("aliases", "key_administrator_arns", "key_user_arns", "key_service_users", "key_service_pins"), "list(string)"
    ),
    **dict.fromkeys(
        (
            "enable_key_rotation",
            "is_enabled",
            "multi_region",
            "enable_default_root_policy",
            "bypass_policy_lockout_safety_check",
        ),
        "bool",
    ),
    "rotation_period_in_days": "number",
    "deletion_window_in_days": "number",
    "tags": "map(string)",
    "patterns": """list(object({
    name       = string
    parameters = optional(map(list(string)), {})
  }))""",
    "statements": """list(object({
    sid            = optional(string)
    effect         = optional(string, "Allow")
    actions        = optional(list(string))
    not_actions    = optional(list(string))
    principals     = optional(list(object({ type = string, identifiers = list(string) })))
    not_principals = optional(list(object({ type = string, identifiers = list(string) })))
    resources      = optional(list(string), ["*"])
    conditions     = optional(list(object({ test = string, variable = string, values = list(string) })), [])
  }))""",
    "grants": """list(object({
    name               = string
    grantee_principal  = string
    operations         = list(string)
    retiring_principal = optional(string)
    constraints = optional(object({
      encryption_context_equals = optional(map(string))
      encryption_context_subset = optional(map(string))
    }))
  }))""",
    "replica_regions": """map(object({
    description             = optional(string)
    deletion_window_in_days = optional(number)
    enabled                 = optional(bool, true)
    policy                  = optional(string)
  }))""",
}
"""What is no string."""

_DESCRIPTIONS: Mapping[str, str] = {
    "aliases": "Names of the key; the first is the primary one. The `alias/` prefix is added where it is missing.",
    "patterns": "Patterns of the catalogue that the generated policy also holds, each with its parameters' values.",
    "key_administrator_arns": "Who may administer, and not use, the key: an ARN such as "
    "`arn:aws:iam::ACCOUNT:role/NAME`, `durable:ARN`, `permission_set:NAME` or `permission_set:ACCOUNT/NAME`.",
    "key_user_arns": "Who may use the key cryptographically; the same forms as `key_administrator_arns`.",
    "key_usage": "What the key does: `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`. Must "
    "fit `customer_master_key_spec`. A change makes a new key.",
    "customer_master_key_spec": "The kind of key: `SYMMETRIC_DEFAULT`, or an RSA, ECC, HMAC, ML-DSA or SM2 spec. A "
    "change makes a new key.",
    "multi_region": "Makes a multi-Region primary, which replicas need. A change makes a new key.",
    "bypass_policy_lockout_safety_check": "Skips AWS's own check that the caller can still change the policy "
    "afterwards. A key locked out this way needs AWS Support.",
    "replica_regions": "Replicas by Region. What one leaves out it takes from the primary: its description, deletion "
    "window and policy, the policy's Region-bound services being the replica's Region's. With "
    "`replica_primary_key_arn`, the entry of the provider's own Region describes this very replica.",
    "replica_primary_key_arn": "The ARN of a multi-Region primary to replicate into the provider's Region, instead of "
    "creating a key.",
    "tags": "Tags of the key and of every replica; at most 50, none beginning with `aws:`.",
}
"""Where the module has something else to say than the model."""


def variables() -> str:
    """The text of `variables.tf`."""
    checked = {
        "description": [length("description", "var.description", values.MAX_DESCRIPTION)],
        "aliases": list(_aliases()),
        "key_usage": [choice("key_usage", get_args(KeyUsage))],
        "customer_master_key_spec": [specs(offered_specs(), FAMILIES_NOT_OFFERED)],
        "rotation_period_in_days": [_days("rotation_period_in_days", values.ROTATION_PERIOD)],
        "deletion_window_in_days": [_days("deletion_window_in_days", values.DELETION_WINDOW)],
        "policy": policy("policy", "var.policy", MAX_POLICY_BYTES, text_rules.POLICY_TEXT),
        "key_administrator_arns": list(_names("key_administrator_arns", text_rules.PRINCIPAL)),
        "key_user_arns": list(_names("key_user_arns", text_rules.PRINCIPAL)),
        "key_service_users": list(_names("key_service_users", text_rules.SERVICE)),
        "key_service_pins": list(_pins()),
        "statements": list(_statements()),
        "grants": list(_grants()),
        "replica_regions": list(_replicas()),
        "replica_primary_key_arn": [_primary()],
        "tags": list(_tags()),
    }
    shown = (_variable(name, checked.get(name, [])) for name in Key.model_fields if name not in NOT_INPUTS)
    return "\n".join([_HEAD, *shown])


def _variable(name: str, validations: Sequence[Validation]) -> str:
    field = Key.model_fields[name]
    default = field.get_default(call_default_factory=True)
    shown = f"[{', '.join(map(literal, default))}]" if isinstance(default, tuple) else literal(default)
    described = _DESCRIPTIONS.get(name) or " ".join(field_descriptions(Key)[name].split())
    kind = _TYPES.get(name, "string")
    wide = "" if "\n" in kind else "   "
    nullable = "" if default is None else f"  nullable{wide} = false\n"
    type_name = "type" if "\n" in kind else "type       "
    blocks = "".join(f"\n{item}" for item in validations)
    return (
        f'variable "{NAMES.get(name, name)}" {{\n  description = {literal(described)}\n  {type_name} = {kind}\n'
        f"  default {wide} = {shown}\n{nullable}{blocks}}}\n"
    )


def _days(name: str, bounds: tuple[int, int]) -> Validation:
    return numbers(name, f"var.{name}", bounds)


def _names(variable: str, rule: text_rules.TextRule) -> Iterator[Validation]:
    yield texts(rule, variable, (f"text in var.{variable}",))
    yield unique(variable)


def _aliases() -> Iterator[Validation]:
    yield texts(text_rules.ALIAS, "aliases", ("text in var.aliases",), 'try(trimprefix(text, "alias/"), null)')
    yield unique("aliases", prefix="alias/")
    yield Validation(
        f"length(var.aliases) > {values.MAX_ALIASES}",
        f'"aliases: holds ${{length(var.aliases)}} aliases; KMS takes {values.MAX_ALIASES} a key; remove some, or '
        'declare another key"',
    )


def _pins() -> Iterator[Validation]:
    yield not_empty("key_service_pins", "var.key_service_pins")
    yield choices("key_service_pins", get_args(ServicePin), ("text in var.key_service_pins",))


def _primary() -> Validation:
    refusal = text_rules.PRIMARY_ARN.refusals[0]
    value = "var.replica_primary_key_arn"
    accepts = texts(text_rules.PRIMARY_ARN, "", (), value).wrong
    return Validation(
        f"{value} == null ? false : {accepts}",
        f'"replica_primary_key_arn: `${{coalesce({value}, "null")}}` {refusal.message}; {refusal.remedy}"',
    )


def _statements() -> Iterator[Validation]:
    each = "index, statement in var.policy_statements"
    label = "policy_statements[${index}]"
    yield Validation("statement == null", f'"{label}: is not a mapping of fields; write its fields"', (each,))
    for one, other in (("actions", "not_actions"), ("principals", "not_principals")):
        yield Validation(
            f"try((statement.{one} == null) == (statement.{other} == null), false)",
            f'"{label}: has ${{statement.{one} == null ? "neither `{one}` nor `{other}`; write `{one}`" : "both '
            f'`{one}` and `{other}`; keep one of them, or make two statements"}}"',
            (each,),
        )
    yield Validation(
        'try(statement.not_principals != null && statement.effect == "Allow", false)',
        f'"{label}: allows everybody but some; name `principals`, or write `effect = \\"Deny\\"`"',
        (each,),
    )
    given = f"{each}"
    yield choices(f"{label}.effect", ("Allow", "Deny"), (given,), 'try(statement.effect, "Allow")')
    yield texts(
        text_rules.POLICY_TEXT,
        f"{label}.sid",
        (given, "text in try(statement.sid, null) == null ? [] : [statement.sid]"),
    )
    sids = "for statement in var.policy_statements : statement.sid if try(statement.sid, null) != null"
    yield Validation(
        "length([for other in var.policy_statements : other if try(other.sid == sid, false)]) > 1",
        '"policy_statements: names two statements `${sid}`; give each a `sid` of its own, or none"',
        (f"sid in distinct([{sids}])",),
    )
    for field, rule in (
        ("actions", text_rules.ACTION),
        ("not_actions", text_rules.ACTION),
        ("resources", text_rules.POLICY_TEXT),
    ):
        yield not_empty(f"{label}.{field}", f"statement.{field}", (given,))
        yield texts(rule, f"{label}.{field}", (given, f"text in {_list('statement', field)}"))
    for field in ("principals", "not_principals"):
        yield from _principals(given, label, field)
    yield from _conditions(given, label)


def _list(holder: str, field: str) -> str:
    """A list that may be null, or of a holder that is."""
    return f"try({holder}.{field}, null) == null ? [] : {holder}.{field}"


def _principals(each: str, label: str, field: str) -> Iterator[Validation]:
    place = f"{label}.{field}[${{number}}]"
    entries = (each, f"number, entry in {_list('statement', field)}")
    names = (*entries, f"text in {_list('entry', 'identifiers')}")
    yield not_empty(f"{label}.{field}", f"statement.{field}", (each,))
    yield choices(f"{place}.type", get_args(PrincipalType), entries, 'try(entry.type, "null")')
    yield Validation(
        "try(length(entry.identifiers) == 0, true)",
        f'"{place}.identifiers: is empty; name at least one, or remove the field"',
        entries,
    )
    yield texts(text_rules.POLICY_TEXT, f"{place}.identifiers", names)
    yield Validation(
        'entry.type == "*" && text != "*"',
        f'"{place}: names `${{text}}` with the type `*`, which stands for everybody; '
        'write the type `AWS` or `Service`"',
        names,
    )
    for kind, rule in (("AWS", text_rules.PINNED_PRINCIPAL), ("Service", text_rules.SERVICE)):
        of_type = f"text in try(entry.type == {literal(kind)} ? entry.identifiers : [], [])"
        found = texts(rule, place, (*entries, of_type))
        everybody = 'text == "*" ? false : ' if kind == "AWS" else ""
        message = found.message.replace(f"{place}: `", f"{place}: names `").replace("` %s", "`, which %s")
        yield Validation(f"{everybody}{found.wrong}", message, found.loops)


def _conditions(each: str, label: str) -> Iterator[Validation]:
    place = f"{label}.conditions[${{number}}]"
    entries = (each, f"number, entry in {_list('statement', 'conditions')}")
    for field, rule in (
        ("test", text_rules.OPERATOR),
        ("variable", text_rules.CONDITION_KEY),
        ("variable", text_rules.POLICY_TEXT),
    ):
        yield texts(rule, f"{place}.{field}", (*entries, f"text in [try(entry.{field}, null)]"))
    yield Validation(
        "try(length(entry.values) == 0, true)",
        f'"{place}.values: is empty; name at least one, or remove the field"',
        entries,
    )
    yield texts(text_rules.POLICY_TEXT, f"{place}.values", (*entries, f"text in {_list('entry', 'values')}"))


def _grants() -> Iterator[Validation]:
    each = "index, grant in var.grants"
    label = "grants[${index}]"
    yield Validation("grant == null", f'"{label}: is not a mapping of fields; write its fields"', (each,))
    yield texts(text_rules.GRANT_NAME, f"{label}.name", (each, "text in [try(grant.name, null)]"))
    yield Validation(
        "length([for other in var.grants : other if try(other.name == name, false)]) > 1",
        '"grants: names two grants `${name}`; give each a name of its own"',
        ("name in distinct([for grant in var.grants : grant.name if try(grant.name, null) != null])",),
    )
    yield texts(
        text_rules.PINNED_PRINCIPAL,
        f"{label}.grantee_principal",
        (each, "text in [try(grant.grantee_principal, null)]"),
    )
    yield texts(
        text_rules.PINNED_PRINCIPAL,
        f"{label}.retiring_principal",
        (each, "text in try(grant.retiring_principal, null) == null ? [] : [grant.retiring_principal]"),
    )
    operations = (each, f"text in {_list('grant', 'operations')}")
    yield Validation(
        "try(length(grant.operations) == 0, true)",
        f'"{label}.operations: is empty; name at least one, or remove the field"',
        (each,),
    )
    yield Validation(
        f'!contains({listed_operations()}, coalesce(text, "null"))',
        f'"{label}.operations: `${{coalesce(text, "null")}}` is not an operation that a grant can allow; write for '
        'example `Decrypt`"',
        operations,
    )
    yield Validation(
        "length([for other in grant.operations : other if other == text]) > 1",
        f'"{label}.operations: names `${{text}}` twice; keep one of them"',
        (each, "text in try(distinct(grant.operations), [])"),
    )
    constraints = (each, "found in try(grant.constraints, null) == null ? [] : [grant.constraints]")
    yield Validation(
        "try((found.encryption_context_equals == null) == (found.encryption_context_subset == null), false)",
        f'"{label}.constraints: holds ${{found.encryption_context_equals == null ? "no constraint" : "both '
        'constraints"}; write `encryption_context_equals` or `encryption_context_subset`"',
        constraints,
    )
    for field in ("encryption_context_equals", "encryption_context_subset"):
        at = f"{label}.constraints.{field}"
        context = f"name, text in try(found.{field}, null) == null ? {{}} : found.{field}"
        yield Validation(
            f"try(length(found.{field}) == 0, false)",
            f'"{at}: is empty; name at least one, or remove the field"',
            constraints,
        )
        yield Validation(
            f"try(length(found.{field}) > {MAX_CONTEXT_PAIRS}, false)",
            f'"{at}: holds ${{length(found.{field})}} pairs; KMS takes {MAX_CONTEXT_PAIRS}; remove some"',
            constraints,
        )
        yield Validation(
            f"text == null ? true : length(text) > {text_rules.MAX_CONTEXT_VALUE}",
            f'"{at}: has a value for `${{name}}` of more than {text_rules.MAX_CONTEXT_VALUE} characters; shorten it"',
            (*constraints, context),
        )


def listed_operations() -> str:
    """The operations that a grant can hold, as a list of HCL."""
    return f"[{', '.join(map(literal, grant_operations()))}]"


def _replicas() -> Iterator[Validation]:
    each = "region, replica in var.replica_regions"
    label = 'replica_regions[\\"${region}\\"]'
    replica = (f"{each}",)
    yield length(f"{label}.description", "try(replica.description, null)", values.MAX_DESCRIPTION, replica)
    window = "try(replica.deletion_window_in_days, null)"
    yield numbers(f"{label}.deletion_window_in_days", window, values.DELETION_WINDOW, replica)
    yield from policy(f"{label}.policy", "try(replica.policy, null)", MAX_POLICY_BYTES, text_rules.POLICY_TEXT, replica)


def _tags() -> Iterator[Validation]:
    most = values.MAX_TAGS
    yield Validation(
        f"length(var.tags) > {most}",
        f'"tags: holds ${{length(var.tags)}} tags; KMS takes at most {most}; remove some"',
    )
    yield texts(text_rules.TAG_NAME, "tags", ("text in keys(var.tags)",))
    value = texts(text_rules.TAG_VALUE, 'tags[\\"${name}\\"]', ("name, text in var.tags",))
    refusal = text_rules.TAG_VALUE.refusals[0]
    said = quoted_words(refusal)
    yield Validation(
        value.wrong,
        f'"tags[\\"${{name}}\\"]: ${{text == null ? "is not text; write it in quotes" : {said}}}"',
        value.loops,
    )
    bad = r'"[^\\pL\\pZ\\pN_.:/=+@-]"'
    yield Validation(
        f"can(regex({bad}, text))",
        f'"tags[\\"${{name}}\\"]: holds `${{regex({bad}, text)}}`, which tags may not; use letters, digits, spaces and '
        '`_.:/=+-@`"',
        ("name, value in var.tags", "text in [name, value]"),
    )


def quoted_words(refusal: text_rules.Refusal) -> str:
    """What a refusal says, as a string of HCL."""
    return literal(f"{refusal.message}; {refusal.remedy}")


def main(arguments: Sequence[str]) -> int:
    """Write the file, or say that it is not current."""
    path = Path(next(item for item in arguments if item != "--check")) / "variables.tf"
    text = variables()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{path} is not current\n")
        return 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
