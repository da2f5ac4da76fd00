"""The documents of the remaining commands: files, costs, exports, the embedded AWS, and Keywright itself."""

from __future__ import annotations

from typing import Final

from keywright._internal.cli.schemas.shapes import (
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

OTHERS: Final[dict[str, Schema]] = {
    "error": object_of(
        error=object_of(
            id=text("Stays; see docs/errors.md."),
            message=text("What is wrong."),
            remedy=text("What to do."),
            documentation=text("Where the error is explained."),
            problems=list_of(PROBLEM),
        )
    ),
    "validate": object_of(files=list_of(object_of(file=text(), stack=text(), keys=list_of(text())))),
    "cost": object_of(
        currency=text(),
        keys=list_of(
            object_of(
                name=text(),
                region=or_null(text()),
                replica=flag(),
                rotation_in_days=or_null(number()),
                month=or_null(number("Now; null: there is no public price.")),
                month_at_most=or_null(number("Once it has rotated twice.")),
            )
        ),
        month=number("Of all keys, now."),
        month_at_most=number("Of all keys, once they have rotated twice."),
        without_price=number("How many keys have no public price."),
        ten_thousand_requests=number(),
        free_requests_a_month=number(),
    ),
    "errors": object_of(errors=list_of(object_of(id=text("Stays."), meaning=text()))),
    "export-terraform": object_of(
        folder=text(), files=list_of(text()), imported=list_of(text(), "Keys that Terraform takes over.")
    ),
    "export-cloudformation": object_of(
        folder=text(),
        templates=list_of(
            object_of(
                file=text("Below the folder."),
                stack_name=text(),
                account=or_null(text()),
                region=text(),
                keys=list_of(text()),
                resources=number("How many."),
                bytes=number(),
                needs_s3=flag("Whether it is too large to be handed over in a call."),
                imports=flag("Whether it takes over keys that exist."),
            )
        ),
        left_out=by_name(list_of(text()), "By key: what CloudFormation can't hold."),
    ),
    "export-stackset": object_of(
        folder=text(),
        stack_sets=list_of(
            object_of(
                stack_set=text(),
                file=text("Below the folder."),
                region=text(),
                keys=list_of(text()),
                bytes=number(),
                needs_s3=flag("Whether it is too large to be handed over in a call."),
            )
        ),
        left_out=by_name(list_of(text()), "By key: what a stack set can't hold."),
    ),
    "sandbox": object_of(
        endpoint_url=text(), environment=by_name(text(), "What AWS's tools and SDKs need to find it.")
    ),
    "demo": object_of(
        failure=or_null(text("What went otherwise than told.")),
        seconds=number(),
        commands=list_of(object_of(command=text(), exit_code=number(), seconds=number())),
    ),
    "conform": object_of(
        "The card's `verification.json` has more.",
        verdict=text(of=("passed", "failed", "incomplete")),
        gates=list_of(
            object_of(
                name=text(),
                verdict=text(of=("passed", "failed", "skipped")),
                tool=or_null(text("The tool and its version.")),
                seconds=number(),
                evidence=text("What was seen, or why it was skipped."),
            )
        ),
    ),
    "verify-release": object_of(
        intact=flag("Whether every byte is as signed."),
        maker_known=flag("Whether the key came from elsewhere than the release."),
        key_id=or_null(text()),
        version=or_null(text()),
        verdict=or_null(text("Of the release's gates.")),
        findings=list_of(object_of(check=text(), file=or_null(text()), where=or_null(text()), message=text())),
    ),
}
