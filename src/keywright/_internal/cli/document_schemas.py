"""The JSON Schemas of what `--json` prints, for programs that read it; `docs/stability.md` says what of it stays.

Members may be added: a reader ignores what it doesn't know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from keywright._internal.cli.documents import FORMAT_VERSION

Schema = dict[str, Any]


def _text(description: str = "", *, of: tuple[str, ...] = ()) -> Schema:
    return {"type": "string", **({"enum": list(of)} if of else {}), **_about(description)}


def _number(description: str = "") -> Schema:
    return {"type": "number", **_about(description)}


def _flag(description: str = "") -> Schema:
    return {"type": "boolean", **_about(description)}


def _list(items: Schema, description: str = "") -> Schema:
    return {"type": "array", "items": items, **_about(description)}


def _by_name(values: Schema, description: str = "") -> Schema:
    return {"type": "object", "additionalProperties": values, **_about(description)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(description: str = "", **members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": list(members), **_about(description)}


def _about(description: str) -> Schema:
    return {"description": description} if description else {}


_ANY: Final[Schema] = {}
_VERDICT: Final = _text("UNKNOWN is never a pass.", of=("PROVED", "REFUTED", "UNKNOWN"))
_PROBLEM: Final = _object(
    field=_text("The field's path, for example `keys.app.aliases[1]`."),
    message=_text("What is wrong."),
    remedy=_text("What to write instead."),
    file=_or_null(_text()),
    line=_or_null(_number("Counted from 1.")),
    column=_or_null(_number("Counted from 1.")),
)
_WITNESS: Final = _object(
    "A case of `policy simulate --batch`, all but its policy.",
    id=_text(),
    request=_object(principal=_text(), action=_text(), resource=_text(), context=_by_name(_ANY)),
    identity_policies=_list(_by_name(_ANY)),
    expected=_text("The decision."),
)
_CLAIM: Final = _object(
    id=_text("Stays: `no-access-from-outside`, or `claim-1` for the first of the file's own."),
    sentence=_text(),
    verdict=_VERDICT,
    reason=_text(),
    assuming=_or_null(_text("What the verdict takes for granted.")),
    witness=_or_null(_WITNESS),
    waived=_or_null(_text("Why it need not hold, where the file waives it.")),
)
_FINDING: Final = _object(
    id=_text("Stays: `KW101`."),
    title=_text(),
    severity=_text(of=("low", "medium", "high", "critical")),
    confidence=_text(),
    persona=_text(),
    message=_text(),
    remedy=_text(),
    statement=_ANY,
    path=_ANY,
    file=_or_null(_text()),
    line=_or_null(_number()),
    column=_or_null(_number()),
    documentation=_text("Where the finding is explained."),
)
_CHANGE: Final = _object(sentence=_text(), actions=_list(_text()), witness=_WITNESS)
_LEVEL: Final = _text("`yes`, `no`, `if allowed by IAM`, `conditional` or `unknown`.")
_STEP: Final = _object(
    action=_text("`create`, `policy`, `alias`, `rotate`, …"),
    summary=_text("What will happen."),
    reason=_text("Why; for `refuse`, what to do."),
    region=_text(),
    before=_ANY,
    after=_ANY,
    details=_list(_text()),
    impact=_or_null(_by_name(_ANY, "Who gains and loses access, and when the key was last used.")),
)
_APPLIED: Final = _object(applied=_list(_text(), "What was changed, in order."), error=_or_null(_text()))
_UNDECLARED: Final = _list(_by_name(_ANY), "Keys of this stack that the file doesn't have.")
_NOTES: Final = _list(_text())

DOCUMENTS: Final[dict[str, Callable[[], Schema]]] = {
    "error": lambda: _object(
        error=_object(
            id=_text("Stays; see docs/errors.md."),
            message=_text(),
            remedy=_text("What to do."),
            documentation=_text(),
            problems=_list(_PROBLEM),
        )
    ),
    "validate": lambda: _object(files=_list(_object(file=_text(), stack=_text(), keys=_list(_text())))),
    "plan": lambda: _object(
        stack=_text(),
        counts=_object("Of keys.", create=_number(), update=_number(), unchanged=_number(), refused=_number()),
        changes=_by_name(_list(_STEP), "The steps of each key that would change."),
        claims=_by_name(_list(_by_name(_ANY)), "By key; each has `region` beside a claim's members."),
        findings=_by_name(_list(_by_name(_ANY)), "By key."),
        no_longer_declared=_UNDECLARED,
        notes=_NOTES,
        errors=_by_name(_text(), "Keys that could not be read."),
    ),
    "apply": lambda: _object("Also of `restore` and `replace`.", keys=_by_name(_APPLIED)),
    "verify": lambda: _object(
        keys=_by_name(
            _object(
                in_sync=_flag(),
                differences=_list(_by_name(_ANY), "As the steps of `plan`."),
                orphaned_principals=_list(_by_name(_ANY)),
                refuted_claims=_list(_by_name(_ANY)),
                use=_list(
                    _object(
                        region=_text(), use=_text(), result=_text(of=("worked", "failed", "skipped")), reason=_text()
                    )
                ),
                error=_or_null(_text()),
            )
        ),
        uses=_object(worked=_number(), failed=_number(), skipped=_number()),
        no_longer_declared=_UNDECLARED,
        notes=_NOTES,
    ),
    "output": lambda: _object(
        keys=_by_name(
            _object(
                key_id=_or_null(_text()),
                key_arn=_or_null(_text()),
                primary_alias=_or_null(_text()),
                alias_arns=_list(_text()),
                rotation_enabled=_or_null(_flag()),
                replica_key_arns=_by_name(_text(), "By Region."),
            )
        )
    ),
    "accounts": lambda: _object(
        "Of `plan`, `apply`, `verify`, `drift` and `output` for a file with targets.",
        command=_text("Whose document `result` is.", of=("plan", "apply", "verify", "drift", "output")),
        stack=_text(),
        accounts=_list(
            _object(
                account=_text(),
                name=_text("As the organization has it; empty where it wasn't asked."),
                exit_code=_or_null(_number("Of the command for this account alone; null: not begun.")),
                summary=_text("What happened, in a sentence."),
                error=_or_null(_by_name(_ANY, "Why the account failed as a whole, as in `error`.")),
                result=_or_null(_by_name(_ANY, "The command's document, without its version.")),
            )
        ),
        skipped=_list(_object("A closed account.", account=_text(), name=_text(), reason=_text())),
        notes=_NOTES,
    ),
    "destroy": lambda: _object(
        keys=_by_name(
            _object(
                applied=_list(_text()),
                error=_or_null(_text()),
                losses=_list(
                    _object(arn=_text(), aliases=_list(_text()), window_in_days=_number(), last_used=_or_null(_text()))
                ),
            )
        ),
        undo=_text("The command that takes it back."),
        cost=_text(),
    ),
    "policy-check": lambda: _object(
        passed=_flag(),
        policies=_list(
            _object(
                file=_text(),
                subject=_text(),
                account=_or_null(_text()),
                passed=_flag(),
                findings=_list(_FINDING),
                claims=_list(_CLAIM),
            )
        ),
        unreadable=_list(_object(file=_text(), message=_text(), remedy=_text(), problems=_list(_PROBLEM))),
    ),
    "policy-diff": lambda: _object(
        equivalent=_or_null(_flag("null: not decided; `reason` says why.")),
        reason=_text(),
        gained=_list(_CHANGE),
        lost=_list(_CHANGE),
    ),
    "policy-explain": lambda: _object(
        policies=_by_name(
            _object(
                statements=_list(_text(), "Each in a sentence."),
                table=_list(
                    _object(
                        principal=_text(),
                        administer=_LEVEL,
                        use=_LEVEL,
                        grant=_LEVEL,
                        delete=_LEVEL,
                        conditions=_list(_text()),
                    )
                ),
            )
        )
    ),
    "policy-simulate": lambda: _object(
        decision=_text(of=("Allowed", "ImplicitlyDenied", "ExplicitlyDenied")),
        path=_ANY,
        reason=_text(),
        undecided=_ANY,
        statements=_list(_text(), "The key policy's statements that decided, by Sid or place."),
        trace=_list(_by_name(_ANY)),
    ),
    "cost": lambda: _object(
        currency=_text(),
        keys=_list(
            _object(
                name=_text(),
                region=_or_null(_text()),
                replica=_flag(),
                rotation_in_days=_or_null(_number()),
                month=_or_null(_number()),
                month_at_most=_or_null(_number()),
            )
        ),
        month=_number(),
        month_at_most=_number(),
        without_price=_number(),
        ten_thousand_requests=_number(),
        free_requests_a_month=_number(),
    ),
    "errors": lambda: _object(errors=_list(_object(id=_text(), meaning=_text()))),
}


def document_schema(name: str) -> Schema:
    """The schema of a document of `DOCUMENTS`."""
    schema = DOCUMENTS[name]()
    version = {"const": FORMAT_VERSION, "description": "The version of this shape."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Keywright: {name}",
        **schema,
        "properties": {"format_version": version, **schema["properties"]},
        "required": ["format_version", *schema["required"]],
    }
