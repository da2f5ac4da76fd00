"""The catalogue of policy patterns: reads `catalogue.json` and expands a pattern into statements.

The data file is read by the HCL module too, so its templates use only what both languages have:

- `{partition}`, `{account}`, `{region}` are filled with the key's own; `{name}` with a parameter's values. A
  template with a list gives one string for each value; it holds at most one parameter.
- A statement or condition with `when` is left out where that parameter has no values.
- `roles`: actions of administrators (`always`, and by what the key has: `symmetric_rotation`, `public_key`,
  `multi_region`, `external_origin`) and of users (by usage).
- `service_principal`: one regular expression; its groups are a service's label and its Region, if any.
- `services`: by label, `*` for one that is not known. For each pin in `key_service_pins`, one statement with
  `actions` under `pins[pin]`, and where `grant_actions` is not empty one more with those and
  `Bool kms:GrantIsForAWSResource true`. A key whose usage is not in `usages` gives the service
  `roles.users[usage]` under the pins of `*` instead.
- `patterns`: by name; `sid` already begins with the pattern's name.
- `backgrounds`: statements that the tests and the documentation decide a pattern's requests with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from keywright.errors import InputError, Problem
from keywright.policy.catalogue_reading import read
from keywright.policy.catalogue_types import (
    Catalogue,
    ConditionTemplate,
    Parameter,
    Pattern,
    Service,
    Setting,
    StatementTemplate,
    Values,
)
from keywright.policy.document import Condition, Principal, Statement

__all__ = ["Catalogue", "Pattern", "Service", "Setting", "expand", "key_problems", "load", "service_for"]

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PARAMETER_FIELD = "name"


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """The catalogue that this version of Keywright ships."""
    text = resources.files("keywright.policy").joinpath("catalogue.json").read_text(encoding="utf-8")
    return read(json.loads(text))


def expand(
    name: str, parameters: Mapping[str, Any], setting: Setting, *, occurrence: int = 1
) -> tuple[Statement, ...]:
    """The statements of one use of a pattern.

    Args:
        name: a pattern's name.
        parameters: the values a person gave, each a string, an integer or a list of them. `name` is skipped,
            so that an entry of keys.yaml can be handed over as it is.
        setting: where the key lives.
        occurrence: which use of this pattern in one policy it is; from the second on it is added to each Sid.

    Raises:
        InputError: an unknown pattern or parameter, a missing one, or a value that does not fit. The paths of
            the problems start at the pattern's entry.
    """
    pattern = _find(name)
    values = _values(pattern, parameters)
    suffix = "" if occurrence == 1 else str(occurrence)
    return tuple(
        fill(template, values, setting, suffix=suffix)
        for template in pattern.statements
        if template.when is None or values[template.when]
    )


def fill(template: StatementTemplate, values: Values, setting: Setting, *, suffix: str = "") -> Statement:
    """One statement with its placeholders filled; `suffix` is added to its Sid."""
    return Statement(
        effect=template.effect,
        principals=tuple(
            Principal(kind, value)
            for kind, templates in template.principals
            for value in _fill_all(templates, values, setting)
        ),
        actions=template.actions,
        conditions=fill_conditions(template.conditions, values, setting),
        sid=template.sid + suffix,
    )


def fill_conditions(
    templates: Iterable[ConditionTemplate], values: Values, setting: Setting
) -> tuple[Condition, ...]:
    """The conditions with their placeholders filled, without those whose `when` has no values."""
    return tuple(
        Condition(template.operator, key, _fill_all(template.values, values, setting))
        for template in templates
        if template.when is None or values[template.when]
        for key in _fill_all([template.key], values, setting)
    )


def key_problems(name: str, *, usage: str, spec: str, region: str) -> tuple[Problem, ...]:
    """Why a key does not fit a pattern; empty where it does.

    Args:
        name: a pattern's name.
        usage: as in `Roles.users`, for example `ENCRYPT_DECRYPT/symmetric`.
        spec: the key's spec.
        region: the key's Region.

    Raises:
        InputError: there is no such pattern.
    """
    pattern = _find(name)
    wanted = pattern.key
    problems = []
    for what, value, allowed in (
        ("a key for", usage, wanted.usages),
        ("a key of spec", spec, wanted.specs),
        ("a key in", region, wanted.regions),
    ):
        if allowed is not None and value not in allowed:
            problems.append(
                Problem(
                    (_PARAMETER_FIELD,),
                    f"pattern `{name}` needs {what} {_listed(allowed)}, not `{value}`",
                    "leave the pattern out, or make another key for it",
                    name,
                )
            )
    return tuple(problems)


def service_for(principal: str) -> tuple[Service, str | None]:
    """What the catalogue knows about a service principal, and the Region in its name, if any.

    A service it does not know, and a name that is not of the usual form, give the entry `*`.
    """
    catalogue = load()
    match = re.fullmatch(catalogue.service_principal, principal)
    if match is None:
        return catalogue.services["*"], None
    return catalogue.services.get(match.group(1), catalogue.services["*"]), match.group(2)


def _find(name: str) -> Pattern:
    patterns = load().patterns
    if name in patterns:
        return patterns[name]
    remedy = _did_you_mean(name, patterns) or "`keywright policy patterns` lists them"
    problem = Problem((_PARAMETER_FIELD,), f"there is no pattern `{name}`", remedy, name)
    raise InputError(problem.message, remedy, (problem,))


def _values(pattern: Pattern, given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    known = {parameter.name: parameter for parameter in pattern.parameters}
    problems = [
        Problem(
            (name,),
            f"pattern `{pattern.name}` has no parameter `{name}`",
            _did_you_mean(name, known) or (f"it takes {_listed(known)}" if known else "it takes none"),
            given[name],
        )
        for name in given
        if name not in known and name != _PARAMETER_FIELD
    ]
    values: dict[str, tuple[str, ...]] = {}
    for parameter in pattern.parameters:
        value = given.get(parameter.name)
        if value is None:
            if parameter.required:
                message = f"pattern `{pattern.name}` needs `{parameter.name}`"
                problems.append(Problem((parameter.name,), message, parameter.description))
            values[parameter.name] = parameter.default
            continue
        values[parameter.name], found = _checked(parameter, value)
        problems.extend(found)
    if problems:
        first = problems[0]
        raise InputError(first.message, first.remedy, tuple(problems))
    return values


def _checked(parameter: Parameter, value: object) -> tuple[tuple[str, ...], list[Problem]]:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    items: list[object] = [*value] if isinstance(value, Sequence) and listed else [value]
    problems: list[Problem] = []
    if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
        problems.append(
            Problem(
                (parameter.name,),
                f"`{parameter.name}` must be {_kind(parameter)}",
                parameter.description,
                value,
            )
        )
        return (), problems
    texts = tuple(str(item) for item in items)
    problems.extend(
        _count_problem(parameter, value, len(texts))
        if parameter.type == "strings"
        else (
            []
            if len(texts) == 1
            else [Problem((parameter.name,), f"`{parameter.name}` takes one value", "", value)]
        )
    )
    for index, text in enumerate(texts):
        fault = _fault(parameter, text)
        if fault:
            path = (parameter.name, index) if listed else (parameter.name,)
            problems.append(
                Problem(
                    path, f"`{text}` {fault}", f"`{parameter.name}`: {parameter.description}", items[index]
                )
            )
    return texts, problems


def _fault(parameter: Parameter, text: str) -> str:
    if parameter.type == "integer":
        if not re.fullmatch(r"[0-9]{1,9}", text):
            return "is not a whole number"
        number = int(text)
        if (parameter.minimum is not None and number < parameter.minimum) or (
            parameter.maximum is not None and number > parameter.maximum
        ):
            return f"is not between {parameter.minimum} and {parameter.maximum}"
        return ""
    if parameter.pattern is not None and not re.fullmatch(parameter.pattern, text):
        return f"is not a value that `{parameter.name}` can have"
    return ""


def _count_problem(parameter: Parameter, value: object, count: int) -> list[Problem]:
    least = parameter.minimum if parameter.minimum is not None else int(parameter.required)
    if count < least:
        message = f"`{parameter.name}` needs at least {least} value{'s' if least > 1 else ''}"
    elif parameter.maximum is not None and count > parameter.maximum:
        message = f"`{parameter.name}` takes at most {parameter.maximum} values, not {count}"
    else:
        return []
    return [Problem((parameter.name,), message, parameter.description, value)]


def _kind(parameter: Parameter) -> str:
    return {"strings": "a list of strings", "string": "a string", "integer": "a whole number"}[parameter.type]


def _fill_all(templates: Iterable[str], values: Values, setting: Setting) -> tuple[str, ...]:
    return tuple(text for template in templates for text in _fill(template, values, setting))


def _fill(template: str, values: Values, setting: Setting) -> tuple[str, ...]:
    own = {"partition": setting.partition, "account": setting.account, "region": setting.region}
    names = [name for name in _PLACEHOLDER.findall(template) if name not in own]
    text = _PLACEHOLDER.sub(lambda found: own.get(found[1], found[0]), template)
    if not names:
        return (text,)
    return tuple(text.replace(f"{{{names[0]}}}", value) for value in values[names[0]])


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    # difflib is imported here: it is wanted only where a name is wrong.
    from difflib import get_close_matches  # noqa: PLC0415

    names = list(known)
    near = (
        get_close_matches(name, names, n=3, cutoff=0.5)
        or [item for item in names if name and name in item][:3]
    )
    return f"did you mean {_listed(near)}?" if near else ""


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
