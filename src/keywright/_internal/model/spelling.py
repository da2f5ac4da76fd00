"""What a person may have meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a remedy; empty where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - wanted only where a name is wrong

    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""
