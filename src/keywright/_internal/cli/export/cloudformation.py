"""`keywright export cloudformation`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.export.existing_keys import From
from keywright._internal.cli.export.folder import Out, require_room, write_files
from keywright._internal.cli.export.options import ByKey, LeaveOut, left_out_of_keys, warn_of_left_out
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Profile, Region
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from typing import Any

    from keywright._internal.export.existing import Existing
    from keywright._internal.export.template_files import TemplateFile
    from keywright._internal.model.stack import Stack

Import = Annotated[
    bool, typer.Option("--import", help="Read AWS, and write what imports the keys that exist into their stacks.")
]
Account = Annotated[
    str | None,
    typer.Option(help="The account of keys that state none; else that of the deployment.", show_default=False),
]


def cloudformation(  # noqa: PLR0917 - an option each
    file: File,
    out: Out = Path("cloudformation"),
    with_imports: Import = False,
    snapshot: From = None,
    leave_out: LeaveOut = None,
    by_key: ByKey = False,
    only: OnlyKeys = None,
    account: Account = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Write CloudFormation templates: one for the keys of each Region, and one for the replicas of each Region."""
    from keywright._internal.export.cloudformation import Layout, templates
    from keywright._internal.export.template_files import template_files
    from keywright._internal.keysfile.placed_problems import on_their_lines
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import checked_stacks
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
    from keywright._internal.policy.rendering import check_account
    from keywright.errors import InputError, UsageError

    if snapshot is not None and not with_imports:
        raise UsageError("--from says where --import looks", "pass --import as well")
    check_account(account)
    source = read_source(file)
    if has_targets(source) and account is None:
        raise UsageError(
            f"`{file}` has targets, and this is about one account",
            "name the account with --account, or use `keywright export stackset`",
        )
    (stack,) = checked_stacks(source, account).values()
    stack = stack.only(only) if only else stack
    require_room(out)
    existing = _existing(stack, snapshot, profile, region) if with_imports else {}
    layout = Layout((STACK_TAG, KEY_TAG), region, account, by_key, tuple(leave_out or ()))
    try:
        files = template_files(templates(stack, layout, existing=existing))
    except InputError as error:
        raise on_their_lines(error, source) from error
    imports = {f"{item.template.path}.json": item.resources_to_import for item in files}
    write_files(out, {item.path: item.text for item in files} | {path: text for path, text in imports.items() if text})
    left_out = left_out_of_keys(stack, layout.left_out)
    if as_json:
        print_document({"folder": str(out), "templates": [_document(item) for item in files], "left_out": left_out})
        return
    typer.echo(f"wrote {counted(len(files), 'template')} of {counted(len(stack.keys), 'key')} to {out}")
    for item in files:
        at = f" in account {item.template.account}" if item.template.account else ""
        typer.echo(f"  {item.path}: stack {item.template.stack_name}, {item.template.region}{at}")
    warn_of_left_out(left_out)


def _document(item: TemplateFile) -> dict[str, Any]:
    template = item.template
    return {
        "file": item.path,
        "stack_name": template.stack_name,
        "account": template.account,
        "region": template.region,
        "keys": [key.name for key in template.keys],
        "resources": template.resources,
        "bytes": item.size,
        "needs_s3": item.needs_s3,
        "imports": item.resources_to_import is not None,
    }


def _existing(stack: Stack, snapshot: Path | None, profile: str | None, region: str | None) -> dict[str, Existing]:
    from keywright._internal.cli.export.existing_keys import existing_keys, scanned_keys

    return existing_keys(stack, profile, region) if snapshot is None else scanned_keys(stack, snapshot, region)
