"""The command line: arguments in, exit code out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from keywright._internal.cli import conform, demo, estate, keys, release, sandbox
from keywright._internal.cli.cost import cost
from keywright._internal.cli.documents import print_document
from keywright._internal.cli.errors import errors
from keywright._internal.cli.export import export_app
from keywright._internal.cli.failure import FAILED, internal_error, show_error
from keywright._internal.cli.help_page import Sections
from keywright._internal.cli.init import init
from keywright._internal.cli.policy.commands import policy_app
from keywright._internal.cli.streams import prepare_streams
from keywright._internal.counting import counted
from keywright.errors import Cancelled, KeywrightError, UnwritableFile, UsageError

app = typer.Typer(
    name="keywright",
    cls=Sections,
    rich_markup_mode=None,
    help="Customer-managed AWS KMS keys: declared in one file, with key policies you can prove.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
_ON_AWS, _THERE, _OFFLINE, _TRY, _TRUST = (
    "Keys on AWS",
    "Keys that are there already",
    "Without AWS",
    "Try it",
    "Verify Keywright itself",
)
for command in (keys.plan, keys.apply, keys.verify, keys.output, keys.destroy, keys.restore, keys.replace):
    app.command(rich_help_panel=_ON_AWS)(command)
app.command(rich_help_panel=_THERE)(estate.scan)
app.command(rich_help_panel=_THERE)(estate.report)
app.command(rich_help_panel=_THERE)(estate.adopt)
app.command(rich_help_panel=_THERE)(estate.permissions)
app.command(rich_help_panel=_OFFLINE)(init)
app.add_typer(policy_app, name="policy", rich_help_panel=_OFFLINE)
app.add_typer(export_app, name="export", rich_help_panel=_OFFLINE)
app.command(rich_help_panel=_OFFLINE)(cost)
app.command(rich_help_panel=_OFFLINE)(errors)
app.command(rich_help_panel=_TRY)(demo.demo)
app.command(rich_help_panel=_TRY)(sandbox.sandbox)
app.command(rich_help_panel=_TRUST)(conform.conform)
app.command(rich_help_panel=_TRUST)(release.release)
app.command("verify-release", rich_help_panel=_TRUST)(release.verify_release)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"keywright {version('keywright')}")
        raise typer.Exit


@app.callback()
def _keywright(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    _verbose: Annotated[
        bool, typer.Option("--verbose", help="Show each AWS call on stderr, and tracebacks. Allowed anywhere.")
    ] = False,
) -> None:
    """Customer-managed AWS KMS keys: declared in one file, with key policies you can prove."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


File = Annotated[Path, typer.Argument(help="A keys file.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command(rich_help_panel=_OFFLINE)
def validate(file: File, as_json: AsJson = False) -> None:
    """Check a keys file and report every problem with its line."""
    from keywright._internal.keysfile.stack import load_stack

    stack = load_stack(file)
    if as_json:
        print_document({"stack": stack.name, "keys": sorted(stack.keys)})
    else:
        typer.echo(f"{file}: {counted(len(stack.keys), 'key')}, no problems")


@app.command(rich_help_panel=_OFFLINE)
def schema() -> None:
    """Print the JSON Schema of a keys file, for editors."""
    from keywright._internal.keysfile.schema import file_schema

    typer.echo(json.dumps(file_schema(), indent=2))


def main() -> None:
    """Run the command line: 0 done or yes, 1 no, 2 an error, 130 interrupted. Tracebacks only with `--verbose`."""
    prepare_streams()
    arguments, verbose = _without_verbose(sys.argv[1:])
    as_json = "--json" in arguments
    if verbose:
        _log_calls()
    try:
        code = app(arguments, prog_name="keywright", standalone_mode=False)
    except KeywrightError as error:
        _end(error, as_json=as_json, verbose=verbose)
    except TyperException as error:
        _end(_usage_error(error), as_json=as_json, verbose=verbose)
    except typer.Abort:
        _end(Cancelled("cancelled: nothing was changed", "answer `y`, or pass --yes"), as_json=as_json)
    except OSError as error:
        # Files are read and written where their errors become ours: what is left is the output itself.
        what = f"`{error.filename}`" if error.filename else "the output"
        _end(UnwritableFile(f"{what} can't be written: {(error.strerror or str(error)).lower()}"), verbose=verbose)
    except Exception as error:  # noqa: BLE001 - a defect of ours: one line, unless more is asked for
        _end(internal_error(error), as_json=as_json, verbose=verbose)
    sys.exit(code)


def _end(error: KeywrightError, *, as_json: bool = False, verbose: bool = False) -> NoReturn:
    show_error(error, as_json=as_json, verbose=verbose)
    sys.exit(FAILED)


def _usage_error(error: TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "keywright"
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], f"see `{command} --help`")


def _without_verbose(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without `--verbose`, which may stand anywhere before a `--`, and whether it was there."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [item for item in arguments[:end] if item != "--verbose"]
    return [*kept, *arguments[end:]], len(kept) < end


def _log_calls() -> None:
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("keywright")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
