"""`keywright export stackset`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.export.folder import Out, require_room, write_files
from keywright._internal.cli.export.options import ByKey, LeaveOut, left_out_of_keys, warn_of_left_out
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Region
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from keywright._internal.export.stack_set import Rollout

_UNIT: Final = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}")

Accounts = Annotated[
    list[str] | None, typer.Option("--account", help="An account that gets the keys; may be repeated.")
]
Units = Annotated[
    list[str] | None,
    typer.Option("--ou", help="An organizational unit, or the root, whose accounts get the keys; may be repeated."),
]
Excluded = Annotated[list[str] | None, typer.Option("--exclude", help="With --ou: an account that is left out.")]
Concurrent = Annotated[
    str, typer.Option("--max-concurrent", help="In how many accounts at once: a number, or a percentage.")
]
Tolerated = Annotated[
    str, typer.Option("--failure-tolerance", help="In how many accounts it may fail before it stops.")
]
Joining = Annotated[
    bool, typer.Option(help="With --ou: whether accounts that join get the keys, without a command of yours.")
]


def stackset(  # noqa: PLR0917 - an option each
    file: File,
    out: Out = Path("stackset"),
    accounts: Accounts = None,
    units: Units = None,
    excluded: Excluded = None,
    max_concurrent: Concurrent = "10%",
    failure_tolerance: Tolerated = "0",
    auto_deployment: Joining = True,
    leave_out: LeaveOut = None,
    by_key: ByKey = False,
    only: OnlyKeys = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Write a CloudFormation stack set for the keys of each Region, and the requests that roll it out to accounts."""
    from keywright._internal.export.cloudformation import Layout
    from keywright._internal.export.functions import ACCOUNT, StandIns, unused_account
    from keywright._internal.export.stack_set import Preferences, stack_set_files
    from keywright._internal.export.stack_sets import Variant, stack_sets
    from keywright._internal.export.target_variants import target_variants
    from keywright._internal.keysfile.placed_problems import on_their_lines
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
    from keywright._internal.model.account_share import AccountShare
    from keywright.errors import InputError, UsageError

    preferences = Preferences(
        AccountShare.parse(max_concurrent, "a number for --max-concurrent"),
        AccountShare.parse(failure_tolerance, "a number for --failure-tolerance", least=0),
    )
    source = read_source(file)
    common = None
    if has_targets(source):
        if accounts or units or excluded:
            raise UsageError("the targets of the file say which accounts get the keys", "leave out --account and --ou")
        variants, common = target_variants(source)
    else:
        stack = stack_of(source)
        open_to = StandIns({unused_account(stack.model_dump_json()): ACCOUNT})
        variants = (Variant(stack, _rollout(accounts or [], units or [], excluded or []), open_to),)
    if only:
        variants = tuple(replace(item, stack=item.stack.only(only)) for item in variants)
        common = replace(common, stack=common.stack.only(only)) if common else None
    require_room(out)
    layout = Layout((STACK_TAG, KEY_TAG), region, None, by_key, tuple(leave_out or ()))
    try:
        sets = stack_sets(variants, layout, preferences, common=common, auto_deployment=auto_deployment)
        files = stack_set_files(sets)
    except InputError as error:
        raise on_their_lines(error, source) from error
    write_files(out, files)
    left_out = left_out_of_keys(variants[0].stack, layout.left_out)
    if as_json:
        described = [
            {
                "stack_set": item.name,
                "file": item.file.path,
                "region": item.template.region,
                "keys": [key.name for key in item.template.keys],
                "bytes": item.file.size,
                "needs_s3": item.file.needs_s3,
            }
            for item in sets
        ]
        print_document({"folder": str(out), "stack_sets": described, "left_out": left_out})
        return
    typer.echo(f"wrote {counted(len(sets), 'stack set')} of {counted(len(variants[0].stack.keys), 'key')} to {out}")
    for item in sets:
        typer.echo(f"  {item.file.path}: stack set {item.name}, {item.template.region}")
    warn_of_left_out(left_out)


def _rollout(accounts: list[str], units: list[str], excluded: list[str]) -> Rollout:
    from keywright._internal.export.stack_set import Rollout
    from keywright._internal.policy.rendering import check_account
    from keywright.errors import InputError, UsageError

    if bool(accounts) is bool(units):
        raise UsageError("a stack set goes to accounts or to organizational units", "pass --account or --ou")
    if excluded and not units:
        raise UsageError("--exclude leaves out accounts of organizational units", "pass --ou")
    for account in (*accounts, *excluded):
        check_account(account)
    for unit in units:
        if not _UNIT.fullmatch(unit):
            raise InputError(f"`{unit}` is not an organizational unit", "write its ID, for example `ou-abcd-12345678`")
    return Rollout(tuple(dict.fromkeys(accounts)), tuple(dict.fromkeys(units)), tuple(dict.fromkeys(excluded)))
