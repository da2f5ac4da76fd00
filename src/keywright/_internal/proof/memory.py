"""What the proofs want of whoever remembers results between runs."""

from __future__ import annotations

from typing import Protocol


class Memory(Protocol):
    """Keeps texts by what they follow from."""

    def recall(self, inputs: tuple[object, ...]) -> str | None:
        """What was kept for these inputs; None where nothing was."""

    def keep(self, inputs: tuple[object, ...], text: str) -> None:
        """Remember something for these inputs."""
