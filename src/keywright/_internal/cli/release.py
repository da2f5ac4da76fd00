"""`keywright release` and `keywright verify-release`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.conform import AllowedSkipped, AsJson, run_gates_on
from keywright._internal.cli.documents import print_document
from keywright._internal.counting import counted
from keywright._internal.extras import require_extra
from keywright.errors import UnreadableFile, UsageError

if TYPE_CHECKING:
    from keywright._internal.conformance.publishing import Source
    from keywright._internal.conformance.release_check import ReleaseCheck
    from keywright._internal.conformance.results import Verification
    from keywright._internal.conformance.signing import SigningKey

_PASSPHRASE = "KEYWRIGHT_RELEASE_KEY_PASSPHRASE"  # noqa: S105 - the variable's name


def release(
    out: Annotated[Path, typer.Option(help="The folder to write; it must not exist, or be empty.", metavar="DIR")],
    key: Annotated[Path | None, typer.Option(help="Sign with this PEM private key.")] = None,
    kms_key: Annotated[str | None, typer.Option(help="Sign with this KMS key, by its ARN.")] = None,
    new_key: Annotated[
        Path | None, typer.Option(help="Create an Ed25519 key, write it to this file, and sign with it.")
    ] = None,
    keyless: Annotated[bool, typer.Option("--keyless", help="Also sign with Sigstore; needs network access.")] = False,
    verification: Annotated[
        Path | None, typer.Option(help="A verification.json of this commit, in place of running the gates.")
    ] = None,
    allow_skipped: AllowedSkipped = None,
) -> None:
    """Build the module's archive and the wheel from a clean commit, verify and sign them; exit 1 if a gate failed.

    Without a key of yours the release is signed with a temporary key: that shows that the release is intact, not who
    made it.
    """
    require_extra("conform", "`keywright release`")
    from keywright._internal.conformance.publishing import publish, release_source
    from keywright._internal.conformance.release import require_vacant, write_release
    from keywright._internal.report.card import pages

    require_vacant(out)
    source = release_source(Path.cwd())
    signer = _signing_key(key, kms_key, new_key)
    found = _verification(source, verification, allow_skipped or [])
    if found.verdict == "failed":
        for gate in found.gates:
            if gate.verdict == "failed":
                typer.echo(f"{gate.name} failed: {gate.evidence}", err=True)
        typer.echo("nothing was released", err=True)
        raise typer.Exit(1)
    made = publish(source, found, signer, pages, keyless=keyless)
    write_release(made, out)
    if found.verdict == "incomplete":
        missing = ", ".join(gate.name for gate in found.gates if gate.verdict == "skipped")
        typer.echo(f"the release is marked as incomplete; not checked: {missing}", err=True)
    typer.echo(
        f"{out}: Keywright {made.version}, {counted(len(made.files), 'file')}, {found.verdict}, "
        f"signed with {signer.origin}"
    )
    typer.echo(f"key id {made.key_id}")


def verify_release(
    directory: Annotated[Path, typer.Argument(help="The folder that `keywright release` filled.", show_default=False)],
    key: Annotated[
        Path | None, typer.Option("--key", "--public-key", help="The signer's public key, obtained separately.")
    ] = None,
    key_id: Annotated[str | None, typer.Option(help="The ID of the signer's key, obtained separately.")] = None,
    identity: Annotated[str | None, typer.Option(help="Who must have signed with Sigstore.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Who vouches for that identity.")] = None,
    as_json: AsJson = False,
) -> None:
    """Verify every byte of a release, offline; exit 1 if anything is wrong, and say what and where."""
    require_extra("conform", "`keywright verify-release`")
    from keywright._internal.conformance.release_check import SigstoreIdentity, Trust, check_release
    from keywright._internal.conformance.signing import public_key_from_pem

    if (identity is None) != (issuer is None):
        raise UsageError("`--identity` and `--issuer` go together", "pass both, or neither")
    public = None
    if key is not None:
        try:
            public = public_key_from_pem(key.read_bytes(), file=str(key))
        except OSError as error:
            raise UnreadableFile(f"`{key}` can't be read: {(error.strerror or str(error)).lower()}") from error
    sigstore = SigstoreIdentity(identity, issuer) if identity and issuer else None
    check = check_release(directory, Trust(public, key_id, sigstore))
    _show_check(directory, check, as_json)
    if not check.intact:
        raise typer.Exit(1)


def _signing_key(key: Path | None, kms_key: str | None, new_key: Path | None) -> SigningKey:
    from keywright._internal.conformance import signing

    if sum(given is not None for given in (key, kms_key, new_key)) > 1:
        raise UsageError("more than one signing key is given", "pass one of --key, --kms-key and --new-key")
    passphrase = os.environ.get(_PASSPHRASE, "").encode() or None
    if kms_key is not None:
        from keywright._internal.aws import Cloud, Settings
        from keywright._internal.conformance.kms_signing import kms_signing_key

        return kms_signing_key(Cloud(Settings()), kms_key)
    if new_key is not None:
        public = signing.new_key(new_key, passphrase=passphrase)
        typer.echo(
            f"made {new_key} and {signing.public_key_path(new_key)}; publish the second: {public.key_id}", err=True
        )
    path = key or new_key
    if path is None:
        typer.echo("no key was given: signing with a temporary key, which does not identify the maker", err=True)
        return signing.ephemeral_signing_key()
    return signing.local_signing_key(path, passphrase=passphrase)


def _verification(source: Source, given: Path | None, allowed_skipped: list[str]) -> Verification:
    from keywright._internal.conformance.results import from_text

    if given is None:
        return run_gates_on(source.module, allowed_skipped)
    try:
        return from_text(given.read_text(), file=str(given))
    except OSError as error:
        raise UnreadableFile(f"`{given}` can't be read: {(error.strerror or str(error)).lower()}") from error


def _show_check(directory: Path, check: ReleaseCheck, as_json: bool) -> None:
    verdict = check.verification.verdict if check.verification else None
    if as_json:
        findings = [
            {"check": item.check, "file": item.file, "where": item.where, "message": item.message}
            for item in check.findings
        ]
        document = {
            "intact": check.intact,
            "maker_known": check.pinned,
            "key_id": check.key_id,
            "version": check.version,
            "verdict": verdict,
            "findings": findings,
        }
        print_document(document)
        return
    for finding in check.findings:
        typer.echo(str(finding))
    for note in check.notes:
        typer.echo(f"note: {note}", err=True)
    if check.intact:
        typer.echo(
            f"{directory}: intact, {counted(check.files, 'file')} of Keywright {check.version}; its gates: {verdict}"
        )
    else:
        typer.echo(f"{directory}: not as signed: {counted(len(check.findings), 'finding')}")
