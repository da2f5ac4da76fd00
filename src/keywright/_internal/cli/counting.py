"""Numbers with their noun, for people: one key, several keys."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural where there isn't just one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
