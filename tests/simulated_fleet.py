"""Many keys, created, changed, destroyed and restored by the real apply on the simulated KMS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keywright._internal.lifecycle.apply import apply
from keywright._internal.lifecycle.deletion import destroy
from keywright._internal.lifecycle.key_reading import read_key
from keywright._internal.lifecycle.key_state import AliasHolder, KeyState
from keywright._internal.lifecycle.observation import Observation
from keywright._internal.lifecycle.planning import plan_all
from keywright._internal.lifecycle.reporting import KeyOutcome, Report, Silent
from keywright._internal.lifecycle.restoration import restore
from keywright._internal.lifecycle.target import Target
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from simulated_kms import ACCOUNT, SimulatedAws

HOME = KeyLocation("aws", ACCOUNT, "us-east-1")


def fleet(keys: int, *, replicas: int = 0, **fields: Any) -> tuple[Target, ...]:
    """So many keys with an alias each, of which the first ones have a replica."""
    family = {"multi_region": True, "replica_regions": {"eu-west-1": {}}}
    return tuple(
        Target(
            "s",
            f"k{number}",
            Key.model_validate({"aliases": [f"alias/k{number}"], **(family if number < replicas else {}), **fields}),
            HOME,
        )
        for number in range(keys)
    )


def create_all(aws: SimulatedAws, targets: Sequence[Target], report: Report | None = None) -> tuple[KeyOutcome, ...]:
    """Apply them where nothing is there."""
    planned = plan_all(targets, {target.name: KeyState() for target in targets})
    return aws.time.run(lambda: apply(aws.cloud(), planned, report or Silent(), aws.waits()))


def change_all(aws: SimulatedAws, targets: Sequence[Target]) -> tuple[KeyOutcome, ...]:
    """Apply them where keys of their names are there, without replicas."""
    planned = plan_all(targets, states(aws, targets))
    return aws.time.run(lambda: apply(aws.cloud(), planned, Silent(), aws.waits()))


def destroy_all(aws: SimulatedAws, targets: Sequence[Target]) -> tuple[KeyOutcome, ...]:
    """Schedule their deletion."""
    seen = Observation(states(aws, targets))
    return aws.time.run(lambda: destroy(aws.cloud(), targets, seen, Silent(), aws.waits()))


def restore_all(aws: SimulatedAws, targets: Sequence[Target]) -> tuple[KeyOutcome, ...]:
    """Cancel their deletion."""
    seen = Observation(states(aws, targets))
    return aws.time.run(lambda: restore(aws.cloud(), targets, seen, Silent(), aws.waits()))


def states(aws: SimulatedAws, targets: Sequence[Target]) -> dict[str, KeyState]:
    """What is there of them, without replicas; calls are counted from there on."""
    cloud = aws.cloud()
    arns = {key["tags"]["keywright:key"]: arn for arn, key in aws.keys.items()}

    def state(target: Target) -> KeyState:
        live = read_key(target.service(cloud), target, arns[target.name], None)
        assert live is not None
        held = [name for (_, name), arn in aws.aliases.items() if arn == live.metadata.arn]
        return KeyState((live,), aliases={name: AliasHolder(live.metadata.key_id) for name in held})

    found = aws.time.run(lambda: {target.name: state(target) for target in targets})
    aws.restart()
    return found
