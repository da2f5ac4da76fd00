"""What a release folder holds, and writing one whole or not at all.

- `terraform-aws-kms-VERSION.tar.gz`: the module, its files at the archive's root
- `keywright-VERSION-py3-none-any.whl`
- `verification.json`, `card.md`, `card.html`, `badge.svg`: the card
- `provenance.sigstore.json`: only where it was signed with Sigstore, too
- `SHA256SUMS`: over all of the above
- `statement.intoto.json`: over all of the above and `SHA256SUMS`
- `statement.dsse.json`: the signed envelope around that statement
- `signing-key.pem`: the public key
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keywright._internal.conformance import checksums
from keywright._internal.conformance import statement as statements
from keywright._internal.conformance.results import Verification, as_text
from keywright._internal.conformance.signing import SigningKey, sign
from keywright.errors import InputError

VERIFICATION = "verification.json"
STATEMENT = "statement.intoto.json"
ENVELOPE = "statement.dsse.json"
PUBLIC_KEY = "signing-key.pem"
SIGSTORE_BUNDLE = "provenance.sigstore.json"

SIGNATURE_FILES = (checksums.NAME, STATEMENT, ENVELOPE, PUBLIC_KEY)
"""The files that `SHA256SUMS` does not list, because they rest on it."""


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """A release's files by name, complete and signed."""

    files: Mapping[str, bytes]
    version: str
    key_id: str


def module_archive_name(version: str) -> str:
    """The module archive's file name."""
    return f"terraform-aws-kms-{version}.tar.gz"


def signed_release(
    artefacts: Mapping[str, bytes],
    verification: Verification,
    pages: Mapping[str, bytes],
    key: SigningKey,
    *,
    version: str,
) -> ReleaseFiles:
    """Put checksums, statement and signature around the artefacts, the verification and its pages."""
    listed = {**artefacts, VERIFICATION: as_text(verification).encode(), **pages}
    sums = checksums.digests(listed)
    sums_file = checksums.as_text(sums).encode()
    digests = {**sums, checksums.NAME: checksums.sha256(sums_file)}
    statement = statements.as_bytes(statements.statement(digests, verification, version=version))
    files = {
        **listed,
        checksums.NAME: sums_file,
        STATEMENT: statement,
        ENVELOPE: sign(statement, key).encode(),
        PUBLIC_KEY: key.public.pem.encode(),
    }
    return ReleaseFiles(files, version, key.public.key_id)


def require_vacant(folder: Path) -> None:
    """Refuse to write a release over anything.

    Raises:
        InputError: the folder holds something, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"`{folder}` is not empty", "name a folder that doesn't exist yet: a release is written whole")


def write_release(release: ReleaseFiles, folder: Path) -> None:
    """Write the folder in one step: a reader sees no release, or all of it.

    Raises:
        InputError: the folder holds something already.
    """
    require_vacant(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in release.files.items():
            target = staging / name
            target.write_bytes(content)
            target.chmod(0o644)
        staging.chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        os.replace(staging, folder)  # noqa: PTH105 - the word for what is meant
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
