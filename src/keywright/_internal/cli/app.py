"""The command line: arguments in, exit code out."""

from __future__ import annotations

import sys
from typing import Annotated, ClassVar, NoReturn

import typer
from typer.exceptions import TyperException

from keywright._internal.cli.command_group import CommandGroup, Table, show_help
from keywright._internal.cli.failure import FAILED, internal_error, show_error
from keywright._internal.cli.start import start_quickly
from keywright._internal.cli.streams import prepare_streams
from keywright.errors import Cancelled, KeywrightError, UnwritableFile, UsageError


class _Keywright(CommandGroup):
    table: ClassVar[Table] = {
        "Keys on AWS": {
            "plan": "keys.plan:plan",
            "apply": "keys.apply:apply",
            "verify": "keys.verify:verify",
            "drift": "keys.drift:drift",
            "output": "keys.output:output",
            "destroy": "keys.destroy:destroy",
            "restore": "keys.restore:restore",
            "replace": "keys.replace:replace",
            "rename": "keys.rename:rename",
        },
        "Keys that are there already": {
            "scan": "estate.scan:scan",
            "report": "estate.report:report",
            "adopt": "estate.adopt:adopt",
            "permissions": "estate.permissions:permissions",
            "who-can": "access.who_can:who_can",
            "why": "access.why:why",
            "review": "access.review:review",
            "import": "access.importing:import_",
        },
        "Without AWS": {
            "init": "init:init",
            "validate": "validate:validate",
            "schema": "validate:schema",
            "policy": "policy.commands:policy_app",
            "export": "export.commands:export_app",
            "cost": "cost:cost",
            "errors": "errors:errors",
        },
        "Try it": {
            "demo": "demo:demo",
            "sandbox": "sandbox:sandbox",
        },
        "Verify Keywright itself": {
            "conform": "conform:conform",
            "release": "release:release",
            "verify-release": "release:verify_release",
        },
    }


app = typer.Typer(
    name="keywright",
    cls=_Keywright,
    rich_markup_mode=None,
    help="Customer-managed AWS KMS keys: declared in one file, with key policies you can prove.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


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
    show_help(context)


def main() -> None:
    """Run the command line: 0 done or yes, 1 no, 2 an error, 130 interrupted. Tracebacks only with `--verbose`."""
    start_quickly()
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
