"""`keywright conform`: the gates, and the verification card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.extras import require_extra
from keywright.errors import UsageError

if TYPE_CHECKING:
    from keywright._internal.conformance.results import Gate, Verification
    from keywright._internal.conformance.source import SourceTree

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="The folder of a module or of a release. Default: terraform/aws-kms, or the current folder.",
        show_default=False,
    ),
]
AllowedSkipped = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-skipped",
        help="A gate that may be skipped without failing the verdict; shown on the card. Repeatable.",
        metavar="GATE",
    ),
]
KeysFiles = Annotated[
    list[Path] | None,
    typer.Option("--keys", help="A keys file to prove, or a folder of them. Default: the repository's examples."),
]
LiveOn = Annotated[
    str, typer.Option("--live", help="Where the live test runs: sandbox, or aws (real keys, real costs).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

_MARKS = {"passed": "✓", "failed": "✗", "skipped": "-"}


def conform(
    module_dir: Folder = None,
    as_json: AsJson = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the verification card into this folder.", metavar="DIR")
    ] = None,
    allow_skipped: AllowedSkipped = None,
    only: Annotated[list[str] | None, typer.Option(help="Run only this gate. Repeatable.", metavar="GATE")] = None,
    keys: KeysFiles = None,
    live: LiveOn = "sandbox",
) -> None:
    """Run every gate on the module and write the verification card; exit 1 unless all passed.

    A gate whose tool is missing is skipped, and the verdict is then `incomplete`.
    """
    require_extra("conform", "`keywright conform`")
    verification = verify_module(module_dir, allow_skipped or (), only or (), keys or (), live)
    if out is not None:
        from keywright._internal.report.files import write_card

        for path in write_card(verification, out):
            typer.echo(f"wrote {path}", err=True)
    if as_json:
        print_document(gates_document(verification))
    else:
        typer.echo(_summary(verification))
    if verification.verdict != "passed":
        raise typer.Exit(1)


def verify_module(
    folder: Path | None,
    allowed_skipped: list[str] | tuple[()],
    only: list[str] | tuple[()],
    keys: list[Path] | tuple[()],
    live: str,
) -> Verification:
    """Run the gates, telling of each on stderr.

    Raises:
        InputError: the module, a gate's name or the place of the live test is not understood.
    """
    from keywright._internal.conformance.conform import Choice, gate_names
    from keywright._internal.conformance.conform import conform as run_gates
    from keywright._internal.conformance.module import find_module
    from keywright._internal.conformance.workspace import working_place

    if live not in {"sandbox", "aws"}:
        raise UsageError(f"the live test can't run on `{live}`", "write `--live sandbox` or `--live aws`")
    choice = Choice(gate_names(only), gate_names(allowed_skipped))
    module = find_module(folder, keys)
    with working_place(module, live="aws" if live == "aws" else "sandbox") as bench:
        return run_gates(bench, choice, _tell)


def run_gates_on(tree: SourceTree, allowed_skipped: list[str]) -> Verification:
    """Run all gates on the module of a commit, with the keys files of the working tree.

    Raises:
        InputError: a gate's name is not understood.
    """
    from keywright._internal.conformance.conform import Choice, gate_names
    from keywright._internal.conformance.conform import conform as run_gates
    from keywright._internal.conformance.module import KEYWRIGHTS_OWN, find_module
    from keywright._internal.conformance.source import repository_of
    from keywright._internal.conformance.workspace import working_place

    choice = Choice(allowed_skipped=gate_names(allowed_skipped))
    root = repository_of(Path.cwd()) or Path()
    with working_place(replace(find_module(root / KEYWRIGHTS_OWN), tree=tree)) as bench:
        return run_gates(bench, choice, _tell)


def gates_document(verification: Verification) -> dict[str, Any]:
    """What `--json` prints; `verification.json` has more."""
    fields = {"name", "verdict", "tool", "seconds", "evidence"}
    return {
        "verdict": verification.verdict,
        "gates": [gate.model_dump(mode="json", include=fields) for gate in verification.gates],
    }


def _tell(gate: Gate) -> None:
    typer.echo(f"{_MARKS[gate.verdict]} {gate.name:<14} {gate.verdict} in {gate.seconds:.1f} s", err=True)


def _summary(verification: Verification) -> str:
    lines: list[str] = []
    for gate in verification.gates:
        allowed = " (by choice)" if gate.verdict == "skipped" and gate.name in verification.allowed_skipped else ""
        lines.append(f"{_MARKS[gate.verdict]} {gate.name:<14} {gate.verdict}{allowed}: {gate.evidence}")
        lines += [f"    {finding}" for finding in gate.findings]
    return "\n".join([*lines, "", f"{verification.subject.module}: {verification.verdict}"])
