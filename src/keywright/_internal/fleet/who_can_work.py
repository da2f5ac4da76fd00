"""Who can use the keys of a snapshot: some keys are a task, for any process or machine, which needs no snapshot's file.

The principals and the organization are the same for all keys, and large: they travel with the first tasks alone, and a
process keeps those of the last snapshot that it was asked about, by their digest. One that has none, as it took
the place of one that was lost, says so, and is sent that task again with them. Nothing of it is a credential.
"""

from __future__ import annotations

import gc
import hashlib
import json
import pickle
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import Final, Self

from keywright._internal.access.loading import (
    Missing,
    keys_that_fit,
    snapshot_key,
    unread_by_scan,
    unread_identities,
)
from keywright._internal.access.report import key_document
from keywright._internal.access.snapshot import AccessSnapshot
from keywright._internal.access.who_can import WhoCan
from keywright._internal.estate.estate_reading import EstateReading, KeyRow, key_of
from keywright._internal.estate.iam import IamSnapshot
from keywright._internal.estate.iam_file import ABOUT_IAM, ABOUT_KMS, read_iam
from keywright._internal.fleet.executors import ALLOCATIONS, Workers
from keywright._internal.fleet.versions import check_version, own_version
from keywright._internal.fleet.windowed import in_order
from keywright._internal.model.key_location import KeyLocation

_PAIRS_OF_A_TASK: Final = 40_000
"""Of a key and a principal: about 0.1 s, and an answer of a few megabytes at the most."""
_MOST_KEYS_OF_A_TASK: Final = 16
_PAIRS_FOR_PROCESSES: Final = 1_000_000
"""Pairs of a key and a principal, for each action, that take longer than processes take to start: about 3 s."""


@dataclass(frozen=True, slots=True)
class KeysTask:
    """Some keys to be asked about.

    Args:
        keys: as they are in the snapshot's file.
        actions: what is to be called.
        via: the AWS service through which it is called; None for any way.
        identities: the digest of the principals and the organization.
        packed: the principals and the organization themselves; None where the process is thought to have them.
        version: the version of Keywright that made the task.
    """

    keys: tuple[KeyRow, ...]
    actions: tuple[str, ...]
    via: str | None
    identities: str
    packed: bytes | None
    version: str = field(default_factory=own_version)


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """Who can call the actions on a key.

    Args:
        document: all of it, as JSON.
        not_read: what of the key isn't known.
    """

    document: str
    not_read: tuple[Missing, ...]


def ask(task: KeysTask) -> tuple[KeyAnswer, ...] | None:
    """The answer about each key; None where this process doesn't have the principals.

    Raises:
        KeywrightError: this is another version of Keywright.
    """
    check_version(task.version)
    with _ASKING, _seldom_collecting():
        who = _who(task)
        return None if who is None else tuple(_answer(who, task, item) for item in task.keys)


def _answer(who: WhoCan, task: KeysTask, row: KeyRow) -> KeyAnswer:
    key, not_read = snapshot_key(key_of(row))
    return KeyAnswer(json.dumps(key_document(who, key, task.actions, task.via)), tuple(not_read))


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Have a cluster's worker look for unreachable objects seldom: else that takes a sixth of its time."""
    before = gc.get_threshold()
    gc.set_threshold(ALLOCATIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


_ASKING: Final = Lock()
"""What is found out is kept from one task to the next, and threads gain nothing where none waits."""
_LAST: Final[dict[str, WhoCan]] = {}


def _who(task: KeysTask) -> WhoCan | None:
    if task.identities not in _LAST and task.packed is not None:
        _LAST.clear()
        iam: IamSnapshot = pickle.loads(zlib.decompress(task.packed))  # noqa: S301 - a task is pickled as a whole
        _LAST[task.identities] = WhoCan(AccessSnapshot((), iam))
    return _LAST.get(task.identities)


@dataclass
class KeysQuestion:
    """Who can call actions on many keys of a snapshot.

    Args:
        estate: the snapshot's file.
        arns: the keys.
        actions: what is to be called.
        via: the AWS service through which it is called; None for any way.
    """

    estate: EstateReading
    arns: list[str]
    actions: tuple[str, ...]
    via: str | None = None
    _problems: list[Missing] = field(default_factory=list)

    @classmethod
    def about(cls, estate: EstateReading, pattern: str, actions: tuple[str, ...], via: str | None = None) -> Self:
        """The question about all keys that fit a pattern.

        Raises:
            InputError: no key fits it.
        """
        return cls(estate, keys_that_fit(estate, pattern), actions, via)

    @property
    def worth_processes(self) -> bool:
        """Whether it takes longer than processes take to start."""
        return len(self.arns) * len(self._iam.principals) * len(self.actions) >= _PAIRS_FOR_PROCESSES

    def answers(self, workers: Workers) -> Iterator[str]:
        """The document of each key as JSON, by ARN, as `who-can` has it for one key.

        Raises:
            KeywrightError: workers are gone.
        """
        packed = zlib.compress(pickle.dumps(self._iam), 1)
        for task, found in in_order(workers, ask, self._tasks(packed, workers.at_once), "these keys"):
            for answer in found if found is not None else self._asked_again(workers, replace(task, packed=packed)):
                self._problems += answer.not_read
                yield answer.document

    def not_read(self) -> list[Missing]:
        """What isn't known, once all answers are there."""
        accounts = {KeyLocation.of_arn(arn).account for arn in self.arns}
        by_scan = unread_by_scan(self.estate, frozenset(self.arns))
        return [*by_scan, *self._problems, *unread_identities(self._iam, accounts)]

    @cached_property
    def _iam(self) -> IamSnapshot:
        return read_iam(self.estate, about=ABOUT_KMS | ABOUT_IAM)

    def _tasks(self, packed: bytes, processes: int) -> Iterator[KeysTask]:
        digest, wanted = hashlib.sha256(packed).hexdigest(), frozenset(self.arns)
        size = min(_MOST_KEYS_OF_A_TASK, max(1, _PAIRS_OF_A_TASK // max(1, len(self._iam.principals))))
        keys = (row for row in self.estate.key_rows() if row[0] in wanted)
        begun = 0
        while some := tuple(islice(keys, size)):
            yield KeysTask(some, self.actions, self.via, digest, packed if begun < processes else None)
            begun += 1

    @staticmethod
    def _asked_again(workers: Workers, task: KeysTask) -> tuple[KeyAnswer, ...]:
        ((_, found),) = in_order(workers, ask, (task,), "these keys")
        if found is None:
            raise RuntimeError("a worker that was given the principals says that it has none")
        return found
