"""The command line: arguments in, exit code out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from keywright._internal.cli import conform, demo, keys, release, sandbox
from keywright._internal.cli.counting import counted
from keywright._internal.cli.export import export_app
from keywright._internal.cli.init import init
from keywright._internal.cli.policy.commands import policy_app
from keywright.errors import InputError, KeywrightError

app = typer.Typer(
    name="keywright",
    help="Customer-managed AWS KMS keys: declared in one file, with key policies you can prove.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(policy_app, name="policy")
app.add_typer(export_app, name="export")
app.command()(init)
for command in (keys.plan, keys.apply, keys.verify, keys.output, keys.destroy, keys.restore, keys.replace):
    app.command()(command)
app.command()(sandbox.sandbox)
app.command()(conform.conform)
app.command()(release.release)
app.command("verify-release")(release.verify_release)
app.command()(demo.demo)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"keywright {version('keywright')}")
        raise typer.Exit


@app.callback()
def _keywright(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Customer-managed AWS KMS keys: declared in one file, with key policies you can prove."""


File = Annotated[Path, typer.Argument(help="A file of keys.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def validate(file: File, as_json: AsJson = False) -> None:
    """Check a file of keys and report every problem with its line."""
    from keywright._internal.keysfile.stack import load_stack

    stack = load_stack(file)
    if as_json:
        typer.echo(json.dumps({"stack": stack.name, "keys": sorted(stack.keys)}))
    else:
        typer.echo(f"{file}: {counted(len(stack.keys), 'key')}, no problems")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a file of keys, for editors."""
    from keywright._internal.keysfile.schema import file_schema

    typer.echo(json.dumps(file_schema(), indent=2))


def main() -> None:
    """Run the command line; an error of ours ends in its message on stderr and exit code 2."""
    as_json = "--json" in sys.argv[1:]
    try:
        code = app(standalone_mode=not as_json)  # alone it would print bad usage as text, whatever was asked for
    except KeywrightError as error:
        _fail(error, as_json=as_json)
    except TyperException as error:
        _fail(InputError(str(error), "see --help"), as_json=as_json)
    except typer.Abort:
        _fail(KeywrightError("nothing was done: nobody agreed to it", "answer `y`, or pass --yes"), as_json=as_json)
    except OSError as error:
        # Files are read and written where their errors become ours: what is left is the output itself.
        what = f"`{error.filename}`" if error.filename else "the output"
        _fail(KeywrightError(f"{what} can't be written: {(error.strerror or str(error)).lower()}"), as_json=False)
    sys.exit(code)


def _fail(error: KeywrightError, *, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"error": _document(error)}))
    else:
        typer.echo(_text(error), err=True)
    sys.exit(2)


def _document(error: KeywrightError) -> dict[str, object]:
    problems = error.problems if isinstance(error, InputError) else ()
    return {
        "message": error.message,
        "remedy": error.remedy,
        "problems": [problem.as_document() for problem in problems],
    }


def _text(error: KeywrightError) -> str:
    lines = [f"error: {error.message}"]
    if error.remedy:
        lines.append(f"  {error.remedy}")
    for problem in error.problems if isinstance(error, InputError) else ():
        value = "" if problem.value is None else f" `{str(problem.value)[:80]}`"
        place = f"{problem.location}: " if problem.location else ""
        what = f"{problem.field}{value}: " if problem.field or value else ""
        lines += ["", f"{place}{what}{problem.message}"]
        if problem.source_line is not None and problem.location is not None:
            lines += _pointed_at(problem.source_line, problem.location.column - 1)
        if problem.remedy:
            lines.append(f"  {problem.remedy}")
    return "\n".join(lines)


_MOST_SHOWN = 160


def _pointed_at(line: str, at: int) -> list[str]:
    """A line of a file with a mark below the place; of a long one the part around it. Tabs keep their width."""
    start = max(0, at - _MOST_SHOWN // 2) if len(line) > _MOST_SHOWN else 0
    shown = line[start : start + _MOST_SHOWN]
    margin = "".join("\t" if character == "\t" else " " for character in line[start:at])
    return [f"  {shown}", f"  {margin}^"]
