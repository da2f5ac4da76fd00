"""Where a key is: the one type for it, from the declaration to AWS and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from keywright._internal.model.arn import Arn


@dataclass(frozen=True, slots=True)
class KeyLocation:
    """The partition, account and Region of a key, and its id once it has one."""

    partition: str
    account: str
    region: str
    key_id: str | None = None

    @classmethod
    def of_arn(cls, text: str) -> Self:
        """Where the key of an ARN is.

        Raises:
            ValueError: the text isn't a key's ARN.
        """
        arn = Arn.parse(text)
        kind, _, key_id = arn.resource.partition("/")
        if arn.service != "kms" or kind != "key" or not key_id:
            raise ValueError(f"`{text}` is not the ARN of a key")
        return cls(arn.partition, arn.account, arn.region, key_id)

    @property
    def arn(self) -> str | None:
        """The key's ARN; None before the key has an id."""
        if self.key_id is None:
            return None
        return str(Arn(self.partition, "kms", self.region, self.account, f"key/{self.key_id}"))
