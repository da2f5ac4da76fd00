"""ARNs, parsed once: the six parts that AWS defines, for ARNs and for patterns of them.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN. In a pattern each part may hold wildcards."""

    partition: str
    service: str
    region: str
    """Empty for global services such as IAM."""
    account: str
    resource: str
    """All that comes after the fifth colon, which may itself hold colons."""

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Read an ARN.

        Raises:
            ValueError: the text has not the six parts of an ARN.
        """
        arn = cls.find(text)
        if arn is None:
            raise ValueError(f"`{text}` is not an ARN")
        return arn

    @classmethod
    @lru_cache(maxsize=8192)
    def find(cls, text: str) -> Arn | None:
        """Read a text that may be an ARN; None where it isn't one."""
        prefix, *parts = text.split(":", _PARTS - 1)
        return cls(*parts) if prefix == "arn" and len(parts) == _PARTS - 1 else None

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"
