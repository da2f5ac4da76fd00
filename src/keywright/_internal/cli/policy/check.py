"""`keywright policy check`: what is wrong with key policies, and which claims hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.policy.reading import is_key_policy, key_policy, policy_files
from keywright.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keywright._internal.proof.examination import Examination


@dataclass(frozen=True, slots=True)
class _Checked:
    """One policy's examination, the file it stands in and that file's lines."""

    file: str
    examination: Examination
    line_of: Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class _BarePolicy:
    """What the command says of policies that stand in no keys file."""

    account: str | None
    region: str | None
    trusted_accounts: Sequence[str]
    trusted_organisations: Sequence[str]
    claims: Sequence[str]
    caller: str | None

    @property
    def says_more_than_the_account(self) -> bool:
        """Whether something is said that a keys file says itself."""
        return any((self.region, self.trusted_accounts, self.trusted_organisations, self.claims, self.caller))


def check(  # noqa: PLR0917 - an option each
    file: Annotated[
        Path | None, typer.Argument(help="A keys file, or a key policy; - reads standard input.", show_default=False)
    ] = None,
    policy: Annotated[
        list[Path] | None,
        typer.Option(help="A key policy, JSON, or a folder of them. Repeatable.", show_default=False),
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="A key of the keys file, in place of all. Repeatable.", show_default=False)
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="The account of keys that state none, or of a policy's.", show_default=False)
    ] = None,
    region: Annotated[str | None, typer.Option(help="The Region of a policy's key.", show_default=False)] = None,
    trusted_account: Annotated[
        list[str] | None,
        typer.Option(help="In place of those a policy names. Repeatable.", show_default=False),
    ] = None,
    trusted_org: Annotated[
        list[str] | None,
        typer.Option(help="In place of those a policy names. Repeatable.", show_default=False),
    ] = None,
    claim: Annotated[
        list[str] | None, typer.Option(help="A claim to decide on a policy. Repeatable.", show_default=False)
    ] = None,
    caller: Annotated[
        str | None,
        typer.Option(
            help="Who would put a policy, by ARN: whether he could change it again is decided.", show_default=False
        ),
    ] = None,
    pedantic: Annotated[bool, typer.Option("--pedantic", help="Show harmless remarks too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0; exits 0 whatever was found.")] = False,
) -> None:
    """Check key policies: findings with their line; claims proved, refuted by a request, or unknown.

    Exit code 0: nothing that counts. 1: a claim is refuted, or a finding is of medium severity or above. 2: bad
    input; every policy that can be read is checked all the same. With `--sarif` the results are for the reader of
    that file to judge, so what is found doesn't change the exit code.
    """
    if (file is None) is (not policy):
        raise UsageError("give a keys file or a key policy", "see `keywright policy check --help`")
    _check_numbers([account] if account else [], trusted_account or ())
    bare = _BarePolicy(account, region, trusted_account or (), trusted_org or (), claim or (), caller)
    wrong: list[tuple[Path, InputError]] = []
    if file is not None and not is_key_policy(file):
        if bare.says_more_than_the_account:
            message = "`--region`, `--trusted-…`, `--claim` and `--caller` are for a key policy"
            raise UsageError(message, "the keys file says it itself")
        checked = _of_keys(file, account, key or ())
    else:
        if key:
            raise UsageError("`--key` is for a keys file", "a policy is checked whole")
        if file is not None:
            named = "standard input" if str(file) == "-" else str(file)
            typer.echo(f"{named} is a key policy, not a keys file: checked as a policy", err=True)
        checked, wrong = _of_policies(policy_files(policy or ([file] if file else [])), bare)
    if sarif:
        from keywright._internal.proof.sarif import as_sarif

        pairs = [(item.file, item.examination) for item in checked]
        typer.echo(json.dumps(as_sarif(pairs, pedantic=pedantic), indent=2))
        _complain(wrong)
    elif as_json:
        print_document(_document(checked, wrong, pedantic=pedantic))
    else:
        _show(checked, pedantic=pedantic)
        _complain(wrong)
    if wrong:
        raise typer.Exit(2)
    if not sarif and not all(item.examination.passed for item in checked):
        raise typer.Exit(1)


def _of_keys(file: Path, account: str | None, keys: Sequence[str]) -> list[_Checked]:
    from keywright._internal.keysfile.examination import examine_file
    from keywright._internal.keysfile.source import read_source

    source = read_source(file)

    def line_of(number: int) -> str | None:
        return source.lines[number - 1] if 0 < number <= len(source.lines) else None

    return [_Checked(source.file, item, line_of) for item in examine_file(source, account=account, keys=keys)]


def _of_policies(files: Iterable[Path], bare: _BarePolicy) -> tuple[list[_Checked], list[tuple[Path, InputError]]]:
    from keywright._internal.proof.examination import examine_policy

    checked: list[_Checked] = []
    wrong: list[tuple[Path, InputError]] = []
    for path in files:
        try:
            parsed = key_policy(path)
            examination = examine_policy(
                parsed,
                account=bare.account,
                region=bare.region,
                trusted_accounts=bare.trusted_accounts,
                trusted_organisations=bare.trusted_organisations,
                claims=bare.claims,
                caller=bare.caller,
            )
        except InputError as error:
            wrong.append((path, error))
        else:
            checked.append(_Checked(parsed.file, examination, parsed.source_line))
    return checked, wrong


def _check_numbers(*groups: Sequence[str]) -> None:
    for number in (item for group in groups for item in group):
        if not re.fullmatch(r"\d{12}", number):
            raise InputError(f"`{number}` is not an account", "write its twelve digits")


def _document(
    checked: Sequence[_Checked], wrong: Sequence[tuple[Path, InputError]], *, pedantic: bool
) -> dict[str, Any]:
    return {
        "passed": not wrong and all(item.examination.passed for item in checked),
        "policies": [{"file": item.file, **item.examination.as_document(pedantic=pedantic)} for item in checked],
        "unreadable": [
            {
                "file": str(path),
                "message": error.message,
                "remedy": error.remedy,
                "problems": [problem.as_document() for problem in error.problems],
            }
            for path, error in wrong
        ],
    }


def _show(checked: Sequence[_Checked], *, pedantic: bool) -> None:
    from keywright._internal.cli.policy.text import examination_text, summary

    for item in checked:
        text = examination_text(item.examination, item.line_of, pedantic=pedantic)
        if text and (len(checked) == 1 or not item.examination.passed):
            typer.echo(text + "\n")
    for item in checked:
        typer.echo(summary(item.examination))


def _complain(wrong: Iterable[tuple[Path, InputError]]) -> None:
    for _, error in wrong:
        typer.echo(f"error: {error}", err=True)
