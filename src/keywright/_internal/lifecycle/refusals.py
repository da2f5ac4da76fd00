"""What a plan must not do: differences that AWS can't take back, or that a person has to decide."""

from __future__ import annotations

from collections.abc import Iterator

from keywright._internal.lifecycle.aliases import alias_refusals
from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.target import KEY_TAG, Target
from keywright._internal.model.key_location import KeyLocation


def refusals(target: Target, state: KeyState) -> Iterator[tuple[str, str]]:
    """Every reason to leave the key alone, each with its remedy."""
    if len(state.live) > 1:
        yield _several(state)
        return
    if not state.live and state.pending:
        yield (
            f"{_which(state.pending)} {_is(state.pending)} pending deletion",
            f"run `keywright restore FILE --key {target.name}` to have it back",
        )
        return
    if not state.live and state.elsewhere:
        yield (
            f"the key `{target.name}` of the stack `{target.stack}` exists in another Region: "
            + ", ".join(state.elsewhere),
            f"a key can't move: write `region: {KeyLocation.of_arn(state.elsewhere[0]).region}`, or rename it here",
        )
    yield from alias_refusals(target, state)
    if state.live:
        yield from _primary_elsewhere(target, state.live[0])
        yield from _immutable(target, state.live[0])
        yield from _replicas(target, state)


def _several(state: KeyState) -> tuple[str, str]:
    which = "; ".join(
        f"{item.metadata.arn}, made {item.metadata.creation_date:%Y-%m-%d %H:%M:%S} UTC, {_names(state, item)}"
        for item in sorted(state.live, key=lambda item: (item.metadata.creation_date or 0, item.metadata.key_id))
    )
    return (
        f"{len(state.live)} live keys have this identity: {which}",
        f"find out which one holds your data, and remove the tag `{KEY_TAG}` from the others; none is deleted for you",
    )


def _names(state: KeyState, key: LiveKey) -> str:
    held = state.held(key.metadata.key_id)
    return f"known as {', '.join(held)}" if held else "without an alias"


def _immutable(target: Target, live: LiveKey) -> Iterator[tuple[str, str]]:
    metadata, key = live.metadata, target.key
    remedy = (
        f"AWS can't change it in place: declare a new key beside `{target.name}`, or run `keywright replace FILE "
        f"--key {target.name}`, which creates a new key, moves the aliases and keeps this one working"
    )
    for field, now, wanted in (
        ("customer_master_key_spec", metadata.spec, key.customer_master_key_spec),
        ("key_usage", metadata.usage, key.key_usage),
        ("multi_region", metadata.multi_region, key.multi_region or key.replica_primary_key_arn is not None),
    ):
        if now != wanted:
            yield f"`{field}` is {_plain(now)} for good, and the file says {_plain(wanted)}", remedy
    primary = key.replica_primary_key_arn
    if primary and metadata.multi_region and metadata.primary_arn != primary:
        yield f"`replica_primary_key_arn` is {metadata.primary_arn} for good, and the file says {primary}", remedy
    if metadata.origin != "AWS_KMS":
        yield (
            f"the key material of {metadata.arn} comes from {metadata.origin}, which Keywright doesn't manage",
            f"remove the tag `{KEY_TAG}` from it",
        )


def _primary_elsewhere(target: Target, live: LiveKey) -> Iterator[tuple[str, str]]:
    """A replica that is declared as the primary: AWS moves a primary, but not as part of anything else."""
    metadata = live.metadata
    if metadata.multi_region_type == "REPLICA" and target.key.replica_primary_key_arn is None:
        here, there = metadata.region, live.primary_region
        move = f"aws kms update-primary-region --region {there} --key-id {metadata.key_id} --primary-region {here}"
        yield (
            f"{metadata.arn} is a replica: the primary is in {there}, and the configuration declares it in {here}",
            f"move the primary with `{move}`, or write `region: {there}` and a replica in {here}",
        )


def _replicas(target: Target, state: KeyState) -> Iterator[tuple[str, str]]:
    for region in sorted(target.key.replica_regions):
        if region in state.relatives:
            yield (
                f"{state.relatives[region]} is of the same family, and isn't this key's replica",
                "a family has one key a Region: remove the Region from `replica_regions`, or tag that key "
                + " and ".join(f"`{name}={value}`" for name, value in sorted(target.identity.items()))
                + " to hand it over",
            )
        replica = state.replicas.get(region)
        if replica is not None and replica.pending_deletion:
            yield (
                f"the replica {replica.metadata.arn} is pending deletion, and AWS takes no other one there until then",
                f"run `keywright restore FILE --key {target.name}` to have it back",
            )


def _which(keys: tuple[LiveKey, ...]) -> str:
    return ", ".join(
        item.metadata.arn + (f" (until {item.metadata.deletion_date:%Y-%m-%d})" if item.metadata.deletion_date else "")
        for item in keys
    )


def _is(keys: tuple[LiveKey, ...]) -> str:
    return "is" if len(keys) == 1 else "are"


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
