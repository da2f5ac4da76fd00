"""What AWS says of the live test's keys: `python -m keywright._internal.conformance.live_view KEY_ARN REPLICA_ARN`.

A process of its own, because whose credentials are used is decided by the environment, and the embedded AWS's must
not get into ours.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from keywright._internal.conformance.own_process import answer_of
from keywright.errors import KeywrightError

if TYPE_CHECKING:
    from keywright._internal.aws import Cloud

_ENABLED = "Enabled"
_PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class LiveKey:
    """One key as AWS has it."""

    arn: str
    account: str
    region: str
    state: str
    description: str
    multi_region_type: str | None
    deletion_date: str | None
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    policy: str
    rotation_period_in_days: int | None


@dataclass(frozen=True, slots=True)
class LiveView:
    """The key, its replica, and what came of using them: a text encrypted here and decrypted there."""

    key: LiveKey
    replica: LiveKey
    works: bool | None
    """None where a key's state forbids its use."""


def look(key_arn: str, replica_arn: str, environment: Mapping[str, str]) -> LiveView:
    """Look in a child process with this environment.

    Raises:
        KeywrightError: AWS could not be asked.
    """
    failing = "the live test's keys can't be read"
    answer = answer_of("live_view", (key_arn, replica_arn), environment, patience=_PATIENCE, failing=failing)
    document = json.loads(answer)
    return LiveView(_live_key(document["key"]), _live_key(document["replica"]), document["works"])


def _live_key(document: dict[str, Any]) -> LiveKey:
    return LiveKey(**{**document, "aliases": tuple(document["aliases"])})


def _view(cloud: Cloud, key_arn: str, replica_arn: str) -> LiveView:
    key, replica = _read(cloud, key_arn), _read(cloud, replica_arn)
    works = _used(cloud, key, replica) if key.state == replica.state == _ENABLED else None
    return LiveView(key, replica, works)


def _read(cloud: Cloud, arn: str) -> LiveKey:
    keys = cloud.keys(arn.split(":")[3])
    found = keys.describe(arn)
    rotation = keys.rotation(arn) if found.state == _ENABLED else None
    return LiveKey(
        arn=found.arn,
        account=found.account,
        region=found.region,
        state=found.state,
        description=found.description,
        multi_region_type=found.multi_region_type,
        deletion_date=found.deletion_date.isoformat() if found.deletion_date else None,
        aliases=tuple(sorted(entry.name for entry in keys.aliases() if entry.target_key_id == found.key_id)),
        tags=keys.tags(arn),
        policy=keys.policy(arn),
        rotation_period_in_days=rotation.period_in_days if rotation and rotation.enabled else None,
    )


def _used(cloud: Cloud, key: LiveKey, replica: LiveKey) -> bool:
    text = secrets.token_bytes(32)
    there = cloud.keys(key.region).encrypt(key.arn, text)
    return cloud.keys(replica.region).decrypt(replica.arn, there) == text


def _main(key_arn: str, replica_arn: str) -> int:
    from keywright._internal.aws import Cloud, Settings  # noqa: PLC0415 - the parent needs none of it

    try:
        view = _view(Cloud(Settings(region=key_arn.split(":")[3])), key_arn, replica_arn)
    except KeywrightError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(view)))
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
