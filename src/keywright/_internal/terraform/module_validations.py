"""Validations of the module's variables as HCL: conditions and messages, from the model's rules and bounds.

Messages read `INPUT: what is wrong; what to do`, in the model's words. They stand in `variables.tf`, where an
expression may speak of its own variable only; what joins several inputs is a rule of the module (`rules.tf`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from keywright._internal.model.text_rules import Refusal, TextRule


@dataclass(frozen=True, slots=True)
class Validation:
    """One `validation` block: what is wrong, of each value that some loops go through.

    Args:
        wrong: whether a value is wrong, as an expression.
        message: what is then said, as an expression that gives a string.
        loops: what the two speak of, from the outermost loop in: `NAME in LIST`.
    """

    wrong: str
    message: str
    loops: tuple[str, ...] = ()

    def __str__(self) -> str:
        right, message = _negated(self.wrong), self.message
        if self.loops:
            right = f"alltrue({_nested(self.loops, right)})"
            message = f'join("\\n", {_spread(self.loops, message, self.wrong)})'
        wide = "" if "\n" in right or "\n" in message else "    "
        lines = f"condition{wide} = {right}\nerror_message = {message}"
        return f"  validation {{\n{indent(lines, '    ')}\n  }}\n"


def _negated(wrong: str) -> str:
    call = wrong.startswith(("!can(", "!contains("))
    return wrong[1:] if call and wrong.endswith(")") and "\n" not in wrong else f"!({wrong})"


def _nested(loops: Sequence[str], what: str) -> str:
    for loop in reversed(loops):
        what = f"[for {loop} : {what}]"
    return f"flatten({what})" if len(loops) > 1 else what


def _spread(loops: Sequence[str], what: str, filtering: str) -> str:
    """The same on lines of its own, without the values that are right."""
    *outer, last = loops
    text = f"[\n{indent(f'for {last} : {what}', '  ')}\n{indent(f'if {filtering}', '  ')}\n]"
    for loop in reversed(outer):
        text = f"[\n{indent(f'for {loop} : {text}', '  ')}\n]"
    return f"flatten({text})" if outer else text


def quoted(text: str) -> str:
    """A text as a string of HCL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'


def expression(pattern: str) -> str:
    """A regular expression as a string of HCL, for RE2."""
    return quoted(pattern.replace(r"\Z", r"\z"))


def listed(items: Sequence[str]) -> str:
    """Texts as a list of HCL."""
    return f"[{', '.join(map(quoted, items))}]"


def refused(rule: TextRule, value: str) -> str:
    """Whether a rule refuses a value, as an expression."""
    if rule.accepts is not None:
        return f"!can(regex({expression(rule.accepts)}, {value}))"
    patterns = [item.pattern for item in rule.refusals]
    joined = patterns[0] if len(patterns) == 1 else "|".join(f"(?:{item})" for item in patterns)
    return f"{value} == null ? true : can(regex({expression(joined)}, {value}))"


def reason(rule: TextRule, value: str) -> str:
    """What is wrong with a refused value and what to do, as an expression."""
    said = [f"{value} == null ? {quoted('is not text; write it in quotes')} :"]
    *firsts, last = rule.refusals
    said += [f"can(regex({expression(item.pattern)}, {value})) ? {_words(item, value)} :" for item in firsts]
    lines = "".join(f"  {line}\n" for line in (*said, _words(last, value)))
    return f"(\n{lines})"


def _words(refusal: Refusal, value: str) -> str:
    fillings = {
        "{found}": f'${{try(regex({expression(refusal.pattern)}, {value}), "")}}',
        "{value}": f"${{{value}}}",
        "{bare}": f'${{trimprefix({value}, "durable:")}}',
    }
    text = quoted(f"{refusal.message}; {refusal.remedy}")
    for name, filling in fillings.items():
        text = text.replace(name, filling)
    return text


def texts(rule: TextRule, label: str, loops: tuple[str, ...], value: str = "text", shown: str = "text") -> Validation:
    """Each text of a list fits a rule.

    Args:
        rule: the rule.
        label: where the texts stand, as HCL writes it within a string.
        loops: the loops that give each text.
        value: what of it the rule speaks of.
        shown: what the message shows.
    """
    value_shown = f'${{{shown} == null ? "null" : {shown}}}'
    message = f'format("{label}: `{value_shown}` %s", {reason(rule, value)})'
    return Validation(refused(rule, value), message.replace("%s", "\0").replace("%", "%%").replace("\0", "%s"), loops)


def unique(variable: str, name: str = "text", prefix: str = "") -> Validation:
    """No text of a list stands in it twice; `prefix` counts as written where it isn't."""
    bare = f'trimprefix({name}, "{prefix}")' if prefix else name
    all_of = f"[for {name} in var.{variable} : {bare} if {name} != null]"
    return Validation(
        f"length([for other in {all_of} : other if other == {name}]) > 1",
        f'"{variable}: names `{prefix}${{{name}}}` twice; keep one of them"',
        (f"{name} in distinct({all_of})",),
    )


def choice(variable: str, choices: Sequence[str]) -> Validation:
    """A text is one of some."""
    *firsts, last = (f"`{item}`" for item in choices)
    return Validation(
        f"!contains({listed(choices)}, var.{variable})",
        f'"{variable}: `${{var.{variable}}}` is not a value of this field; write {", ".join(firsts)} or {last}"',
    )


def choices(label: str, allowed: Sequence[str], loops: tuple[str, ...], value: str = "text") -> Validation:
    """Each text of a list is one of some."""
    *firsts, last = (f"`{item}`" for item in allowed)
    remedy = f"{', '.join(firsts)} or {last}" if firsts else last
    return Validation(
        f'!contains({listed(allowed)}, coalesce({value}, "null"))',
        f'"{label}: `${{coalesce({value}, "null")}}` is not a value of this field; write {remedy}"',
        loops,
    )


def not_empty(label: str, value: str, loops: tuple[str, ...] = ()) -> Validation:
    """A list, where it is given, holds something."""
    return Validation(
        f"try(length({value}) == 0, false)", f'"{label}: is empty; name at least one, or remove the field"', loops
    )


def numbers(label: str, value: str, bounds: tuple[int, int], loops: tuple[str, ...] = ()) -> Validation:
    """A number, where it is given, is whole and within its bounds."""
    low, high = bounds
    return Validation(
        f"{value} == null ? false : {value} < {low} || {value} > {high} || floor({value}) != {value}",
        f'"{label}: is not from {low} to {high}; write a whole number of days from {low} to {high}"',
        loops,
    )


def length(label: str, value: str, most: int, loops: tuple[str, ...] = ()) -> Validation:
    """A text, where it is given, is no longer than so many characters."""
    return Validation(
        f"{value} == null ? false : length({value}) > {most}",
        f'"{label}: is longer than {most:,} characters; shorten it"',
        loops,
    )


def specs(offered: Sequence[str], families: dict[str, str]) -> Validation:
    """A key spec is one that KMS and this interface offer."""
    lines = "".join(f"\n  {quoted(item)}," for item in offered)
    spec = "var.customer_master_key_spec"
    said = "".join(
        f'  startswith({spec}, "{family}") ? "{why}; choose another spec" :\n' for family, why in families.items()
    )
    return Validation(
        f"!contains([{lines}\n], {spec})",
        f'format("customer_master_key_spec: `%s` %s", {spec}, (\n{said}  "is not a key spec; write for example '
        '`SYMMETRIC_DEFAULT`, `RSA_4096`, `ECC_NIST_P256` or `HMAC_256`"\n))',
    )


_ELEMENTS = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip


def policy(label: str, value: str, most: int, character: TextRule, loops: tuple[str, ...] = ()) -> list[Validation]:
    """A whole policy, where it is given, is JSON, a policy, and one that KMS takes for its size and characters."""
    found = f"jsondecode({value})"
    is_policy = f"""try(
  length(flatten([{found}.Statement])) > 0 &&
  length(setsubtract(keys({found}), ["Version", "Id", "Statement"])) == 0 &&
  contains(["2012-10-17", "2008-10-17"], try({found}.Version, "2012-10-17")) &&
  alltrue([
    for statement in flatten([{found}.Statement]) : alltrue([
      contains(["Allow", "Deny"], statement.Effect),
      can(statement.Principal) != can(statement.NotPrincipal),
      can(statement.Action) != can(statement.NotAction),
      !(can(statement.Resource) && can(statement.NotResource)),
      length(setsubtract(keys(statement), {listed(_ELEMENTS)})) == 0,
    ])
  ]),
  false,
)"""
    size = f'length(base64encode({value})) * 3 / 4 - length(regexall("=", base64encode({value})))'
    bad = character.refusals[0]
    return [
        Validation(
            f"{value} == null ? false : !can(keys({found}))",
            f'"{label}: is not a key policy: it is not valid JSON, or no object; write a policy document"',
            loops,
        ),
        Validation(
            f"{value} == null || !can(keys({found})) ? false : !{is_policy}",
            f'"{label}: is not a key policy: it needs a `Statement`, each with an `Effect` of Allow or Deny, one of '
            "`Principal` and `NotPrincipal`, one of `Action` and `NotAction`, and nothing that is no element of a "
            'policy; correct it"',
            loops,
        ),
        Validation(
            f"{value} == null ? false : {size} > {most}",
            f'"{label}: has more bytes than the {most:,} that KMS takes; write it shorter, or without spaces"',
            loops,
        ),
        Validation(
            f"{value} == null ? false : can(regex({expression(bad.pattern)}, {value}))",
            f'format("{label}: %s", {_words(bad, value)})',
            loops,
        ),
    ]
