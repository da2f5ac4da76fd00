"""The files of a tree as values: from a clean Git commit, or from a folder as it lies there.

A release takes its bytes from the commit itself and not from the checkout, so line-ending settings, file modes
and whatever else a working copy adds cannot get into it.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from keywright._internal.counting import counted
from keywright.errors import InputError, KeywrightError, Problem

_EXECUTABLE = "100755"
_REGULAR = "100644"

_NOT_SOURCE = (
    ".git",
    ".terraform",
    ".terraform.lock.hcl",
    "*.tfstate",
    "*.tfstate.*",
    ".DS_Store",
    "__pycache__",
)
"""What tools leave in a module's folder and no module archive holds."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its path with forward slashes, its bytes, and whether it may be run."""

    path: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class SourceTree:
    """Files sorted by path, and the Git commit they are, where they are one."""

    files: tuple[SourceFile, ...]
    commit: str | None = None

    def below(self, folder: str) -> SourceTree:
        """The part of the tree under `folder`, with paths relative to it."""
        prefix = f"{folder.rstrip('/')}/"
        inside = tuple(
            SourceFile(file.path.removeprefix(prefix), file.content, file.executable)
            for file in self.files
            if file.path.startswith(prefix)
        )
        return SourceTree(inside, self.commit)

    def text(self, path: str) -> str:
        """A file's text.

        Raises:
            InputError: the tree has no such file.
        """
        for file in self.files:
            if file.path == path:
                return file.content.decode()
        raise InputError(f"the source tree has no `{path}`", "release from the root of Keywright's own repository")

    def write(self, folder: Path) -> None:
        """Lay the files out below `folder`."""
        for file in self.files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
            target.chmod(0o755 if file.executable else 0o644)


def committed_tree(folder: Path) -> SourceTree:
    """The tree of the commit that is checked out at `folder`, which must be clean.

    Raises:
        InputError: not a Git repository, no commit yet, changed or untracked files (all are listed), or a link
            or submodule, which an archive cannot hold faithfully.
    """
    root = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    changes = _git(root, "status", "--porcelain=v1", "-z", "--untracked-files=all").decode(errors="surrogateescape")
    if dirty := _changes(changes):
        raise InputError(
            f"the tree is not clean: {counted(len(dirty), 'file')} differ from the commit",
            "commit or remove them; a release is built from a commit and nothing else",
            problems=tuple(Problem(path=(path,), message=message) for path, message in dirty),
        )
    commit = _git(root, "rev-parse", "--verify", "HEAD").decode().strip()
    listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit).decode()
    entries: list[tuple[str, str, str]] = []
    for line in filter(None, listing.split("\0")):
        description, path = line.split("\t", 1)
        mode, _, blob = description.split(" ")
        if mode not in {_EXECUTABLE, _REGULAR}:
            raise InputError(f"`{path}` is a link or a submodule", "keep a plain file in its place")
        entries.append((path, mode, blob))
    contents = _blobs(root, [blob for _, _, blob in entries])
    files = tuple(
        SourceFile(path, content, executable=mode == _EXECUTABLE)
        for (path, mode, _), content in zip(entries, contents, strict=True)
    )
    return SourceTree(tuple(sorted(files, key=lambda file: file.path)), commit)


def folder_tree(folder: Path) -> SourceTree:
    """The files below `folder` as they are, without what tools leave there (`.terraform`, state, lock files).

    Raises:
        InputError: the folder holds a link, which an archive cannot hold faithfully.
    """
    files: list[SourceFile] = []
    for path in sorted(folder.rglob("*")):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if any(fnmatch(part, pattern) for part in relative.parts for pattern in _NOT_SOURCE):
            continue
        if path.is_symlink():
            raise InputError(f"`{relative}` is a link", "keep a plain file in its place")
        if path.is_file():
            executable = bool(path.stat().st_mode & 0o100)
            files.append(SourceFile(str(relative), path.read_bytes(), executable))
    return SourceTree(tuple(sorted(files, key=lambda file: file.path)))


def repository_of(folder: Path) -> Path | None:
    """The root of the Git working tree that a folder is in, or None where it is in none."""
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    except KeywrightError:
        return None


def commit_of(folder: Path) -> str | None:
    """The commit that a folder's files are, or None where they are not exactly one commit's."""
    try:
        if _git(folder, "status", "--porcelain", "--untracked-files=all", "--", ".").strip():
            return None
        return _git(folder, "rev-parse", "--verify", "HEAD").decode().strip()
    except KeywrightError:
        return None


def _changes(porcelain: str) -> list[tuple[str, str]]:
    words = {"??": "is not tracked", " M": "is changed", " D": "is deleted"}
    found: list[tuple[str, str]] = []
    entries = iter(filter(None, porcelain.split("\0")))
    for entry in entries:
        state, path = entry[:2], entry[3:]
        if state[0] in "RC":
            next(entries, None)  # a rename is followed by the name it had
        found.append((path, words.get(state, "is changed and not committed")))
    return found


def _blobs(root: Path, blobs: list[str]) -> list[bytes]:
    output = _git(root, "cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode())
    contents: list[bytes] = []
    position = 0
    for _ in blobs:
        end = output.index(b"\n", position)
        size = int(output[position:end].split(b" ")[2])
        contents.append(output[end + 1 : end + 1 + size])
        position = end + 1 + size + 1
    return contents


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)  # noqa: S603 - no shell, own words
    except FileNotFoundError as error:
        raise KeywrightError("`git` is not installed", "a release is built from a Git commit: install Git") from error
    if done.returncode != 0:
        reason = " ".join(done.stderr.decode(errors="replace").split())
        raise InputError(f"`git {' '.join(arguments[:2])}` failed in `{folder}`: {reason}", "run this inside a clone")
    return done.stdout
