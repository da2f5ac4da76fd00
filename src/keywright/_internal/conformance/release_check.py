"""Whether a release folder is what its signer made: every byte of every file, offline.

What it proves depends on where the verifying key comes from. With a key (or a key's id) that the reader got
elsewhere, it proves who made the release; with the key that lies in the folder, only that the folder is intact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from keywright._internal.conformance import checksums
from keywright._internal.conformance import statement as statements
from keywright._internal.conformance.keyless import verify_keyless
from keywright._internal.conformance.release import (
    ENVELOPE,
    PUBLIC_KEY,
    SIGNATURE_FILES,
    SIGSTORE_BUNDLE,
    STATEMENT,
    VERIFICATION,
)
from keywright._internal.conformance.results import Verification, as_text, from_text, overall_verdict
from keywright._internal.conformance.signing import (
    VerifyingKey,
    first_difference,
    open_envelope,
    public_key_from_pem,
    signature_problem,
)
from keywright.errors import InputError

Check = Literal["checksums", "signature", "verdict"]


@dataclass(frozen=True, slots=True)
class ReleaseFinding:
    """One thing wrong: by which check, in which file, where in it, and what."""

    check: Check
    file: str
    message: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.check}: {self.file}{f' at {self.where}' if self.where else ''}: {self.message}"


@dataclass(frozen=True, slots=True)
class SigstoreIdentity:
    """Who must have signed the artefacts with Sigstore, too, and who vouches for that."""

    identity: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Trust:
    """The verifying key the reader gives: a public key, a key's id, or neither."""

    public_key: VerifyingKey | None = None
    key_id: str | None = None
    sigstore: SigstoreIdentity | None = None

    @property
    def pinned(self) -> bool:
        """Whether the reader knows the key from elsewhere than the folder."""
        return self.public_key is not None or self.key_id is not None


@dataclass(frozen=True, slots=True)
class ReleaseCheck:
    """The answer: no findings means intact; `pinned` says whether it also tells by whom."""

    findings: tuple[ReleaseFinding, ...]
    files: int
    pinned: bool
    key_id: str | None = None
    version: str | None = None
    verification: Verification | None = None
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(slots=True)
class _Folder:
    """The files of a folder in the middle of being checked."""

    files: Mapping[str, bytes]
    findings: list[ReleaseFinding] = field(default_factory=list)

    def report(self, check: Check, file: str, message: str, where: str = "") -> None:
        if not any((item.check, item.file, item.where) == (check, file, where) for item in self.findings):
            self.findings.append(ReleaseFinding(check, file, message, where))


def check_release(path: Path, trust: Trust | None = None) -> ReleaseCheck:
    """Check a release folder.

    Raises:
        InputError: there is no such folder.
    """
    trust = trust or Trust()
    if not path.is_dir():
        raise InputError(f"`{path}` is not a folder", "name the folder that `keywright release --out` filled")
    folder = _Folder(_read(path))
    for name in (*SIGNATURE_FILES, VERIFICATION):
        if name not in folder.files:
            folder.report("checksums" if name == checksums.NAME else "signature", name, "is missing")
    for name in _not_files(path):
        folder.report("checksums", name, "is not a plain file, and no part of a release")
    key = _verifying_key(folder, trust)
    signed = _signed_statement(folder, key)
    _check_sums(folder, signed)
    _check_subjects(folder, signed)
    verification = _check_verdict(folder, signed)
    if trust.sigstore is not None:
        _check_sigstore(folder, trust.sigstore, verification, signed)
    return ReleaseCheck(
        findings=tuple(folder.findings),
        files=len(folder.files),
        pinned=trust.pinned,
        key_id=key.key_id if key else None,
        version=signed.predicate.build_definition.external_parameters.version if signed else None,
        verification=verification,
        notes=() if trust.pinned else (_UNPINNED,),
    )


_UNPINNED = (
    "the verifying key came from the folder itself, so this shows that the release is intact and not who made it; "
    "give --public-key or --key-id with what its maker published elsewhere"
)


def _read(path: Path) -> dict[str, bytes]:
    return {
        entry.name: entry.read_bytes() for entry in sorted(path.iterdir()) if entry.is_file() and not entry.is_symlink()
    }


def _not_files(path: Path) -> list[str]:
    return [entry.name for entry in sorted(path.iterdir()) if entry.is_symlink() or not entry.is_file()]


def _verifying_key(folder: _Folder, trust: Trust) -> VerifyingKey | None:
    content = folder.files.get(PUBLIC_KEY)
    published: VerifyingKey | None = None
    if content is not None:
        try:
            published = public_key_from_pem(content, file=PUBLIC_KEY)
        except InputError as error:
            folder.report("signature", PUBLIC_KEY, error.message)
    expected = trust.public_key or published
    if expected is None:
        return None
    if trust.key_id is not None and expected.key_id != trust.key_id.lower():
        folder.report("signature", PUBLIC_KEY, f"is key {expected.key_id}, not {trust.key_id}")
        return None
    if content is not None and published is not None and content != expected.pem.encode():
        if published.key_id != expected.key_id:
            folder.report("signature", PUBLIC_KEY, f"is key {published.key_id}, not the given key {expected.key_id}")
        else:
            where = first_difference(content, expected.pem.encode())
            folder.report("signature", PUBLIC_KEY, "is changed: its text is not canonical", where)
    return expected


def _signed_statement(folder: _Folder, key: VerifyingKey | None) -> statements.Statement | None:
    """The statement, once the signature around it holds; it is what everything else is compared with."""
    content = folder.files.get(ENVELOPE)
    if content is None or key is None:
        return None
    try:
        envelope = open_envelope(content)
    except ValueError as error:
        folder.report("signature", ENVELOPE, str(error))
        return None
    if problem := signature_problem(envelope, [key]):
        folder.report("signature", ENVELOPE, problem)
        published = folder.files.get(PUBLIC_KEY)
        if key.key_id not in envelope.signatures and published == key.pem.encode():
            folder.report("signature", PUBLIC_KEY, f"is key {key.key_id}, and not the one that signed the envelope")
        return None
    try:
        signed = statements.from_bytes(envelope.payload)
    except ValueError as error:
        folder.report("signature", ENVELOPE, f"signs something that is no release statement: {_one_line(error)}")
        return None
    plain = folder.files.get(STATEMENT)
    if plain is not None and plain != envelope.payload:
        where = first_difference(plain, envelope.payload)
        folder.report("signature", STATEMENT, "differs from the statement that is signed", where)
    return signed


def _check_sums(folder: _Folder, signed: statements.Statement | None) -> None:
    content = folder.files.get(checksums.NAME)
    if content is None:
        return
    if signed is not None:
        expected = {name: digest for name, digest in signed.digests.items() if name != checksums.NAME}
        text = checksums.as_text(expected).encode()
        if content != text:
            where = first_difference(content, text)
            folder.report("checksums", checksums.NAME, "differs from what is signed", where)
            return
    try:
        sums = checksums.from_text(content.decode())
    except ValueError as error:
        folder.report("checksums", checksums.NAME, _one_line(error))
        return
    for name, digest in sums.items():
        if name not in folder.files:
            folder.report("checksums", name, "is missing")
        elif checksums.sha256(folder.files[name]) != digest:
            folder.report("checksums", name, f"is changed: its SHA-256 is not the listed {digest}")
    for name in sorted(set(folder.files) - set(sums) - set(SIGNATURE_FILES)):
        folder.report("checksums", name, f"is not listed in {checksums.NAME}: it is no part of the release")


def _check_subjects(folder: _Folder, signed: statements.Statement | None) -> None:
    """The same against the statement: whoever rewrites `SHA256SUMS` can't rewrite what is signed."""
    if signed is None:
        return
    broken = {item.file for item in folder.findings}
    for name, digest in signed.digests.items():
        if name in broken:
            continue
        if name not in folder.files:
            folder.report("signature", name, "is missing, and signed as part of the release")
        elif checksums.sha256(folder.files[name]) != digest:
            folder.report("signature", name, f"is changed: its SHA-256 is not the signed {digest}")
    for name in sorted(set(folder.files) - set(signed.digests) - set(SIGNATURE_FILES) - broken):
        folder.report("signature", name, "is not signed as part of the release")


def _check_verdict(folder: _Folder, signed: statements.Statement | None) -> Verification | None:
    content = folder.files.get(VERIFICATION)
    if content is None:
        return None
    try:
        verification = from_text(content.decode(), file=VERIFICATION)
    except (InputError, UnicodeDecodeError) as error:
        where = error.problems[0].field if isinstance(error, InputError) and error.problems else ""
        folder.report("verdict", VERIFICATION, "is not a verification document", where)
        return None
    implied = overall_verdict(verification.gates, verification.allowed_skipped)
    if verification.verdict != implied:
        message = f"says `{verification.verdict}`, and its gates amount to `{implied}`"
        folder.report("verdict", VERIFICATION, message, "verdict")
    elif as_text(verification).encode() != content:
        where = first_difference(content, as_text(verification).encode())
        folder.report("verdict", VERIFICATION, "its text is not canonical", where)
    if signed is not None:
        stated = signed.predicate.verification.model_dump(mode="json")
        found = statements.record(verification).model_dump(mode="json")
        for where, is_found, is_stated in _differences(found, stated):
            message = f"says {is_found!r}, and signed is {is_stated!r}"
            folder.report("verdict", VERIFICATION, message, _with_gate(where, verification))
        if verification.subject.archive_sha256 not in signed.digests.values():
            message = "verifies an archive that is not in this release"
            folder.report("verdict", VERIFICATION, message, "subject.archive_sha256")
    return verification


def _check_sigstore(
    folder: _Folder,
    wanted: SigstoreIdentity,
    verification: Verification | None,
    signed: statements.Statement | None,
) -> None:
    """The bundle is over the artefacts alone, so its statement is written again from what is signed otherwise."""
    bundle = folder.files.get(SIGSTORE_BUNDLE)
    if bundle is None:
        folder.report("signature", SIGSTORE_BUNDLE, "is missing: this release is not signed with Sigstore")
        return
    if verification is None or signed is None:
        return  # what is wrong with them is reported already
    artefacts = {name: digest for name, digest in signed.digests.items() if name.endswith((".tar.gz", ".whl"))}
    version = signed.predicate.build_definition.external_parameters.version
    expected = statements.as_bytes(statements.statement(artefacts, verification, version=version))
    problem = verify_keyless(bundle, expected, identity=wanted.identity, issuer=wanted.issuer)
    if problem:
        folder.report("signature", SIGSTORE_BUNDLE, problem)


def _differences(found: Any, expected: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ, as field paths."""
    if isinstance(found, dict) and isinstance(expected, dict) and set(found) == set(expected):
        for key in found:
            yield from _differences(found[key], expected[key], f"{path}.{key}" if path else key)
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif found != expected:
        yield path, found, expected


def _with_gate(where: str, verification: Verification) -> str:
    match = re.match(r"gates\[(\d+)\]", where)
    return f"{where} (gate {verification.gates[int(match[1])].name})" if match else where


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
