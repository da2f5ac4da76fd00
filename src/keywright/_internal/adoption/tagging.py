"""The only writes of an adoption: two tags on each key, put or taken away. Each may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright._internal.lifecycle.parallel import on_each
from keywright.errors import KeywrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keywright._internal.aws import Cloud, KeyService
    from keywright._internal.estate.snapshot import ScannedKey
    from keywright._internal.lifecycle.reporting import Report
    from keywright._internal.lifecycle.waiting import Waits


@dataclass(frozen=True, slots=True)
class Tagging:
    """The tags of one key to put (values by name) or to take away (names alone)."""

    key: ScannedKey
    put: Mapping[str, str]
    take: tuple[str, ...] = ()


def write_tags(
    cloud: Cloud, changes: Iterable[Tagging], roles: Mapping[str, str | None], report: Report, waits: Waits
) -> dict[str, KeywrightError]:
    """Put and take the tags.

    Args:
        cloud: AWS.
        changes: what to do.
        roles: the role that reaches an account, by account.
        report: hears of each key.
        waits: how a person stops it.

    Returns:
        Why keys could not be changed, by ARN; the others are.
    """
    wanted = list(changes)
    report.begin("tagging", len(wanted))

    def work(change: Tagging) -> tuple[str, KeywrightError | None]:
        location = change.key.location
        service = cloud.keys(location.region, roles.get(location.account))
        try:
            _apply(service, change, report.say)
        except KeywrightError as error:
            return change.key.arn, error
        finally:
            report.advance()
        return change.key.arn, None

    return {arn: error for arn, error in on_each(wanted, work, waits) if error is not None}


def _apply(service: KeyService, change: Tagging, say: Callable[[str, str], None]) -> None:
    if change.put:
        service.tag(change.key.arn, change.put)
        say(change.key.arn, f"tagged {', '.join(f'{name}={value}' for name, value in sorted(change.put.items()))}")
    if change.take:
        service.untag(change.key.arn, change.take)
        say(change.key.arn, f"removed the tags {', '.join(change.take)}")
