"""Reading a snapshot back: queries over its file."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.estate import encoding
from keywright._internal.estate.snapshot import NotRead, ScannedAccount, ScannedAlias, ScannedKey
from keywright._internal.model.key_location import KeyLocation
from keywright.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyRow = tuple[Any, ...]
"""A key as it is in the file, its ARN first: texts, and None."""

_KEYS_AT_ONCE: Final = 500
"""How many keys are held in memory while all are read back."""

_KEYS: Final = """
SELECT arn, partition, metadata_json, text, rotation_json, tags_json, grants_json, last_use_json, read_at,
    (SELECT json_group_array(name) FROM (
        SELECT name FROM alias
        WHERE alias.account = key.account AND alias.region = key.region AND alias.key_id = key.key_id ORDER BY name)),
    (SELECT json_group_array(operation) FROM not_read
        WHERE not_read.account = key.account AND not_read.region = key.region
        AND (not_read.key = key.arn OR (not_read.key = '' AND operation = 'ListAliases')))
FROM key JOIN account USING (account) LEFT JOIN policy ON sha256 = policy_sha256
WHERE manager IS NOT 'AWS' AND arn > ? ORDER BY arn LIMIT ?
"""


class EstateReading:
    """The reading half of `EstateFile`. Safe to use from many threads."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.RLock()

    def _all(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def query(self, statement: str, *values: object) -> list[Any]:
        """Rows of tables that other modules keep in the file."""
        return self._all(statement, *values)

    @property
    def started_at(self) -> datetime:
        """When the scan began."""
        return datetime.fromisoformat(self._all("SELECT started_at FROM scan")[0][0])

    @property
    def finished_at(self) -> datetime | None:
        """When the scan came to its end; None where it was stopped."""
        text = self._all("SELECT finished_at FROM scan")[0][0]
        return None if text is None else datetime.fromisoformat(text)

    @property
    def options(self) -> dict[str, Any]:
        """What was asked for."""
        return dict(json.loads(self._all("SELECT options_json FROM scan")[0][0]))

    def readers(self) -> tuple[str, ...]:
        """Who read: ARNs; none where the snapshot was imported from files."""
        if not self._all("SELECT 1 FROM sqlite_master WHERE name = 'reader'"):
            return ()
        return tuple(arn for (arn,) in self._all("SELECT arn FROM reader ORDER BY arn"))

    def regions_to_read(self, account: str) -> tuple[str, ...] | None:
        """The Regions to read of an account, once they are known."""
        found = self._all("SELECT regions_json FROM account WHERE account = ?", account)
        return tuple(json.loads(found[0][0])) if found and found[0][0] is not None else None

    def is_done(self, account: str) -> bool:
        """Whether an earlier run came to the end of an account."""
        return bool(self._all("SELECT 1 FROM account WHERE account = ? AND finished_at IS NOT NULL", account))

    def is_listed(self, account: str, region: str) -> bool:
        """Whether the keys of a Region are listed."""
        return bool(self._all("SELECT 1 FROM region WHERE (account, region) = (?, ?)", account, region))

    def keys_to_read(self, account: str, region: str) -> tuple[str, ...]:
        """The ARNs of listed keys that have not been read yet, but those that AWS manages."""
        found = self._all(
            "SELECT arn FROM key WHERE (account, region) = (?, ?) AND read_at IS NULL AND manager IS NOT 'AWS'",
            account, region,
        )  # fmt: skip
        return tuple(arn for (arn,) in found)

    def grantees(self, account: str) -> bool:
        """Whether a grant of the account names a role or user, so that it is worth asking which there are."""
        return bool(
            self._all(
                "SELECT 1 FROM key WHERE account = ? AND grants_json LIKE '%:iam::' || account || ':%' LIMIT 1", account
            )
        )

    def accounts(self) -> tuple[ScannedAccount, ...]:
        """Every account, by number."""
        return tuple(
            ScannedAccount(account, name, partition, role_arn, None if known is None else frozenset(json.loads(known)))
            for account, name, partition, role_arn, known in self._all(
                "SELECT account, name, partition, role_arn, identities_json FROM account ORDER BY account"
            )
        )

    def regions(self) -> int:
        """How many Regions were listed."""
        return int(self._all("SELECT count(*) FROM region")[0][0])

    def not_read(self) -> tuple[NotRead, ...]:
        """What could not be read; a scan that was stopped counts as one such thing."""
        found = tuple(
            NotRead(*row) for row in self._all("SELECT * FROM not_read ORDER BY account, region, key, operation")
        )
        unread = self._all(
            "SELECT account, region, arn FROM key WHERE read_at IS NULL AND manager IS NOT 'AWS' ORDER BY arn"
        )
        stopped = "the scan was stopped before it came to this key; go on with --resume"
        left = tuple(NotRead(account, region, arn, "DescribeKey", stopped) for account, region, arn in unread)
        if self.finished_at is None and not left:
            left = (NotRead("", "", "", "scan", "the scan was stopped; go on with --resume"),)
        return (*found, *left)

    def calls(self) -> dict[str, int]:
        """Requests sent, by operation."""
        return dict(self._all("SELECT operation, count FROM call ORDER BY operation"))

    def aliases(self) -> tuple[ScannedAlias, ...]:
        """Every alias but those of keys that AWS manages."""
        rows = self._all("SELECT * FROM alias WHERE name NOT LIKE 'alias/aws/%' ORDER BY account, region, name")
        return tuple(ScannedAlias(*row) for row in rows)

    def alias_states(self) -> Iterator[tuple[ScannedAlias, str | None]]:
        """Every alias but those of keys that AWS manages, with its key's state; None where the key isn't listed.

        A key that is listed and could not be described has an empty state.
        """
        rows = self._all(
            "SELECT alias.account, alias.region, name, alias.key_id, arn, json_extract(metadata_json, '$.state')"
            " FROM alias LEFT JOIN key ON (key.account, key.region, key.key_id)"
            " = (alias.account, alias.region, alias.key_id)"
            " WHERE name NOT LIKE 'alias/aws/%' ORDER BY alias.account, alias.region, name"
        )
        for account, region, name, key_id, arn, state in rows:
            yield ScannedAlias(account, region, name, key_id), None if arn is None else state or ""

    def policy_of(self, arn: str) -> str | None:
        """The policy of a key; None where it wasn't read."""
        found = self._all("SELECT text FROM key JOIN policy ON sha256 = policy_sha256 WHERE arn = ?", arn)
        return str(found[0][0]) if found else None

    def key_count(self) -> int:
        """How many customer-managed keys there are, unread ones among them."""
        return int(self._all("SELECT count(*) FROM key WHERE manager IS NOT 'AWS'")[0][0])

    def keys(self) -> Iterator[ScannedKey]:
        """Every customer-managed key, by ARN, some at a time: a large estate never is in memory as a whole."""
        return map(key_of, self.key_rows())

    def key_rows(self) -> Iterator[KeyRow]:
        """The same as they are in the file."""
        last = ""
        while True:
            rows = self._all(_KEYS, last, _KEYS_AT_ONCE)
            if not rows:
                return
            yield from rows
            last = rows[-1][0]

    def key(self, arn: str) -> ScannedKey | None:
        """One key, or None where the snapshot doesn't have it."""
        rows = self._all(_KEYS.replace("arn > ? ORDER BY arn LIMIT ?", "arn = ?"), arn)
        return key_of(rows[0]) if rows else None


def key_of(row: KeyRow) -> ScannedKey:
    """A key as it is in the file, read back.

    Raises:
        UnreadableFile: the file was damaged there.
    """
    try:
        return _key(row)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            f"the snapshot is damaged where it has `{row[0]}`: {error}",
            "make a new one with `keywright scan --out FILE`",
        ) from error


def _key(row: KeyRow) -> ScannedKey:
    arn, partition, metadata, policy, rotation, tags, grants, last_use, read_at, aliases, missing = row
    location = KeyLocation.of_arn(arn)
    return ScannedKey(
        location=replace(location, partition=partition),
        aliases=tuple(json.loads(aliases)),
        metadata=encoding.metadata_of(metadata),
        policy=policy,
        rotation=encoding.rotation_of(rotation),
        tags=encoding.tags_of(tags),
        grants=encoding.grants_of(grants),
        last_use=encoding.last_use_of(last_use),
        missing=frozenset(json.loads(missing)) | ({"DescribeKey"} if read_at is None else set()),
        read_at=None if read_at is None else datetime.fromisoformat(read_at),
    )
