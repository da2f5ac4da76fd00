"""The file of a snapshot: SQLite, written as answers come, so that a killed scan loses only what was under way."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from keywright._internal.estate import encoding
from keywright._internal.estate.estate_reading import EstateReading
from keywright.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from keywright._internal.aws import AliasEntry
    from keywright._internal.estate.snapshot import NotRead, ScannedKey
    from keywright._internal.model.key_location import KeyLocation

FORMAT: Final = 1
_APPLICATION: Final = 0x4B575249
"""`KWRI`: how a snapshot is told from other SQLite files."""


class EstateFile(EstateReading):
    """A snapshot's file, open for writing or reading. A context manager; safe to use from many threads.

    Use `create`, `resume` or `read`.
    """

    @classmethod
    def create(cls, path: Path, options: Mapping[str, Any]) -> Self:
        """A new snapshot; a finished one of that name is replaced.

        Raises:
            UnreadableFile: the file is something else, an unfinished snapshot, or can't be written.
        """
        if path.exists() and path.stat().st_size:
            with cls.read(path) as old:
                if old.finished_at is None:
                    raise UnreadableFile(
                        f"`{path}` holds a scan that was stopped", "go on with --resume, or remove the file first"
                    )
            for name in (path, *_beside(path)):
                name.unlink(missing_ok=True)
        connection = _connect(path)
        with _readable(path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                "BEGIN;"
                + files("keywright._internal.estate").joinpath("schema.sql").read_text("utf-8")
                + f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT}; COMMIT;"
            )
            connection.execute(
                "INSERT INTO scan VALUES (1, ?, ?, NULL, ?)", (version("keywright"), _now(), json.dumps(options))
            )
        return cls(path, connection)

    @classmethod
    def resume(cls, path: Path, options: Mapping[str, Any]) -> Self:
        """A snapshot to go on with; what could not be read is to be tried again. A new one where there is none.

        Args:
            path: the file.
            options: what the scan is asked for; where that is nothing, it goes on with what it was asked for before.

        Raises:
            UnreadableFile: the file isn't a snapshot, or of a scan that was asked for something else.
        """
        if not path.exists() or not path.stat().st_size:
            return cls.create(path, options)
        found = cls.read(path, writable=True)
        before = found.options
        if any(options.values()) and before != json.loads(json.dumps(options)):
            found.close()
            raise UnreadableFile(
                f"`{path}` holds a scan with other options",
                "pass --resume without options of what to read, or another file",
            )
        found.begin_again()
        return found

    def begin_again(self) -> None:
        """Forget what failed, so that it is tried again."""
        with self._lock:
            changing = self._connection
            changing.execute("PRAGMA journal_mode = WAL")
            changing.execute("UPDATE scan SET finished_at = NULL")
            changing.execute("UPDATE key SET read_at = NULL WHERE arn IN (SELECT key FROM not_read)")
            changing.execute(
                "DELETE FROM region WHERE (account, region) IN (SELECT account, region FROM not_read WHERE key = '')"
            )
            changing.execute("UPDATE account SET finished_at = NULL WHERE account IN (SELECT account FROM not_read)")
            changing.execute(
                "UPDATE account SET regions_json = NULL"
                " WHERE account IN (SELECT account FROM not_read WHERE region = '')"
            )
            changing.execute("DELETE FROM not_read")

    @classmethod
    def read(cls, path: Path, *, writable: bool = False) -> Self:
        """A snapshot that is there.

        Raises:
            UnreadableFile: there is no such file, or it isn't a snapshot that this version reads.
        """
        if not path.is_file():
            raise UnreadableFile(f"there is no file `{path}`", "make one with `keywright scan --out FILE`")
        with _readable(path):
            connection = _connect(path)
            marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if marks[0] != _APPLICATION:
            connection.close()
            raise UnreadableFile(f"`{path}` is not a snapshot of keys", "make one with `keywright scan --out FILE`")
        if marks[1] != FORMAT:
            connection.close()
            raise UnreadableFile(f"`{path}` has format {marks[1]}; this version reads {FORMAT}", "scan again")
        if not writable:
            connection.execute("PRAGMA query_only = ON")
        return cls(path, connection)

    def close(self) -> None:
        """Close the file. One file is left, without SQLite's journal beside it."""
        with self._lock:
            if not self._connection.execute("PRAGMA query_only").fetchone()[0]:
                with suppress(sqlite3.OperationalError):  # somebody is reading it: the journal stays, and is right
                    self._connection.execute("PRAGMA journal_mode = DELETE")
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing: each method is one transaction, in the file when it returns.

    def _write(self, statement: str, *values: object) -> None:
        with self._lock:
            self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The file, to write tables that other modules keep in it; everything or nothing is written."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def put_account(self, account: str, name: str, partition: str, role_arn: str | None) -> None:
        """An account that is going to be read."""
        self._write(
            "INSERT INTO account (account, name, partition, role_arn) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            account, name, partition, role_arn,
        )  # fmt: skip

    def put_regions(self, account: str, regions: Iterable[str]) -> None:
        """The Regions to read of an account."""
        self._write("UPDATE account SET regions_json = ? WHERE account = ?", json.dumps(list(regions)), account)

    def put_identities(self, account: str, arns: Iterable[str]) -> None:
        """The roles and users of an account."""
        self._write("UPDATE account SET identities_json = ? WHERE account = ?", json.dumps(sorted(arns)), account)

    def put_listing(self, place: KeyLocation, arns: Iterable[str], aliases: Iterable[AliasEntry]) -> None:
        """The keys and aliases of a Region. Those that AWS manages are told by their aliases."""
        named = list(aliases)
        managed = {item.target_key_id for item in named if item.name.startswith("alias/aws/")}
        keys = [(arn, arn.partition(":key/")[2]) for arn in arns]
        with self._lock:
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "INSERT INTO key (arn, account, region, key_id, manager) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [
                    (arn, place.account, place.region, key_id, "AWS" if key_id in managed else None)
                    for arn, key_id in keys
                ],
            )
            self._connection.execute(
                "DELETE FROM alias WHERE (account, region) = (?, ?)", (place.account, place.region)
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO alias VALUES (?, ?, ?, ?)",
                [(place.account, place.region, item.name, item.target_key_id) for item in named],
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO region VALUES (?, ?, ?)", (place.account, place.region, _now())
            )
            self._connection.execute("COMMIT")

    def put_key(self, key: ScannedKey, failures: Iterable[NotRead]) -> None:
        """A key with all that was read of it, and what couldn't be."""
        digest = None
        metadata = key.metadata
        with self._lock:
            self._connection.execute("BEGIN")
            if key.policy is not None:
                digest = hashlib.sha256(key.policy.encode()).hexdigest()
                self._connection.execute(
                    "INSERT INTO policy VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, key.policy)
                )
            self._connection.execute(
                "UPDATE key SET manager = ?, read_at = ?, metadata_json = ?, policy_sha256 = ?, rotation_json = ?,"
                " tags_json = ?, grants_json = ?, last_use_json = ? WHERE arn = ?",
                (
                    metadata.manager if metadata else None,
                    _now(),
                    encoding.encode(metadata),
                    digest,
                    encoding.encode(key.rotation),
                    None if "ListResourceTags" in key.missing else encoding.encode(key.tags),
                    None if "ListGrants" in key.missing else encoding.encode(key.grants),
                    encoding.encode(key.last_use),
                    key.arn,
                ),
            )
            for item in failures:
                self._put_not_read(item)
            self._connection.execute("COMMIT")

    def absorb(self, snapshot: bytes) -> None:
        """Take over what the file of another snapshot has of its accounts. One transaction.

        Args:
            snapshot: the other file.
        """
        with closing(sqlite3.connect(":memory:")) as other, self.transaction() as connection:
            other.deserialize(snapshot)
            known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            for name, kind, definition in other.execute(
                "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'scan'"
            ).fetchall():
                if name not in known:
                    connection.execute(definition)
                if kind != "table" or name == "call":
                    continue
                rows = other.execute(f"SELECT * FROM {name}")  # noqa: S608 - a table's own name
                places = ", ".join("?" * len(rows.description))
                connection.executemany(f"INSERT OR REPLACE INTO {name} VALUES ({places})", rows)  # noqa: S608

    def put_not_read(self, item: NotRead) -> None:
        """Something that could not be read."""
        with self._lock:
            self._put_not_read(item)

    def _put_not_read(self, item: NotRead) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO not_read VALUES (?, ?, ?, ?, ?)",
            (item.account, item.region, item.key, item.operation, item.reason),
        )

    def put_account_done(self, account: str) -> None:
        """Every Region and key of an account has been tried."""
        self._write("UPDATE account SET finished_at = ? WHERE account = ?", _now(), account)

    def put_calls(self, calls: Mapping[str, int]) -> None:
        """Requests that were sent, beside those of earlier runs."""
        with self._lock:
            self._connection.executemany(
                "INSERT INTO call VALUES (?, ?) ON CONFLICT (operation) DO UPDATE SET count = count + excluded.count",
                list(calls.items()),
            )

    def put_reader(self, arn: str) -> None:
        """Who reads, as STS tells it."""
        with self.transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS reader (arn TEXT PRIMARY KEY)")
            connection.execute("INSERT OR IGNORE INTO reader VALUES (?)", (arn,))

    def put_finished(self) -> None:
        """The scan has come to its end."""
        self._write("UPDATE scan SET finished_at = ?", _now())


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise UnreadableFile(f"`{path}` can't be opened: {error}", "name another file") from error
    # Without a wait for the disk at each commit: a power failure may lose the last moments, a killed process nothing.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise UnreadableFile(
            f"`{path}` is not a snapshot of keys: {error}", "make one with `keywright scan --out FILE`"
        ) from error


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))


def _now() -> str:
    return encoding.moment(datetime.now(UTC))
