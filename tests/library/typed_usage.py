"""The library as a program uses it: type-checked by `mypy --strict` and run by `test_declarations`."""

from __future__ import annotations

import keywright
from keywright import Grant, Key, KeyLocation, PatternUse, ReplicaRegion, Stack

ACCOUNT = "111122223333"
APP = f"arn:aws:iam::{ACCOUNT}:role/app"


def declared_in_the_shortest_way() -> Stack:
    return Stack(name="s", keys={"a": Key(aliases=["x"], key_user_arns=["arn:aws:iam::111122223333:role/app"])})


def declared_with_every_form() -> Stack:
    key = Key(
        description="everything",
        aliases=("x", "y"),
        key_user_arns=[APP, {"permission_set": "Developers"}, {"durable": f"arn:aws:iam::{ACCOUNT}:role/batch"}],
        key_service_users=["sns.amazonaws.com"],
        key_service_pins=["aws:SourceAccount"],
        patterns=[
            PatternUse(name="minimum-waiting-window", parameters={"days": ("14",)}),
            {"name": "deletion-break-glass", "parameters": {"principal_arns": [APP]}},
        ],
        grants=[
            Grant(name="batch", grantee_principal=APP, operations=("Decrypt",)),
            {"name": "app", "grantee_principal": APP, "operations": ["Encrypt"]},
        ],
        multi_region=True,
        replica_regions={"eu-west-1": ReplicaRegion(enabled=False), "eu-west-2": {"description": "there"}},
        tags={"Team": "payments"},
        region="us-east-1",
        account=ACCOUNT,
        claims=[f"{APP} can [kms:Decrypt]"],
    )
    return Stack(name="s", keys={"a": key}, claims=(f"nobody outside [{ACCOUNT}] can [kms:Decrypt]",))


def proved(policy: str) -> list[tuple[str, str, keywright.Verdict, str, keywright.Witness | None]]:
    results = keywright.prove(policy, account=ACCOUNT, trusted_accounts=["444455556666"], trusted_organizations=())
    return [(item.id, item.claim, item.verdict, item.reason, item.witness) for item in results]


def decided(policy: keywright.ParsedPolicy, request: dict[str, object]) -> tuple[keywright.Outcome, tuple[str, ...]]:
    decision = keywright.evaluate(policy, request, identity_policies=[{"Statement": []}], grants=[])
    return decision.outcome, decision.statements


def rendered() -> keywright.PolicyDocument:
    return keywright.key_policy(Key(key_user_arns=[APP]), KeyLocation("aws", ACCOUNT, "us-east-1"))


def changed(stack: Stack) -> dict[str, tuple[tuple[str, ...], keywright.KeywrightError | None]]:
    planned: keywright.StackPlan = keywright.plan(stack, profile=None, region="us-east-1", keys=["a"])
    steps: list[keywright.Step] = [step for key in planned.changing for step in key.steps]
    assert len(steps) >= len(planned.changing)
    outcomes: tuple[keywright.KeyOutcome, ...] = keywright.apply(planned)
    return {outcome.name: (tuple(outcome.applied), outcome.error) for outcome in outcomes}


def in_sync(stack: Stack) -> bool:
    found: tuple[keywright.Verified, ...] = keywright.verify(stack, use=False)
    return all(item.in_sync and not item.refuted for item in found)
