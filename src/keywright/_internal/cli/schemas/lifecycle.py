"""The documents of the commands that work on the keys of a file."""

from __future__ import annotations

from typing import Final

from keywright._internal.cli.schemas.shapes import (
    ANY,
    APPLIED,
    ARN,
    DIFFERENCE,
    NOTES,
    Schema,
    by_name,
    flag,
    list_of,
    number,
    object_of,
    or_null,
    text,
)

_STEP: Final[dict[str, Schema]] = {
    "action": text("`create`, `policy`, `alias`, `rotate`, …"),
    "summary": text("What will happen."),
    "reason": text("Why; for `refuse`, what to do."),
    "region": text("Where."),
    "before": ANY,
    "after": ANY,
    "details": list_of(text(), "What the summary leaves out."),
}
_IMPACT: Final = or_null(by_name(ANY, "Who gains and loses access, and when the key was last used."))
_UNDECLARED: Final = list_of(by_name(ANY), "Keys of this stack that the file doesn't have.")
_ORPHANS: Final = list_of(
    object_of(
        unique_id=text("What KMS kept of a deleted principal: `AROA…`, `AIDA…`."),
        declared_as=list_of(text(), "The principals of the file that it may have been."),
    )
)

LIFECYCLE: Final[dict[str, Schema]] = {
    "plan": object_of(
        stack=text("The stack's name."),
        counts=object_of("Of keys.", create=number(), update=number(), unchanged=number(), refused=number()),
        changes=by_name(list_of(object_of(**_STEP, impact=_IMPACT)), "The steps of each key that would change."),
        claims=by_name(list_of(by_name(ANY)), "By key; each has `region` beside a claim's members."),
        findings=by_name(list_of(by_name(ANY)), "By key."),
        no_longer_declared=_UNDECLARED,
        notes=NOTES,
        errors=by_name(text(), "Keys that could not be read."),
    ),
    "apply": object_of("Also of `restore`, `replace` and `rename`.", keys=by_name(APPLIED, "By key.")),
    "verify": object_of(
        keys=by_name(
            object_of(
                in_sync=flag("Whether AWS matches the configuration."),
                differences=list_of(by_name(ANY), "As the steps of `plan`."),
                orphaned_principals=list_of(by_name(ANY)),
                refuted_claims=list_of(by_name(ANY)),
                use=list_of(
                    object_of(
                        region=text(),
                        use=text("Such as `encrypt and decrypt`."),
                        result=text(of=("worked", "failed", "skipped")),
                        reason=text(),
                    ),
                    "How the key was really used.",
                ),
                error=or_null(text("Why it could not be read.")),
            )
        ),
        uses=object_of("Of all keys.", worked=number(), failed=number(), skipped=number()),
        no_longer_declared=_UNDECLARED,
        notes=NOTES,
    ),
    "drift": object_of(
        stack=text("The stack's name."),
        keys=by_name(
            object_of(
                status=text(of=("in_sync", "drift", "missing", "not_read")),
                fingerprint=or_null(text("The same as long as the key means the same here and there.")),
                news=text("What is new since the run of `--since`.", of=("none", "new", "known", "resolved")),
                differences=list_of(
                    object_of(
                        **_STEP,
                        access=or_null(
                            object_of(
                                **DIFFERENCE,
                                unchanged=or_null(text("Why access stays as it was.")),
                                undecided=or_null(text("Why it isn't known.")),
                            )
                        ),
                        optional={"impact": _IMPACT},
                    ),
                    "What would make AWS match, with what has drifted as access.",
                ),
                orphaned_principals=_ORPHANS,
                error=or_null(text("Why it could not be read.")),
            )
        ),
        no_longer_declared=_UNDECLARED,
        notes=NOTES,
    ),
    "output": object_of(
        keys=by_name(
            object_of(
                "The outputs of the Terraform module; null where the key does not exist.",
                key_id=or_null(text()),
                key_arn=or_null(ARN),
                primary_alias=or_null(text("The first alias, with `alias/`.")),
                alias_arns=list_of(ARN),
                rotation_enabled=or_null(flag()),
                replica_key_arns=by_name(ARN, "By Region."),
            )
        ),
        errors=by_name(text(), "Keys that have none: they do not exist, are pending deletion, or could not be read."),
    ),
    "accounts": object_of(
        "Of `plan`, `apply`, `verify`, `drift` and `output` for a file with targets.",
        command=text("Whose document `result` is.", of=("plan", "apply", "verify", "drift", "output")),
        stack=text("The stack's name."),
        accounts=list_of(
            object_of(
                account=text("Twelve digits."),
                name=text("As the organization has it; empty where it wasn't asked."),
                exit_code=or_null(number("Of the command for this account alone; null: not begun.")),
                summary=text("What happened, in a sentence."),
                error=or_null(by_name(ANY, "Why the account failed as a whole, as in `error`.")),
                result=or_null(by_name(ANY, "The command's document, without its version.")),
            )
        ),
        skipped=list_of(object_of("A closed account.", account=text(), name=text(), reason=text())),
        notes=NOTES,
    ),
    "destroy": object_of(
        keys=by_name(
            object_of(
                applied=list_of(text(), "What was changed, in order."),
                error=or_null(text()),
                losses=list_of(
                    object_of(
                        arn=ARN,
                        aliases=list_of(text()),
                        window_in_days=number("Until when it can be restored."),
                        last_used=or_null(text("Null: not known.")),
                    )
                ),
            )
        ),
        undo=text("The command that takes it back."),
        cost=text("What it costs until then."),
    ),
}
