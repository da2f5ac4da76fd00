"""Claims' results and findings, remembered between runs: one SQLite file in the user's cache directory, safe to delete.

An entry's name is the digest of everything that its result depends on: the policy, the key, the claims, who asks, our
own code that decides it and AWS's facts. So nothing in it grows stale; it is only not asked for any more. A run without
the cache gives the same answers, later: what can't be read or written here is no error.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import sys
from contextlib import closing, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from keywright._internal.cache.deciding_code import OUR_CODE, DecidingCode

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

DIRECTORY_VARIABLE: Final = "KEYWRIGHT_CACHE_DIR"
"""Environment variable with the directory; by default the user's own of the system."""
MOST_ENTRIES: Final = 40_000
"""Two a policy: its claims, about 4 KB, and its findings, mostly none. Beyond it the oldest are dropped."""
_WAITS_IN_SECONDS: Final = 1.0
_TABLES: Final = (
    "code (state TEXT PRIMARY KEY, digest TEXT NOT NULL)",
    """result (
        number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL, sum TEXT NOT NULL
    )""",
)
"""The digest of the code that decides, by its last state; and what is kept."""


class ProofCache:
    """Results by the digest of what they depend on. A context manager: what is new is written when it ends.

    Not for use from several threads; any number of runs may use one file at a time.

    Args:
        directory: where the file is; made where it isn't there.
        code: what a result depends on beside its inputs.
    """

    def __init__(self, directory: Path, code: DecidingCode = OUR_CODE) -> None:
        self._directory = directory
        self._code = code
        self._new: dict[str, str] = {}
        self._new_code: tuple[str, str] | None = None
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with suppress(OSError, sqlite3.Error):
            self._connection = _opened(self._directory)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is None:
            return
        with closing(self._connection) as connection:
            try:
                self._write(connection)
            except sqlite3.Error:
                return  # another run holds the file, or the disk is full

    def recall(self, inputs: tuple[object, ...]) -> str | None:
        """What was kept for these inputs; None where nothing was."""
        name = self._name(inputs)
        if name in self._new or self._connection is None:
            return self._new.get(name)
        try:
            row = self._connection.execute("SELECT text, sum FROM result WHERE name = ?", (name,)).fetchone()
        except sqlite3.OperationalError:
            return None  # another run is writing
        except sqlite3.DatabaseError:
            self._discard()
            return None
        return row[0] if row and isinstance(row[0], str) and _sum(row[0]) == row[1] else None

    def keep(self, inputs: tuple[object, ...], text: str) -> None:
        """Remember something for these inputs."""
        self._new[self._name(inputs)] = text

    def _name(self, inputs: tuple[object, ...]) -> str:
        return hashlib.sha256(f"{self._code_digest}\0{inputs!r}".encode()).hexdigest()

    @cached_property
    def code_state(self) -> str:
        """The state of the code that decides; empty where it can't be told apart, and so nothing can be kept.

        Raises:
            ImportError: what AWS's facts come from isn't installed.
            OSError: the code can't be looked at.
        """
        return self._code.state()

    @cached_property
    def _code_digest(self) -> str:
        """The digest of the code that decides: the one that is kept for its state, or else a new one."""
        if self._connection is None:
            return self._code.digest()
        try:
            row = self._connection.execute("SELECT digest FROM code WHERE state = ?", (self.code_state,)).fetchone()
        except sqlite3.DatabaseError:
            row = None
        digest = str(row[0]) if row else self._code.digest()
        self._new_code = None if row else (self.code_state, digest)
        return digest

    def _write(self, connection: sqlite3.Connection) -> None:
        if not self._new and self._new_code is None:
            return
        with connection:
            if self._new_code is not None:
                connection.execute("DELETE FROM code")
                connection.execute("INSERT INTO code (state, digest) VALUES (?, ?)", self._new_code)
            rows = [(name, text, _sum(text)) for name, text in self._new.items()]
            connection.executemany("INSERT OR REPLACE INTO result (name, text, sum) VALUES (?, ?, ?)", rows)
            connection.execute(
                "DELETE FROM result WHERE number <= (SELECT max(number) FROM result) - ?",
                (MOST_ENTRIES,),
            )

    def _discard(self) -> None:
        """Go on without a file that is none of SQLite's any more, and make room for a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            with suppress(OSError):
                _file(self._directory).unlink()


def proof_cache(*, wanted: bool = True, code: DecidingCode = OUR_CODE) -> AbstractContextManager[ProofCache | None]:
    """The user's cache; none where it isn't wanted, where he has no directory, or our own code can't be told apart."""
    try:
        cache = ProofCache(cache_directory(), code) if wanted else None
        return cache if cache is not None and cache.code_state else nullcontext()
    except (OSError, RuntimeError, ImportError):
        return nullcontext()


def cache_directory() -> Path:
    """Where the cache is: as the environment says, else where the system keeps what may be deleted at any time.

    Raises:
        RuntimeError: the user has no home.
    """
    if chosen := os.environ.get(DIRECTORY_VARIABLE):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "keywright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "keywright" / "Cache"
    stated = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (stated if stated.is_absolute() else Path.home() / ".cache") / "keywright"


def _file(directory: Path) -> Path:
    return directory / "proofs.sqlite"


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _opened(directory: Path) -> sqlite3.Connection:
    """The file, with its table.

    Raises:
        OSError: it can't be made, or somebody else may write it: a proof that isn't ours proves nothing.
        sqlite3.Error: it isn't SQLite's, or is in use.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = _file(directory)
    if not _is_ours(directory):
        raise PermissionError(f"{directory} may be written by others")
    try:
        return _connected(file)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        file.unlink(missing_ok=True)
        return _connected(file)


def _connected(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_WAITS_IN_SECONDS)
    try:
        for table in _TABLES:
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        connection.execute("SELECT name, text, sum FROM result LIMIT 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_ours(directory: Path) -> bool:
    """Whether nobody but this user may put files there."""
    if sys.platform == "win32":
        return True  # the user's own directory is protected by its access list
    found = directory.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
