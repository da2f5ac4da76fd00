"""`keywright rename`."""

from __future__ import annotations

from typing import Annotated

import typer

from keywright._internal.cli.keys.confirmation import confirm, need_confirmation
from keywright._internal.cli.keys.options import AsJson, Profile, Yes
from keywright._internal.counting import counted


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="`STACK/KEY`, or a whole `STACK`.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name, of the same form.", show_default=False)],
    profile: Profile = None,
    region: Annotated[str | None, typer.Option(help="Look in this Region alone, in place of all.")] = None,
    assume_role_arn: Annotated[str | None, typer.Option(help="A role of the keys' account.")] = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Rename a key or a stack on AWS: move its `keywright:` tags, and nothing else."""
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.lifecycle.renaming import Identity, find_renames
    from keywright._internal.lifecycle.renaming import rename as carry_out
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    before, after = Identity.parse(old), Identity.parse(new)
    need_confirmation("rename", yes=yes)
    progress = Progress()
    session = Session((), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        cloud = session.cloud()
        found = find_renames(cloud, before, after, region=region, role_arn=assume_role_arn)
        for item in found.members:
            render.show_line("~", item.summary, err=True)
        for place, reason in sorted(found.unsearched.items()):
            typer.echo(f"note: {place} couldn't be searched: {reason}", err=True)
        if found.members and not yes:
            confirm(f"Rename {counted(len(found.members), 'key')}?")
        outcomes = carry_out(cloud, found, progress, session.waits, role_arn=assume_role_arn)
    render.finish(outcomes, as_json=as_json, title="Rename", changed="renamed")
