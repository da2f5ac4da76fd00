"""What keeps the command line's start short, before anything is imported that a command needs; and its end."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from types import ModuleType
from typing import Final

_ALLOCATIONS: Final = 100_000
"""After so many new objects Python looks for unreachable ones, in place of 700: a tenth of a command's time else."""
_PLUGINS: Final = "pydantic.plugin._loader"


class NoPlugins(ModuleType):
    """In place of pydantic's module that looks for its plugins in the metadata of every installed package.

    We use none. pydantic's own variable for that, which is set too, comes after the import of what reads metadata. A
    pydantic that keeps its plugins elsewhere imports them from there, and the start is a little longer.
    """

    @staticmethod
    def get_plugins() -> tuple[()]:
        """None."""
        return ()


def start_quickly() -> None:
    """Set up this process; to be called once, before pydantic is imported."""
    gc.set_threshold(_ALLOCATIONS)
    # Else Python looks for what nobody reaches when all is let go: 0.1 s for a thousand keys.
    atexit.register(gc.freeze)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.modules.setdefault(_PLUGINS, NoPlugins(_PLUGINS))
