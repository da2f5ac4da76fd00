"""`keywright import`: a snapshot from files of AWS's own JSON, for who collects with other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.counting import counted
from keywright.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


def import_(
    snapshot: Annotated[
        Path, typer.Argument(help="The snapshot to add to; made if there is none.", show_default=False)
    ],
    authorization_details: Annotated[
        list[Path] | None,
        typer.Option(
            help="What `aws iam get-account-authorization-details` prints, of one account. May be repeated.",
            show_default=False,
        ),
    ] = None,
    organization: Annotated[
        Path | None,
        typer.Option(help="The organization with its accounts and policies; see docs/access.md.", show_default=False),
    ] = None,
    no_organization: Annotated[
        bool, typer.Option("--no-organization", help="The accounts belong to no organization.")
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(help="Keys with their policies, grants and tags; see docs/access.md.", show_default=False),
    ] = None,
) -> None:
    """Add IAM, an organization and keys from files to a snapshot. Nothing is read from AWS."""
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.estate.iam_file import put_iam, put_organization
    from keywright._internal.estate.iam_import import organization_of, principals_of
    from keywright._internal.estate.key_import import keys_of, put_keys

    documents = [_read(path) for path in authorization_details or ()]
    principals = [principals_of([document] if isinstance(document, dict) else document) for document in documents]
    imported = organization_of(_read(organization)) if organization is not None else None
    listed = keys_of(_read(keys)) if keys is not None else None
    if not principals and imported is None and not no_organization and listed is None:
        raise UsageError("there is nothing to import", "pass --authorization-details, --organization or --keys")
    opened = EstateFile.read(snapshot, writable=True) if snapshot.exists() else EstateFile.create(snapshot, {})
    told: list[str] = []
    with opened as estate:
        for found in principals:
            for account in sorted({item.account for item in found}):
                mine = [item for item in found if item.account == account]
                put_iam(estate, account, mine)
                told.append(f"account {account}: {counted(len(mine), 'principal')}")
        if imported is not None or no_organization:
            put_organization(estate, imported)
            told.append("no organization" if imported is None else f"organization {imported.id}")
        if listed is not None:
            put_keys(estate, listed)
            told.append(counted(len(listed), "key"))
        if estate.finished_at is None:
            estate.put_finished()
    typer.echo(f"{snapshot}: {', '.join(told)}")


def _read(path: Path) -> Any:
    import json

    from keywright._internal.input_file import read_text

    try:
        found: Mapping[str, Any] | list[Any] = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"`{path}` is not JSON: {error}") from error
    return found
