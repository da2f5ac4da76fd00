"""Reads keys as soon as a page of a listing shows them, while AWS is asked for the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from keywright._internal.aws import TaggedKey
from keywright._internal.lifecycle.key_state import LiveKey
from keywright._internal.lifecycle.parallel import WORKERS
from keywright._internal.lifecycle.target import KEY_TAG, Target
from keywright._internal.model.key_location import KeyLocation


class EarlyReading:
    """Keys that are being read. A context manager: what has not begun by its end is not read.

    Args:
        targets: whose keys are read, and their replicas.
        read: reads a key of a target as it is listed.
    """

    def __init__(self, targets: Iterable[Target], read: Callable[[Target, TaggedKey], LiveKey | None]) -> None:
        self._pool = ThreadPoolExecutor(WORKERS)
        self._read = read
        self._expected = {
            (target.location_in(region), target.name): target
            for target in targets
            for region in (target.location.region, *target.key.replica_regions)
        }
        self._begun: dict[str, tuple[TaggedKey, Future[LiveKey | None]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Begin nothing new."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def begin(self, place: KeyLocation, page: Sequence[TaggedKey]) -> None:
        """Read the keys of a page that are wanted; a page may repeat what an earlier one had."""
        for item in page:
            target = self._expected.get((place, item.tags.get(KEY_TAG, "")))
            known = self._begun.get(item.arn)
            if target is not None and (known is None or known[0] != item):
                self._begun[item.arn] = (item, self._pool.submit(self._read, target, item))

    def begun(self, arn: str, tags: Mapping[str, str] | None) -> Future[LiveKey | None] | None:
        """The reading of a key that was listed with these tags; None where none was begun."""
        known = self._begun.get(arn)
        return known[1] if known is not None and known[0].tags == tags else None
