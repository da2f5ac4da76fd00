"""Where the module `aws-kms` is: beside the package in a source tree; elsewhere a person has to say it."""

from __future__ import annotations

import os
from pathlib import Path

from keywright.errors import InputError

_IN_THE_TREE = Path(__file__).resolve().parents[4] / "terraform" / "aws-kms"


def module_source(root: Path) -> str:
    """The module's folder as the `source` of a root module in another folder.

    Raises:
        InputError: this Keywright is not run from its source tree.
    """
    if not (_IN_THE_TREE / "main.tf").is_file():
        raise InputError("nothing says where the module `aws-kms` is", "pass --source: a path, Git or a registry")
    path = os.path.relpath(_IN_THE_TREE, root.resolve())
    return path if path.startswith(".") else f"./{path}"
