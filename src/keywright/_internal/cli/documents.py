"""What `--json` prints: one document, which says the version of its shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION: Final = 1
"""Raised when a reader of the older shape would be misled; a member more isn't that. See docs/stability.md."""


def print_document(members: Mapping[str, Any]) -> None:
    """Print a document on stdout, its version first."""
    typer.echo(json.dumps({"format_version": FORMAT_VERSION, **members}))
