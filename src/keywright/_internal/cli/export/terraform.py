"""`keywright export terraform`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.export.folder import Out, require_room, write_files
from keywright._internal.cli.fleet.one_account import OneAccount
from keywright._internal.cli.fleet.options import FleetOptions
from keywright._internal.cli.keys.options import AsJson, File, Profile, Region
from keywright._internal.counting import counted

Source = Annotated[
    str | None,
    typer.Option(
        help="The source of the module `aws-kms`: a path, a Git URL or a registry address.", show_default=False
    ),
]
Import = Annotated[bool, typer.Option("--import", help="Read AWS, and write `import` blocks for the keys that exist.")]


def terraform(
    file: File,
    out: Out = Path("terraform"),
    source: Source = None,
    with_imports: Import = False,
    account: OneAccount = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Write a Terraform root module that calls `aws-kms` for each key, with a provider for each account and Region."""
    from keywright._internal.cli.export.existing_keys import existing_keys
    from keywright._internal.export.terraform import root_module
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import one_stack
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
    from keywright._internal.terraform.module import module_source

    keys_file = read_source(file)
    if not has_targets(keys_file):
        FleetOptions(() if account is None else (account,)).refuse(file)
    stack = one_stack(keys_file, account)
    require_room(out)
    existing = existing_keys(stack, profile, region) if with_imports else None
    files = root_module(
        stack,
        source or module_source(out),
        identity_tags=(STACK_TAG, KEY_TAG),
        default_region=region,
        existing=existing,
    )
    write_files(out, files)
    if as_json:
        print_document({"folder": str(out), "files": sorted(files), "imported": sorted(existing or {})})
    else:
        typer.echo(f"wrote {counted(len(stack.keys), 'key')} to {out}; next: terraform -chdir={out} init")
