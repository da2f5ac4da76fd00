"""The documents of the policy commands."""

from __future__ import annotations

from typing import Final

from keywright._internal.cli.schemas.shapes import (
    ANY,
    CLAIM,
    DIFFERENCE,
    FINDING,
    LEVEL,
    PROBLEM,
    Schema,
    by_name,
    flag,
    list_of,
    number,
    object_of,
    or_null,
    text,
)

POLICIES: Final[dict[str, Schema]] = {
    "policy-check": object_of(
        passed=flag("Whether every policy passed, and could be read."),
        policies=list_of(
            object_of(
                file=text("The file that it stands in."),
                subject=text("The key, the replica, the resource or the file."),
                account=or_null(text("The key's account, where it is known.")),
                passed=flag(),
                findings=list_of(FINDING),
                claims=list_of(CLAIM),
                optional={
                    "assumptions": list_of(text(), "What a template's policy rests on, such as a parameter's default.")
                },
            )
        ),
        unreadable=list_of(object_of(file=text(), message=text(), remedy=text(), problems=list_of(PROBLEM))),
    ),
    "policy-diff": object_of(
        equivalent=or_null(flag("null: not decided; `reason` says why.")), reason=text(), **DIFFERENCE
    ),
    "policy-explain": object_of(
        policies=by_name(
            object_of(
                statements=list_of(text(), "Each in a sentence."),
                table=list_of(
                    object_of(
                        principal=text(),
                        administer=LEVEL,
                        use=LEVEL,
                        grant=LEVEL,
                        delete=LEVEL,
                        conditions=list_of(text(), "On what the conditional ones depend."),
                    )
                ),
            ),
            "By key, replica or file.",
        )
    ),
    "policy-simulate": object_of(
        decision=text(of=("Allowed", "ImplicitlyDenied", "ExplicitlyDenied")),
        path=ANY,
        reason=text(),
        undecided=ANY,
        statements=list_of(text(), "The key policy's statements that decided, by Sid or place."),
        trace=list_of(by_name(ANY), "Every statement that was looked at."),
    ),
    "policy-patterns": object_of(
        patterns=list_of(
            object_of(
                name=text("As `patterns` of a key names it."),
                title=text(),
                category=text(),
                summary=text(),
                key=object_of("Which keys it is for; null: any.", usages=ANY, specs=ANY, regions=ANY),
                parameters=by_name(
                    object_of(
                        type=text(),
                        description=text(),
                        required=flag(),
                        default=ANY,
                        pattern=or_null(text("A regular expression that each value matches.")),
                        minimum=or_null(number()),
                        maximum=or_null(number()),
                    )
                ),
                example=object_of(parameters=by_name(ANY), policy=by_name(ANY)),
                allowed=list_of(text(), "Requests that it allows, in words; each is tested."),
                denied=list_of(text(), "Requests that it doesn't allow; each is tested."),
                sources=list_of(by_name(ANY), "AWS's pages behind it."),
                optional={"notes": ANY},
            )
        )
    ),
    "policy-findings": object_of(
        findings=list_of(
            object_of(
                id=text("Stays: `KW101`."),
                name=text(),
                group=text(),
                title=text(),
                severity=text(of=("low", "medium", "high", "critical")),
                confidence=text(of=("low", "medium", "high")),
                persona=text(of=("regular", "pedantic")),
                why=text("Why it matters."),
                remedy=text("What to do."),
                source_url=text("AWS's page behind it."),
            )
        )
    ),
}
