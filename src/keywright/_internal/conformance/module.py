"""What is verified: a module's files, and whatever beside them its gates read, too."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from keywright._internal.conformance import checksums
from keywright._internal.conformance.archive import read_tar_gz, tar_gz
from keywright._internal.conformance.source import SourceTree, commit_of, folder_tree, repository_of
from keywright.errors import InputError

KEYWRIGHTS_OWN = Path("terraform", "aws-kms")
"""Where a clone of Keywright has the module, from its root."""

_KEYS_FILES = "examples"


@dataclass(frozen=True)
class Module:
    """A module as its files were when the gates began.

    Args:
        name: what the card calls it.
        tree: its files.
        keys_files: keys files whose generated policies are proved, too.
        release: the release folder whose archive the files came from, where they came from one.
    """

    name: str
    tree: SourceTree
    keys_files: tuple[Path, ...] = ()
    release: Path | None = None

    @cached_property
    def archive(self) -> bytes:
        """The module's reproducible archive: it names the very files that are checked."""
        return tar_gz(self.tree)

    @property
    def examples(self) -> tuple[str, ...]:
        """The example root modules, as paths within the module."""
        folders = {PurePosixPath(file.path).parent for file in self.tree.files if file.path.endswith(".tf")}
        return tuple(
            sorted(str(folder) for folder in folders if folder.parts[:1] == ("examples",) and len(folder.parts) > 1)
        )

    @property
    def plan_tests(self) -> tuple[str, ...]:
        """The files of plan tests."""
        return tuple(file.path for file in self.tree.files if file.path.endswith(".tftest.hcl"))


def find_module(path: Path | None = None, keys_files: Sequence[Path] = ()) -> Module:
    """The module in a folder, or in the archive of a release folder.

    Args:
        path: the folder; by default the module in a clone of Keywright, or the working directory.
        keys_files: keys files, or folders of them; by default `examples` of the repository that the module is in.

    Raises:
        InputError: there is no such folder, or no module in it.
    """
    if path is None:
        path = KEYWRIGHTS_OWN if KEYWRIGHTS_OWN.is_dir() else Path()
    if not path.is_dir():
        raise InputError(f"`{path}` is not a folder", "name the folder of a Terraform module")
    folder = path.resolve()
    if (folder / checksums.NAME).is_file():
        return _released(folder, _keys_files(keys_files))
    tree = folder_tree(folder)
    _require_module(tree, str(path))
    return Module(folder.name, SourceTree(tree.files, commit_of(folder)), _keys_files(keys_files or _beside(folder)))


def _released(folder: Path, keys_files: tuple[Path, ...]) -> Module:
    archives = sorted(folder.glob("terraform-*.tar.gz"))
    if len(archives) != 1:
        raise InputError(f"`{folder}` holds {len(archives)} module archives, not one", "name one release's folder")
    try:
        tree = read_tar_gz(archives[0].read_bytes())
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise InputError(
            f"`{archives[0].name}` can't be unpacked: {' '.join(str(error).split())}",
            f"`keywright verify-release {folder}` says what is wrong with the release",
        ) from error
    _require_module(tree, archives[0].name)
    return Module(archives[0].name.removesuffix(".tar.gz"), tree, keys_files, folder)


def _require_module(tree: SourceTree, name: str) -> None:
    if not any(file.path.endswith(".tf") and "/" not in file.path for file in tree.files):
        raise InputError(f"`{name}` holds no Terraform module", "name a folder with `.tf` files in it")


def _beside(folder: Path) -> Sequence[Path]:
    root = repository_of(folder)
    examples = root / _KEYS_FILES if root else None
    return (examples,) if examples and examples.is_dir() and examples.resolve() != folder / _KEYS_FILES else ()


def _keys_files(given: Sequence[Path]) -> tuple[Path, ...]:
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise InputError(f"`{path}` does not exist", "name a keys file, or a folder of them")
        found += sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    return tuple(found)
