"""`keywright adopt`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.estate.options import AsJson, Regions
from keywright._internal.cli.keys.options import Profile, Yes
from keywright._internal.counting import counted
from keywright.errors import UnwritableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keywright._internal.adoption.adopt import Adoption
    from keywright._internal.adoption.owners import Owner
    from keywright._internal.adoption.selection import Selector
    from keywright._internal.adoption.tagging import Tagging
    from keywright._internal.estate.estate_reading import EstateReading
    from keywright._internal.estate.snapshot import NotRead, ScannedKey
    from keywright.errors import KeywrightError


def adopt(  # noqa: PLR0917 - an option each
    selector: Annotated[
        list[str] | None,
        typer.Argument(help="Keys: an ARN, an id, alias/NAME or tag:NAME=VALUE.", show_default=False),
    ] = None,
    stack: Annotated[str, typer.Option(help="The name of the stack that the keys will be.", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help="Every key that is read.")] = False,
    region: Regions = None,
    snapshot: Annotated[
        Path | None, typer.Option("--from", help="Read this snapshot of `keywright scan`, not AWS.", show_default=False)
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="The accounts of the targets of this keys file.", show_default=False)
    ] = None,
    tfstate: Annotated[
        list[Path] | None,
        typer.Option(help="A Terraform or OpenTofu state that may own keys. May be repeated.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="The keys file to write.")] = Path("keys.yaml"),
    release: Annotated[
        bool, typer.Option("--release", help="Let go: take the two tags away again. Needs no file.")
    ] = False,
    profile: Profile = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Write a keys file for keys that exist; with --yes also put the two tags by which they are found.

    Nothing else on AWS is changed, and a plan of the file is empty. Exit code 0: every selected key is adopted. 1: some
    are not, each with its reason. 2: something could not be read or written.
    """
    from keywright._internal.adoption.owners import state_owners
    from keywright._internal.adoption.selection import read_selector
    from keywright._internal.cli.estate.adopt_output import adoption_document, show_adoption

    selectors = [read_selector(text) for text in selector or ()]
    _check(stack, selectors, every=every, release=release)
    owners: dict[str, Owner] = {}
    for path in tfstate or ():
        owners |= state_owners(path)
    keys, roles, not_read = _read(snapshot, targets, region or (), selectors, profile)
    if release:
        _release(stack, keys, selectors, roles, profile, yes=yes, as_json=as_json)
        return
    adoption = _adopt(stack, keys, selectors, roles, owners, None if snapshot else _caller(keys, profile))
    if adoption.text:
        _write_file(out, adoption.text)
    failures = _tag(adoption, roles, profile) if yes else {}
    tagged = yes and not failures
    if as_json:
        typer.echo(json.dumps(adoption_document(adoption, out, failures, not_read, tagged=tagged)))
    else:
        show_adoption(adoption, out, failures, not_read, tagged=tagged)
    if failures or not_read:
        raise typer.Exit(2)
    if adoption.refused:
        raise typer.Exit(1)


def _check(stack: str, selectors: Sequence[Selector], *, every: bool, release: bool) -> None:
    from keywright._internal.model.stack import NAME

    if not NAME.fullmatch(stack):
        raise UsageError(
            "nothing says the name of the stack" if not stack else f"`{stack}` is not a name for a stack",
            "pass --stack with up to 64 letters, digits, `-`, `_` and `.`",
        )
    if bool(selectors) is every and not (release and not selectors):
        raise UsageError("name the keys, or pass --all", "see `keywright adopt --help`")


def _read(
    snapshot: Path | None,
    targets: Path | None,
    regions: Sequence[str],
    selectors: Sequence[Selector],
    profile: str | None,
) -> tuple[list[ScannedKey], dict[str, str | None], tuple[NotRead, ...]]:
    """The keys, the roles that reach their accounts, and what could not be read."""
    from keywright._internal.cli.regions import check_regions
    from keywright._internal.estate.estate_file import EstateFile

    check_regions(regions)
    if snapshot is not None and targets is not None:
        raise UsageError("`--targets` reads AWS, and `--from` a snapshot", "leave out one of them")
    if snapshot is not None:
        with EstateFile.read(snapshot) as estate:
            keys, roles = _all(estate)
            wanted = [key for key in keys if not regions or key.location.region in regions]
            return wanted, roles, estate.not_read()
    bound = {item.region for item in selectors}
    wanted_regions = set(regions) or ({item for item in bound if item} if bound and None not in bound else set())
    keys, roles, not_read = _scanned(wanted_regions, targets, profile)
    if wanted_regions:
        homes = {arn.split(":")[3] for key in keys if key.metadata for arn in _family(key)} - wanted_regions
        if homes:
            more, _, missed = _scanned(homes, targets, profile)
            keys, not_read = [*keys, *more], (*not_read, *missed)
    return keys, roles, not_read


def _family(key: ScannedKey) -> Iterable[str]:
    metadata = key.metadata
    return (
        () if metadata is None else (*metadata.replica_arns, *((metadata.primary_arn,) if metadata.primary_arn else ()))
    )


def _scanned(
    regions: Iterable[str], targets: Path | None, profile: str | None
) -> tuple[list[ScannedKey], dict[str, str | None], tuple[NotRead, ...]]:
    from keywright._internal.cli.estate.reading import read_into, scan_options
    from keywright._internal.cli.estate.reading import snapshot as opened

    options = scan_options(regions, targets=targets)
    with opened(None, options, resume=False) as estate:
        read_into(estate, options, profile)
        return (*_all(estate), estate.not_read())


def _all(estate: EstateReading) -> tuple[list[ScannedKey], dict[str, str | None]]:
    return list(estate.keys()), {item.account: item.role_arn for item in estate.accounts()}


def _adopt(
    stack: str,
    keys: Sequence[ScannedKey],
    selectors: Sequence[Selector],
    roles: Mapping[str, str | None],
    owners: Mapping[str, Owner],
    caller: str | None,
) -> Adoption:
    from keywright._internal.adoption.adopt import adopt as carry_out
    from keywright._internal.adoption.selection import select

    return carry_out(stack, select(keys, selectors), keys, roles=roles, owners=owners, caller=caller)


def _caller(keys: Sequence[ScannedKey], profile: str | None) -> str | None:
    """Whoever adopts the keys, and so will plan them; None where there is none to ask about."""
    from keywright._internal.aws import Cloud, Settings

    return Cloud(Settings(profile)).caller(region=keys[0].location.region).arn if keys else None


def _write_file(out: Path, text: str) -> None:
    """Write the file; the same text again is fine, so that an interrupted adoption can be run again."""
    try:
        if out.exists() and out.read_text(encoding="utf-8") != text:
            raise UnwritableFile(f"`{out}` exists and says something else", "name another file with --out")
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableFile(f"`{out}` can't be written: {(error.strerror or str(error)).lower()}") from error


def _tag(adoption: Adoption, roles: Mapping[str, str | None], profile: str | None) -> dict[str, KeywrightError]:
    from keywright._internal.adoption.tagging import Tagging

    changes = [Tagging(key, tags) for item in adoption.keys for key, tags in item.tags_to_write(adoption.stack)]
    return _carry_out(changes, roles, profile)


def _carry_out(
    changes: Sequence[Tagging], roles: Mapping[str, str | None], profile: str | None
) -> dict[str, KeywrightError]:
    from keywright._internal.adoption.tagging import write_tags
    from keywright._internal.aws import Cloud, Patience, Settings
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.lifecycle.waiting import Waits

    waits, progress = Waits(), Progress()
    with interruptible(waits, progress, as_json=False), progress:
        cloud = Cloud(Settings(profile), patience=Patience(sleep=waits.pause))
        return write_tags(cloud, changes, roles, progress, waits)


def _release(
    stack: str,
    keys: Sequence[ScannedKey],
    selectors: Sequence[Selector],
    roles: Mapping[str, str | None],
    profile: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    from keywright._internal.adoption.key_fields import IDENTITY
    from keywright._internal.adoption.selection import select
    from keywright._internal.adoption.tagging import Tagging
    from keywright._internal.cli.estate.adopt_output import FORMAT_VERSION, show_trouble
    from keywright._internal.lifecycle.target import GRANTS_TAG

    of_stack = [key for key in keys if key.tags.get(IDENTITY[0]) == stack]
    chosen = select(of_stack, selectors)
    own = (*IDENTITY, GRANTS_TAG)
    changes = [Tagging(key, {}, tuple(name for name in own if name in key.tags)) for key in chosen]
    failures = _carry_out(changes, roles, profile) if yes else {}
    done = [change.key.arn for change in changes if yes and change.key.arn not in failures]
    if as_json:
        document = {
            "format_version": FORMAT_VERSION,
            "stack": stack,
            "keys": [change.key.arn for change in changes],
            "released": done,
            "not_released": {arn: str(error) for arn, error in failures.items()},
        }
        typer.echo(json.dumps(document))
    else:
        if not yes:
            for change in changes:
                typer.echo(f"{change.key.arn}: remove the tags {', '.join(change.take)}")
            typer.echo("nothing on AWS is changed without --yes", err=True)
        show_trouble(failures, ())
        typer.echo(f"{counted(len(done), 'key')} of the stack {stack} released; the keys themselves are as they were")
    if failures:
        raise typer.Exit(2)
