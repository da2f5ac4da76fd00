"""The catalogue: what each role, each AWS service and each named pattern says in a key policy, as data in one file.

The HCL module reads the same file, so its templates use only what both languages have:

- `{partition}`, `{account}` and `{region}` are filled with the key's own, `{name}` with a parameter's values. A
  template holds at most one parameter, and gives one string for each of its values.
- A statement or condition with `when` is left out where that parameter has no values.
- `roles`: actions of administrators (`always`, and by what the key has: `symmetric_rotation`, `public_key`,
  `multi_region`, `external_origin`) and of users (by usage).
- `services`: by label, `*` for those it does not know. For each pin in `key_service_pins` there is one statement
  of `actions` under `pins[pin]`, and where `grant_actions` is not empty another one of those with
  `kms:GrantIsForAWSResource` true. They are for keys whose usage is in `usages`; for any other key a service gets
  `roles.users[usage]` under the pins of `*`.
- `patterns`: by name; each `sid` begins with the pattern's name, without its hyphens.
- `backgrounds`: statements that a pattern's requests are decided with (`with`), in the tests and the documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.catalogue_reading import read
from keywright._internal.policy.catalogue_types import (
    Case,
    Catalogue,
    Parameter,
    Pattern,
    Service,
    StatementTemplate,
    Values,
)
from keywright._internal.policy.document import Condition, Principal, Statement
from keywright.errors import InputError, Problem

__all__ = [
    "Case",
    "Catalogue",
    "Pattern",
    "Service",
    "case_document",
    "example",
    "expand",
    "fill",
    "fill_statement",
    "key_problems",
    "load",
    "pattern",
    "split_service",
]

_NAME = "name"
_KEY_OF_CASES = "1234abcd-12ab-34cd-56ef-1234567890ab"
_DELEGATION = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["kms:*"], "Resource": ["*"]}],
}
_PARAMETER = re.compile(r"\{([a-z0-9_]+)\}")


@cache
def load() -> Catalogue:
    """The catalogue that this version of Keywright ships."""
    file = resources.files("keywright._internal.policy").joinpath("catalogue.json")
    return read(json.loads(file.read_text(encoding="utf-8")))


def pattern(name: str) -> Pattern:
    """A pattern by its name.

    Raises:
        InputError: there is none of that name.
    """
    patterns = load().patterns
    if name in patterns:
        return patterns[name]
    remedy = _did_you_mean(name, patterns) or "`keywright policy patterns` lists them"
    raise _refused([Problem((_NAME,), f"there is no pattern `{name}`", remedy, name)])


def split_service(principal: str) -> tuple[str, str | None, str]:
    """A service principal as its label, its Region (None where it names none) and its suffix."""
    return load().split_service(principal)


def expand(
    name: str, parameters: Mapping[str, object], location: KeyLocation, *, occurrence: int = 1
) -> tuple[Statement, ...]:
    """The statements of one use of a pattern.

    Args:
        name: the pattern's name.
        parameters: values that a person gave: strings, integers or lists of them. An entry `name` is skipped, so
            that an entry of keys.yaml can be handed over whole.
        location: where the key lives.
        occurrence: which use of this pattern in one policy it is; from the second on, each Sid ends in it.

    Raises:
        InputError: an unknown pattern or parameter, one that is missing, or a value that does not fit. The paths of
            the problems start at the pattern's entry.
    """
    found = pattern(name)
    values = _values(found, parameters)
    statements = tuple(
        fill_statement(template, values, location, suffix="" if occurrence == 1 else str(occurrence))
        for template in found.statements
        if template.when is None or values[template.when]
    )
    if not statements:
        wanted = _listed(template.when for template in found.statements if template.when)
        raise _refused([Problem((_NAME,), f"pattern `{name}` says nothing like this", f"give {wanted}", name)])
    return statements


def fill(template: str, location: KeyLocation) -> str:
    """Put a key's partition, account and Region into a template."""
    return (
        template.replace("{partition}", location.partition)
        .replace("{account}", location.account)
        .replace("{region}", location.region)
    )


def fill_statement(
    template: StatementTemplate, values: Values, location: KeyLocation, *, suffix: str = ""
) -> Statement:
    """One statement of a pattern or background; `suffix` ends its Sid."""
    return Statement(
        effect=template.effect,
        principals=tuple(
            Principal(kind, value)
            for kind, templates in template.principals
            for value in _fill_all(templates, values, location)
        ),
        actions=template.actions,
        conditions=tuple(
            Condition(condition.operator, key, _fill_all(condition.values, values, location))
            for condition in template.conditions
            if condition.when is None or values[condition.when]
            for key in _fill_all((condition.key,), values, location)
        ),
        sid=template.sid + suffix,
    )


def case_document(case: Case, location: KeyLocation) -> dict[str, Any]:
    """A case as `keywright policy simulate --batch` reads one: its name, request and identity policies.

    The request is for the key that all cases share. A caller whose account delegates to it has an identity policy
    that allows everything.
    """
    context = {key: [fill(value, location) for value in values] for key, values in case.context.items()}
    key = f"arn:{location.partition}:kms:{location.region}:{location.account}:key/{_KEY_OF_CASES}"
    return {
        "id": case.name,
        "request": {
            "principal": fill(case.principal, location),
            "action": case.action,
            "resource": key,
            "context": {name: values[0] if len(values) == 1 else values for name, values in context.items()},
        },
        "identity_policies": [_DELEGATION] if case.delegated else [],
    }


def example(found: Pattern, location: KeyLocation) -> dict[str, tuple[str, ...]]:
    """The parameters that a pattern's cases are decided with."""
    return {name: tuple(fill(value, location) for value in values) for name, values in found.example.items()}


def key_problems(name: str, *, usage: str, spec: str, region: str | None) -> tuple[Problem, ...]:
    """Why a key does not fit a pattern; empty where it does.

    Args:
        name: the pattern's name.
        usage: as in `Catalogue.users`, for example `ENCRYPT_DECRYPT/symmetric`.
        spec: the key's spec.
        region: the key's Region; None where it is not known yet.

    Raises:
        InputError: there is no such pattern.
    """
    wanted = pattern(name).key
    return tuple(
        Problem(
            (_NAME,),
            f"pattern `{name}` needs a key {what} {_listed(allowed)}, not `{value}`",
            "leave the pattern out, or declare another key for it",
            name,
        )
        for what, value, allowed in (
            ("for", usage, wanted.usages),
            ("of spec", spec, wanted.specs),
            ("in", region, wanted.regions),
        )
        if allowed is not None and value is not None and value not in allowed
    )


def _values(wanted: Pattern, given: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    known = {parameter.name: parameter for parameter in wanted.parameters}
    problems = [
        Problem(
            (name,),
            f"pattern `{wanted.name}` has no parameter `{name}`",
            _did_you_mean(name, known) or (f"it takes {_listed(known)}" if known else "it takes none"),
            given[name],
        )
        for name in given
        if name not in known and name != _NAME
    ]
    values: dict[str, tuple[str, ...]] = {}
    for name, parameter in known.items():
        value = given.get(name)
        if value is not None:
            values[name], found = _checked(parameter, value)
            problems.extend(found)
        elif parameter.required:
            message = f"pattern `{wanted.name}` needs `{name}`"
            problems.append(Problem((name,), message, f"give {parameter.description}"))
        else:
            values[name] = parameter.default
    if problems:
        raise _refused(problems)
    return values


def _checked(parameter: Parameter, value: object) -> tuple[tuple[str, ...], list[Problem]]:
    name, remedy = parameter.name, f"give {parameter.description}"
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    items = [*value] if isinstance(value, Sequence) and is_list else [value]
    if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
        return (), [Problem((name,), f"`{name}` must be {_kind(parameter)}", remedy, value)]
    texts = tuple(str(item) for item in items)
    problems = [Problem((name,), f"`{name}` {fault}", remedy, value) for fault in _count_faults(parameter, len(texts))]
    for index, text in enumerate(texts):
        if fault := _fault(parameter, text):
            path = (name, index) if is_list else (name,)
            problems.append(Problem(path, f"`{text}` {fault}", remedy, items[index]))
    return texts, problems


def _count_faults(parameter: Parameter, count: int) -> list[str]:
    if parameter.type != "strings":
        return [] if count == 1 else ["takes one value"]
    least = parameter.minimum or 0
    if count < least:
        return [f"needs at least {least} value{'s' if least > 1 else ''}"]
    if parameter.maximum is not None and count > parameter.maximum:
        return [f"takes at most {parameter.maximum} values, not {count}"]
    return []


def _fault(parameter: Parameter, text: str) -> str:
    if parameter.type == "integer":
        low, high = parameter.minimum or 0, parameter.maximum or 0
        whole = re.fullmatch(r"[1-9][0-9]{0,8}", text)
        return "" if whole and low <= int(text) <= high else f"is not a whole number from {low} to {high}"
    matches = parameter.pattern is None or re.fullmatch(parameter.pattern, text)
    return "" if matches else f"is not a value that `{parameter.name}` can have"


def _kind(parameter: Parameter) -> str:
    return {"strings": "a list of strings", "string": "a string", "integer": "a whole number"}[parameter.type]


def _fill_all(templates: Iterable[str], values: Values, location: KeyLocation) -> tuple[str, ...]:
    return tuple(text for template in templates for text in _fill_one(fill(template, location), values))


def _fill_one(template: str, values: Values) -> tuple[str, ...]:
    parameter = _PARAMETER.search(template)
    if parameter is None:
        return (template,)
    return tuple(template.replace(parameter[0], value) for value in values[parameter[1]])


def _refused(problems: Sequence[Problem]) -> InputError:
    return InputError(problems[0].message, problems[0].remedy, tuple(problems))


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    # Wanted only where a name is wrong, and not cheap to import.
    from difflib import get_close_matches  # noqa: PLC0415

    names = list(known)
    near = get_close_matches(name, names, n=3) or [item for item in names if name in item.split("-")][:3]
    return f"did you mean {_listed(near)}?" if near else ""


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
