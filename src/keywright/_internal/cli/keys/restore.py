"""`keywright restore`."""

from __future__ import annotations

from keywright._internal.cli.keys.options import AsJson, File, OnlyKey, Profile, Region


def restore(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Cancel the deletion of the keys, enable them, and put their aliases back. Never makes a key."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.restoration import restore as carry_out

    looking = Session(key, profile, region)
    progress = Progress()
    with interruptible(looking.waits, progress, as_json=as_json):
        view = looking.at_file(file)
        with progress:
            outcomes = carry_out(
                view.cloud, view.targets, view.observation, progress, view.waits, all_targets=view.all_targets
            )
    showing.finish(showing.add_unlocated(outcomes, view), as_json, verb="restored")
