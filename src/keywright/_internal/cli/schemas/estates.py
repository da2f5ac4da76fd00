"""The documents about keys that are there already: scans, effective access, adoption."""

from __future__ import annotations

from typing import Final

from keywright._internal.cli.schemas.shapes import (
    ANY,
    ARN,
    CLAIM,
    FINDING,
    NOT_READ,
    REQUEST,
    TIME,
    Schema,
    by_name,
    flag,
    list_of,
    number,
    object_of,
    or_null,
    text,
)

_ACCESS: Final = text("Whether it may.", of=("yes", "conditional", "unknown", "no"))
_WAY: Final = object_of(
    way=text(of=("key-policy", "account-and-iam", "key-policy-and-iam", "grant")),
    summary=text("The same in words."),
    optional={
        "grant_id": text(),
        "operations": list_of(text()),
        "constraints": by_name(ANY),
        "issuing_account": text(),
        "retiring_principal": or_null(text()),
        "created": or_null(TIME),
    },
)
_CONDITIONS: Final = or_null(
    object_of(
        "What access depends on; null: on nothing.",
        summary=text("In words."),
        statements=list_of(
            object_of(
                policy=text(),
                effect=text(of=("Allow", "Deny")),
                statement=text(),
                conditions=list_of(object_of(operator=text(), key=text(), values=list_of(text()))),
                summary=text(),
            )
        ),
    )
)
_STATEMENTS: Final = list_of(
    object_of(
        policy=text("Which policy, such as `key policy`."),
        statement=text("Its Sid or place."),
        effect=text(of=("Allow", "Deny")),
        line=or_null(number("Of the policy's text.")),
    ),
    "The statements behind it.",
)
_ROW: Final = {"principal": text(), "action": text(), "access": _ACCESS}
_OUTSIDER: Final = object_of(
    principal=text(),
    kind=text("`account`, `organization`, `service`, `public`, …"),
    action=text(),
    access=_ACCESS,
    conditions=_CONDITIONS,
    statements=_STATEMENTS,
    request=REQUEST,
)
_UNREAD: Final = {
    "complete": flag("Whether everything was read that the answer depends on."),
    "not_read": list_of(by_name(ANY), "What was not, and why."),
}
_ACCESS_TO_A_KEY: Final = {
    "key": ARN,
    "key_state": or_null(text("Such as `Enabled`; null where it wasn't read.")),
    "same_material": list_of(ARN, "The primary key and the other replicas of a multi-Region key."),
    "actions": list_of(text()),
    "rows": list_of(
        object_of(
            **_ROW,
            through=list_of(_WAY),
            conditions=_CONDITIONS,
            statements=_STATEMENTS,
            request=REQUEST,
            optional={"reason": text("Why it isn't known.")},
        ),
        "Principals that the snapshot knows; who isn't here has no access.",
    ),
    "outsiders": list_of(_OUTSIDER, "Accounts and organizations beyond the snapshot."),
    "services": list_of(_OUTSIDER, "AWS services."),
    "public": or_null(_OUTSIDER),
    "may_gain": list_of(
        object_of(principal=text(), by=text("The action that gives it."), on=text("On what."), access=_ACCESS),
        "Who may give themselves access.",
    ),
}
_KEY: Final = object_of(
    "null: it could not be read; `not_read` says why.",
    arn=ARN,
    account=text(),
    region=text(),
    description=or_null(text()),
    aliases=or_null(list_of(text())),
    state=or_null(text("As KMS says: `Enabled`, `PendingDeletion`, …")),
    spec=or_null(text()),
    usage=or_null(text()),
    origin=or_null(text()),
    custom_key_store=or_null(text()),
    created=or_null(TIME),
    deletion_date=or_null(TIME),
    multi_region=or_null(flag()),
    multi_region_type=or_null(text(of=("PRIMARY", "REPLICA"))),
    primary_arn=or_null(ARN),
    rotation=or_null(object_of(enabled=flag(), period_in_days=or_null(number()))),
    last_use=or_null(object_of(verdict=text(), operation=or_null(text()), at=or_null(TIME))),
    tags=or_null(by_name(text())),
    grants=or_null(
        list_of(
            object_of(
                grant_id=text(),
                name=or_null(text()),
                grantee=text(),
                retiring=or_null(text()),
                operations=list_of(text()),
                constraints=by_name(ANY),
                issuing_account=or_null(text()),
                created=or_null(TIME),
            )
        )
    ),
    findings=list_of(FINDING),
    claims=list_of(CLAIM),
    managed_by=or_null(
        object_of(
            "The tool whose tags the key has.",
            tool=text(),
            name=or_null(text("The stack or the like.")),
            evidence=text("The tag that says so."),
        )
    ),
)

ESTATES: Final[dict[str, Schema]] = {
    "scan": object_of(
        "Also of `report`.",
        keys=list_of(_KEY),
        findings=list_of(
            {
                **FINDING,
                "properties": {"account": text(), "region": text(), "alias": text(), **FINDING["properties"]},
                "required": ["account", "region", "alias", *FINDING["required"]],
            },
            "Of aliases without a key.",
        ),
        not_read=list_of(NOT_READ),
        calls=by_name(number(), "How often each operation of AWS was called."),
        scanned=object_of(
            accounts=list_of(text()), regions=number("How many."), started_at=TIME, finished_at=or_null(TIME)
        ),
    ),
    "who-can": object_of(**_ACCESS_TO_A_KEY, **_UNREAD),
    "who-can-keys": object_of(
        "About every key that fits a pattern.",
        keys=list_of(object_of(**_ACCESS_TO_A_KEY), "By ARN, each as in `who-can`."),
        **_UNREAD,
    ),
    "why": object_of(
        **_ROW,
        key=ARN,
        reason=text(),
        conditions=_CONDITIONS,
        request=REQUEST,
        decision=text(),
        layers=list_of(
            object_of(
                policy=text(),
                says=text(),
                statements=list_of(
                    object_of(
                        statement=text("Its Sid or place."),
                        effect=text(of=("Allow", "Deny")),
                        matched=flag(),
                        decisive=flag(),
                        mismatches=list_of(text(), "Why it does not match."),
                    )
                ),
            ),
            "Every policy that has a say.",
        ),
        changes=list_of(text(), "Each would flip the answer."),
        **_UNREAD,
    ),
    "adopt": object_of(
        stack=text(),
        file=or_null(text("The keys file that was written.")),
        keys=by_name(
            object_of(
                arns=list_of(ARN, "The key and its replicas."),
                policy=text("Whether the fields give the policy, or it is kept as it is.", of=("fields", "kept")),
                notes=list_of(text()),
                waived=by_name(text(), "Claims that don't hold today, with the reason."),
                owner=ANY,
                tags=by_name(by_name(text()), "By ARN: the tags that it gets."),
            ),
            "By the name that the key has in the file.",
        ),
        refused=by_name(object_of(reason=text(), remedy=text()), "By ARN."),
        tagged=flag("Whether the tags were put."),
        not_tagged=by_name(text(), "By ARN: why not."),
        not_read=list_of(NOT_READ),
    ),
}
