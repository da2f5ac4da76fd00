"""How the card names tools, and writes their commands as a reader would type them."""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import version

from keywright._internal.terraform.engine import Engine

OURS = "Keywright"


def our_version() -> str:
    """Keywright's own version."""
    return version("keywright")


def engine_name(engine: Engine) -> str:
    """The engine's own name, and that it ran as a library where it did."""
    name = {"terraform": "Terraform", "opentofu": "OpenTofu"}[engine.name]
    return f"{name} (library)" if engine.command[0] == sys.executable else name


def engine_command(engine: Engine, *arguments: str) -> str:
    """A command of the engine, to be typed in the module's folder."""
    return shlex.join(({"terraform": "terraform", "opentofu": "tofu"}[engine.name], *arguments))
