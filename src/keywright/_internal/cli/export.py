"""`keywright export`: the keys of a file in another tool's language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from keywright._internal.cli.command_group import CommandGroup, Table, command_group
from keywright._internal.cli.documents import print_document
from keywright._internal.cli.keys.options import AsJson, File, Profile, Region
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from keywright._internal.model.stack import Stack
    from keywright._internal.terraform.export import Existing


class _Export(CommandGroup):
    table: ClassVar[Table] = {"Commands": {"terraform": "export:terraform"}}


export_app = command_group(_Export, "Export a keys file to another tool.")

Source = Annotated[
    str | None,
    typer.Option(
        help="The source of the module `aws-kms`: a path, a Git URL or a registry address.", show_default=False
    ),
]
Out = Annotated[Path, typer.Option(help="The folder to write; it must not exist, or be empty.")]
Import = Annotated[bool, typer.Option("--import", help="Read AWS, and write `import` blocks for the keys that exist.")]


def terraform(
    file: File,
    out: Out = Path("terraform"),
    source: Source = None,
    with_imports: Import = False,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Write a Terraform root module that calls `aws-kms` for each key, with a provider for each account and Region."""
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
    from keywright._internal.terraform.export import root_module
    from keywright._internal.terraform.module import module_source
    from keywright.errors import UnwritableFile

    stack = load_stack(file)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UnwritableFile(f"`{out}` exists and is not empty", "name another folder with --out")
    existing = _existing(stack, profile, region) if with_imports else None
    files = root_module(
        stack,
        source or module_source(out),
        identity_tags=(STACK_TAG, KEY_TAG),
        default_region=region,
        existing=existing,
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    if as_json:
        print_document({"folder": str(out), "files": sorted(files), "imported": sorted(existing or {})})
    else:
        typer.echo(f"wrote {counted(len(stack.keys), 'key')} to {out}; next: terraform -chdir={out} init")


def _existing(stack: Stack, profile: str | None, region: str | None) -> dict[str, Existing]:
    from keywright._internal.lifecycle.grants import granted
    from keywright._internal.lifecycle.outputs import outputs_of
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.terraform.export import Existing

    view = Session((), profile, region).at(stack)
    for error in view.failures.values():
        raise error
    found: dict[str, Existing] = {}
    for target in view.targets:
        state = view.observation.states[target.name]
        if state.live:
            outputs = outputs_of(target, state)
            aliases = tuple(arn.rpartition(":")[2] for arn in outputs["alias_arns"])
            replicas = tuple(item for item in outputs["replica_key_arns"] if item in target.key.replica_regions)
            grants = granted(target, state.live[0])
            found[target.name] = Existing(outputs["key_id"], aliases, replicas, grants)
    return found
