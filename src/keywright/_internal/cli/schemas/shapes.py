"""What JSON Schemas are written with here, and the shapes that several documents share.

A member that may be left out is in `optional`; every other one is always there. Members may be added: a reader ignores
what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = dict[str, Any]


def text(description: str = "", *, of: tuple[str, ...] = ()) -> Schema:
    """A text, perhaps one of these."""
    return {"type": "string", **({"enum": list(of)} if of else {}), **_about(description)}


def number(description: str = "") -> Schema:
    """A number."""
    return {"type": "number", **_about(description)}


def flag(description: str = "") -> Schema:
    """True or false."""
    return {"type": "boolean", **_about(description)}


def list_of(items: Schema, description: str = "") -> Schema:
    """A list."""
    return {"type": "array", "items": items, **_about(description)}


def by_name(values: Schema, description: str = "") -> Schema:
    """An object whose members' names are data: keys, ARNs, Regions."""
    return {"type": "object", "additionalProperties": values, **_about(description)}


def or_null(schema: Schema) -> Schema:
    """A value, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def object_of(description: str = "", /, *, optional: Mapping[str, Schema] | None = None, **members: Schema) -> Schema:
    """An object with these members, in this order."""
    return {
        "type": "object",
        "properties": {**members, **(optional or {})},
        "required": list(members),
        **_about(description),
    }


def _about(description: str) -> Schema:
    return {"description": description} if description else {}


ANY: Final[Schema] = {}
ARN: Final = text("An ARN.")
TIME: Final = {"type": "string", "format": "date-time"}
CONTEXT: Final = by_name(ANY, "Condition keys of the request, as AWS spells them: a text, or a list of texts.")
REQUEST: Final = object_of(
    "A request, as `policy simulate --request` takes it.",
    principal=text("The caller's ARN, or a service's name."),
    action=text("Such as `kms:Decrypt`."),
    resource=text("The key's ARN."),
    context=CONTEXT,
)
VERDICT: Final = text("UNKNOWN is never a pass.", of=("PROVED", "REFUTED", "UNKNOWN"))
PROBLEM: Final = object_of(
    "One mistake of a file.",
    field=text("The field's path, for example `keys.app.aliases[1]`."),
    message=text("What is wrong."),
    remedy=text("What to write instead."),
    file=or_null(text("Where it stands.")),
    line=or_null(number("Counted from 1.")),
    column=or_null(number("Counted from 1.")),
)
WITNESS: Final = object_of(
    "A case of `policy simulate --batch`, all but its policy.",
    id=text("Who may call what, in words."),
    request=REQUEST,
    identity_policies=list_of(by_name(ANY), "The caller's, with which the request was decided."),
    expected=text("The decision."),
)
CLAIM: Final = object_of(
    id=text("Stays: `no-access-from-outside`, or `claim-1` for the first of the file's own."),
    sentence=text("What is claimed."),
    verdict=VERDICT,
    reason=text("Why it is so."),
    assuming=or_null(text("What the verdict takes for granted.")),
    witness=or_null(WITNESS),
    waived=or_null(text("Why it need not hold, where the file waives it.")),
)
FINDING: Final = object_of(
    id=text("Stays: `KW101`."),
    title=text("The kind of fault."),
    severity=text(of=("low", "medium", "high", "critical")),
    confidence=text("How sure it is that this is a fault.", of=("low", "medium", "high")),
    persona=text("`pedantic` are harmless remarks.", of=("regular", "pedantic")),
    message=text("What is wrong here."),
    remedy=text("What to do."),
    statement=ANY,
    path=ANY,
    file=or_null(text("Where it stands.")),
    line=or_null(number("Counted from 1.")),
    column=or_null(number("Counted from 1.")),
    documentation=text("Where the finding is explained."),
)
CHANGE: Final = object_of(
    sentence=text("Who gains or loses what."), actions=list_of(text("Such as `kms:Decrypt`.")), witness=WITNESS
)
DIFFERENCE: Final = {
    "gained": list_of(CHANGE, "Access that is new."),
    "lost": list_of(CHANGE, "Access that is gone."),
}
LEVEL: Final = text("`yes`, `no`, `if allowed by IAM`, `conditional` or `unknown`, or two of them.")
APPLIED: Final = object_of(
    applied=list_of(text(), "What was changed, in order."), error=or_null(text("Why it did not go on."))
)
NOTES: Final = list_of(text(), "What a reader should know beside it.")
NOT_READ: Final = object_of(
    "Something that is there, or may be, and that could not be read.",
    account=text("Twelve digits."),
    region=or_null(text("null: it belongs to the whole account.")),
    key=or_null(text("The key's ARN; null: a whole Region or account.")),
    operation=text("The call that failed."),
    reason=text("What AWS said."),
)
