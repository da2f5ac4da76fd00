"""Keys are read once, as soon as a listing shows them, and again where a later page says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from keywright._internal.aws import CallerIdentity, TaggedKey
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.lifecycle.early_reading import EarlyReading
from keywright._internal.lifecycle.parallel import WORKERS
from keywright._internal.lifecycle.target import Target, locate
from keywright._internal.model.key_location import KeyLocation

_HOME = KeyLocation("aws", "111122223333", "us-east-1")
_ABROAD = KeyLocation("aws", "111122223333", "eu-west-1")


@pytest.fixture
def targets(tmp_path: Path) -> tuple[Target, ...]:
    (tmp_path / "keys.yaml").write_text(
        "stack: s\nkeys:\n  a: {multi_region: true, replica_regions: {eu-west-1: {}}}\n"
    )
    caller = CallerIdentity(_HOME.account, f"arn:aws:iam::{_HOME.account}:root", "id", "aws")
    return locate(load_stack(tmp_path / "keys.yaml"), lambda *_: caller, _HOME.region).targets


def _listed(place: KeyLocation, name: str, **tags: str) -> TaggedKey:
    arn = f"arn:aws:kms:{place.region}:{place.account}:key/mrk-{'0' * 32}"
    return TaggedKey(arn, f"mrk-{'0' * 32}", {"keywright:key": name, **tags})


def _read(targets: tuple[Target, ...], *pages: tuple[KeyLocation, TaggedKey]) -> list[tuple[str, Mapping[str, str]]]:
    """The keys that are read where these are listed, a page each."""
    read: list[tuple[str, Mapping[str, str]]] = []
    with EarlyReading(targets, lambda target, item: read.append((target.name, item.tags))) as early:
        for place, item in pages:
            early.begin(place, [item])
            begun = early.begun(item.arn, item.tags)
            if begun is not None:
                begun.result()
    return read


def test_a_key_and_its_replica_are_read_where_they_are_listed(targets: tuple[Target, ...]) -> None:
    assert [name for name, _ in _read(targets, (_HOME, _listed(_HOME, "a")), (_ABROAD, _listed(_ABROAD, "a")))] == [
        "a",
        "a",
    ]


def test_a_key_that_nobody_wants_is_not_read(targets: tuple[Target, ...]) -> None:
    elsewhere = KeyLocation("aws", _HOME.account, "us-west-2")
    assert _read(targets, (_HOME, _listed(_HOME, "other")), (elsewhere, _listed(elsewhere, "a"))) == []


def test_a_key_of_two_pages_is_read_once(targets: tuple[Target, ...]) -> None:
    assert len(_read(targets, (_HOME, _listed(_HOME, "a")), (_HOME, _listed(_HOME, "a")))) == 1


def test_a_key_whose_tags_a_later_page_tells_otherwise_is_read_again(targets: tuple[Target, ...]) -> None:
    old, new = _listed(_HOME, "a", Stage="old"), _listed(_HOME, "a", Stage="new")
    assert [tags["Stage"] for _, tags in _read(targets, (_HOME, old), (_HOME, new))] == ["old", "new"]
    with EarlyReading(targets, lambda *_: None) as early:
        early.begin(_HOME, [old])
        assert early.begun(old.arn, new.tags) is None


def test_what_has_not_begun_when_it_is_stopped_is_not_read(targets: tuple[Target, ...]) -> None:
    read: list[str] = []
    free = Event()

    def slowly(_: Target, item: TaggedKey) -> None:
        read.append(item.arn)
        free.wait(30)

    keys = [replace(_listed(_HOME, "a"), arn=f"{_listed(_HOME, 'a').arn}{number}") for number in range(3 * WORKERS)]
    with EarlyReading(targets, slowly) as early:
        early.begin(_HOME, keys)
        early.stop()
        free.set()
    assert len(read) <= WORKERS
    last = early.begun(keys[-1].arn, keys[-1].tags)
    assert last is not None
    assert last.cancelled()
