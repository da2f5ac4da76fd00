"""Keys go on being created while those that were created first are put in order."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from keywright._internal.aws.results import KeyMetadata
from keywright._internal.lifecycle import creation_race
from keywright._internal.lifecycle.creation_race import Race
from keywright._internal.lifecycle.waiting import Waits

if TYPE_CHECKING:
    import pytest

    from keywright._internal.aws import KeyService


def created(key_id: str) -> KeyMetadata:
    fields: dict[str, Any] = dict.fromkeys(KeyMetadata.__dataclass_fields__)
    fields |= {"key_id": key_id, "arn": f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"}
    return KeyMetadata(**{**fields, "creation_date": datetime(2026, 11, 25, tzinfo=UTC)})


def test_a_key_may_be_entered_while_the_listing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [created("a"), created("b")]
    service = cast("KeyService", SimpleNamespace(key_arns=lambda: [key.arn for key in keys]))
    race = Race(service, "s", (), Waits(seconds=60, race_window=0), lambda *_: None)
    decided: list[object] = []
    for key in keys:
        race.enter(key.key_id, key, decided.append)
    age, late = creation_race._age, iter("cd")

    def age_while_others_come(key: KeyMetadata) -> tuple[datetime, str]:
        name = next(late, None)
        if name is not None:
            race.enter(name, created(name), decided.append)
        return age(key)

    monkeypatch.setattr(creation_race, "_age", age_while_others_come)
    assert race.look()
    assert decided == keys
