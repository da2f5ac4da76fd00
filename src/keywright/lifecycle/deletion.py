"""Schedules the deletion of a stack's keys, and takes it back. Nothing is gone before the waiting period ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from keywright.aws import Cloud, NotFound
from keywright.errors import KeywrightError
from keywright.lifecycle.application import Outcome, Report, apply
from keywright.lifecycle.observation import LiveKey, Observed, observe
from keywright.lifecycle.target import Target


def destroy(
    cloud: Cloud,
    targets: Iterable[Target],
    observed: Mapping[str, Observed],
    report: Report,
) -> tuple[Outcome, ...]:
    """Schedule replicas first, then the primary, then release the aliases; an interrupted run is repeated."""
    return tuple(_destroy_one(cloud, target, observed[target.name], report) for target in targets)


def restore(
    cloud: Cloud,
    targets: Iterable[Target],
    observed: Mapping[str, Observed],
    report: Report,
) -> tuple[Outcome, ...]:
    """Cancel the deletion, enable the keys again where the file wants them enabled, and put the aliases back."""
    wanted = tuple(targets)
    refused = [item for target in wanted if (item := _cancel(cloud, target, observed[target.name], report))]
    rest = [target for target in wanted if target.name not in {item.name for item in refused}]
    return (*refused, *apply(cloud, rest, observe(cloud, rest), report))


def _destroy_one(cloud: Cloud, target: Target, observed: Observed, report: Report) -> Outcome:
    done: list[str] = []

    def say(words: str) -> None:
        done.append(words)
        report(f"{target.name}: {words}")

    try:
        for region, replica in sorted(observed.replicas.items()):
            _schedule(cloud, region, replica, target, say)
        for key in observed.keys:
            _schedule(cloud, target.setting.region, key, target, say)
            for alias, holder in sorted(observed.aliases.items()):
                if holder == key.metadata.key_id:
                    _release(cloud, target, alias)
                    say(f"released {alias}")
    except KeywrightError as error:
        report(f"{target.name}: {error}")
        return Outcome(target.name, tuple(done), error)
    return Outcome(target.name, tuple(done), None)


def _schedule(cloud: Cloud, region: str, key: LiveKey, target: Target, say: Report) -> None:
    if key.pending_deletion:
        return
    own = target.key.replica_regions.get(region)
    window = (own.deletion_window_in_days if own else None) or target.key.deletion_window_in_days
    promised = cloud.keys(region).schedule_deletion(key.metadata.key_id, window)
    when = f"on {promised.deletion_date:%Y-%m-%d}" if promised.deletion_date else "after its last replica"
    say(f"{key.metadata.arn} will be deleted {when}; until then `keywright restore` brings it back, free of charge")


def _release(cloud: Cloud, target: Target, alias: str) -> None:
    try:
        cloud.keys(target.setting.region).delete_alias(alias)
    except NotFound:
        return  # somebody else has just done so


def _cancel(cloud: Cloud, target: Target, observed: Observed, report: Report) -> Outcome | None:
    pending = [item for item in observed.keys if item.pending_deletion]
    if observed.live:
        pending = []
    try:
        if len(pending) > 1:
            which = ", ".join(item.metadata.arn for item in pending)
            raise KeywrightError(  # noqa: TRY301 - reported like every other failure of this key
                f"several keys of `{target.name}` are pending deletion: {which}",
                "cancel the deletion of the one you want by hand",
            )
        for key in pending:
            cloud.keys(target.setting.region).cancel_deletion(key.metadata.key_id)
            report(f"{target.name}: cancelled the deletion of {key.metadata.arn}")
        for region, replica in sorted(observed.replicas.items()):
            if replica.pending_deletion:
                cloud.keys(region).cancel_deletion(replica.metadata.key_id)
                report(f"{target.name}: cancelled the deletion of {replica.metadata.arn}")
    except KeywrightError as error:
        report(f"{target.name}: {error}")
        return Outcome(target.name, (), error)
    return None
