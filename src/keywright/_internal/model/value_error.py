"""What is wrong with one value, apart from where it stands: the message and what to write instead."""

from __future__ import annotations


class Fault(ValueError):
    """A value that breaks a rule; a ValueError, so that pydantic places it on its field.

    Args:
        message: what is wrong, as the predicate of the value: "is not an AWS Region".
        remedy: what to write instead.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy
