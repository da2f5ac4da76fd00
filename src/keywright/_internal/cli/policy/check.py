"""`keywright policy check`: what is wrong with key policies, and which claims hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cache.proof_cache import proof_cache
from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.options import Scheduler
from keywright._internal.cli.keys.options import NoCache
from keywright._internal.cli.policy.checked import BarePolicy, Checked
from keywright._internal.cli.policy.reading import is_key_policy, key_policy, policy_files
from keywright._internal.cli.printable import say
from keywright._internal.policy.json_positions import source_line
from keywright.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.keysfile.source import Source
    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.examination import Examination
    from keywright._internal.proof.memory import Memory


_Examiner = Callable[["Iterable[DeclaredPolicy]"], "Iterator[tuple[DeclaredPolicy, Examination]]"]
_MANY = 3_000
"""So many policies take longer to examine, about 2 ms each, than two processes take to start and be told of them."""
_Found = tuple[list["Checked"], list[tuple[Path, InputError]]]
"""What was found out, and which files can't be read."""


def check(  # noqa: PLR0917 - an option each
    file: Annotated[
        Path | None, typer.Argument(help="A keys file, or a key policy; - reads standard input.", show_default=False)
    ] = None,
    policy: Annotated[
        list[Path] | None,
        typer.Option(help="A key policy, JSON, or a folder of them. Repeatable.", show_default=False),
    ] = None,
    terraform_plan: Annotated[
        list[Path] | None,
        typer.Option(help="A plan as `terraform show -json` prints it: every key policy in it.", show_default=False),
    ] = None,
    cloudformation: Annotated[
        list[Path] | None,
        typer.Option(help="A CloudFormation or CDK template, or a folder such as cdk.out.", show_default=False),
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option(help="A template's parameter, as Name=Value. Repeatable.", show_default=False)
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
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A snapshot of `scan --iam`, over which claims `… (with iam)` of a keys file are decided.",
            show_default=False,
        ),
    ] = None,
    no_cache: NoCache = False,
    scheduler: Scheduler = None,
    pedantic: Annotated[bool, typer.Option("--pedantic", help="Show harmless remarks too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0; exits 0 whatever was found.")] = False,
) -> None:
    """Check key policies: findings with their line; claims proved, refuted by a request, or unknown.

    A keys file, policies, plans and templates may be checked together. Exit code 0: nothing that counts. 1: a claim
    is refuted, or a finding is of medium severity or above. 2: bad input; every policy that can be read is checked
    all the same. With `--sarif` the results are for the reader of that file to judge, so what is found doesn't change
    the exit code.
    """
    bare_policies = bool(policy or terraform_plan or cloudformation)
    if file is None and not bare_policies:
        raise UsageError("give a keys file, a key policy, a plan or a template", "see `keywright policy check --help`")
    _check_numbers([account] if account else [], trusted_account or ())
    parameters = _parameters(parameter or ())
    bare = BarePolicy(account, region, trusted_account or (), trusted_org or (), claim or (), caller, parameters)
    if file is None and key:
        raise UsageError("`--key` is for a keys file", "a policy is checked whole")
    found: list[_Found] = []
    with proof_cache(wanted=not no_cache) as memory:
        if file is not None:
            found.append(_of_file(file, key or (), bare, snapshot, memory, scheduler, alone=not bare_policies))
        if policy:
            found.append(_of_policies(policy_files(policy), bare, memory))
    found.append(_of_templates(terraform_plan or (), cloudformation or (), bare))
    checked = [item for part, _ in found for item in part]
    wrong = [item for _, part in found for item in part]
    if sarif:
        from keywright._internal.proof.sarif import as_sarif

        pairs = [(item.file, item.examination) for item in checked]
        typer.echo(json.dumps(as_sarif(pairs, pedantic=pedantic), indent=2))
        _complain(wrong)
    elif as_json:
        print_document(_document(checked, wrong, pedantic=pedantic))
    else:
        _show(checked, pedantic=pedantic)
        if not checked and not wrong:
            say("no key policy in what was read")
        _complain(wrong)
    if wrong:
        raise typer.Exit(2)
    if not sarif and not all(item.examination.passed for item in checked):
        raise typer.Exit(1)


def _of_templates(plans: Sequence[Path], templates: Sequence[Path], bare: BarePolicy) -> _Found:
    if not plans and not templates:
        return [], []
    from keywright._internal.cli.policy.templates import of_templates

    return of_templates(plans, templates, bare)


def _of_file(
    file: Path,
    keys: Sequence[str],
    bare: BarePolicy,
    snapshot: Path | None,
    memory: Memory | None,
    scheduler: str | None,
    *,
    alone: bool,
) -> _Found:
    """A keys file, or a key policy that was given in its place."""
    if not is_key_policy(file):
        if alone and bare.says_more_than_the_account:
            message = "`--region`, `--trusted-…`, `--claim` and `--caller` are for a key policy"
            raise UsageError(message, "the keys file says it itself")
        return _of_keys(file, bare.account, keys, snapshot, memory, scheduler), []
    if keys:
        raise UsageError("`--key` is for a keys file", "a policy is checked whole")
    named = "standard input" if str(file) == "-" else str(file)
    say(f"{named} is a key policy, not a keys file: checked as a policy", err=True)
    return _of_policies(policy_files([file]), bare, memory)


def _of_keys(
    file: Path,
    account: str | None,
    keys: Sequence[str],
    snapshot: Path | None,
    memory: Memory | None,
    scheduler: str | None,
) -> list[Checked]:
    from keywright._internal.cli.fleet.workers import check_scheduler_option
    from keywright._internal.keysfile.examination import declared_in, in_file
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.targets import has_targets, targets_of

    check_scheduler_option(scheduler)
    source = read_source(file)
    if has_targets(source) and snapshot is not None:
        raise UsageError("`--from` is for a file without targets", "leave it out")

    line_of = partial(source_line, source.lines)
    deployments = targets_of(source).offline(account) if has_targets(source) else ()
    policies = (
        (policy for item in deployments for policy in declared_in(source, keys=keys, deployment=item))
        if deployments
        else declared_in(source, account=account, keys=keys)
    )
    about = len(keys or source.value["keys"]) * max(1, len(deployments))
    with _examiner(about, source.file, memory, scheduler) as examine:
        found = [
            replace(item, subject=f"{item.subject} in account {policy.location.account}") if deployments else item
            for policy, item in in_file(source, examine(policies))
        ]
    if snapshot is not None:
        found = _over_snapshot(found, source, account, keys, snapshot)
    return [Checked(source.file, item, line_of) for item in found]


@contextmanager
def _examiner(policies: int, file: str, memory: Memory | None, scheduler: str | None) -> Iterator[_Examiner]:
    """What examines policies: this process, where there are many others of this machine, or a cluster's workers."""
    if scheduler is None and policies < _MANY:
        from keywright._internal.proof.declared_policies import examine_all

        yield partial(examine_all, file=file, memory=memory)
        return
    from keywright._internal.cli.fleet.workers import workers_for
    from keywright._internal.fleet.executors import local_processors
    from keywright._internal.fleet.proof_work import examine_by

    with workers_for(scheduler, partial(local_processors, worth_it=True)) as workers:
        yield partial(examine_by, workers, file=file, no_cache=memory is None)


def _over_snapshot(
    found: Iterable[Examination], source: Source, account: str | None, keys: Sequence[str], snapshot: Path
) -> list[Examination]:
    """The examinations with claims about effective access decided."""
    from keywright._internal.access.claims import with_snapshot
    from keywright._internal.access.loading import load
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.policy.stack_policies import stack_policies

    with EstateFile.read(snapshot) as estate:
        known = load(estate)
    stack = stack_of(source)
    policies = stack_policies(stack.only(keys) if keys else stack, account=account)
    return [
        replace(item, claims=with_snapshot(item.claims, policy, stack.name, known))
        for item, policy in zip(found, policies, strict=True)
    ]


def _of_policies(files: Iterable[Path], bare: BarePolicy, memory: Memory | None) -> _Found:
    from keywright._internal.proof.examination import examine_policy

    checked: list[Checked] = []
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
                memory=memory,
            )
        except InputError as error:
            wrong.append((path, error))
        else:
            checked.append(Checked(parsed.file, examination, parsed.source_line))
    return checked, wrong


def _parameters(written: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in written:
        name, equals, value = item.partition("=")
        if not name or not equals:
            raise UsageError(f"`{item}` is not a parameter", "write `--parameter Name=Value`")
        found[name] = value
    return found


def _check_numbers(*groups: Sequence[str]) -> None:
    for number in (item for group in groups for item in group):
        if not re.fullmatch(r"\d{12}", number):
            raise InputError(f"`{number}` is not an account", "write its twelve digits")


def _document(
    checked: Sequence[Checked], wrong: Sequence[tuple[Path, InputError]], *, pedantic: bool
) -> dict[str, Any]:
    return {
        "passed": not wrong and all(item.examination.passed for item in checked),
        "policies": [
            {
                "file": item.file,
                **item.examination.as_document(pedantic=pedantic),
                **({"assumptions": list(item.assumptions)} if item.assumptions else {}),
            }
            for item in checked
        ],
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


def _show(checked: Sequence[Checked], *, pedantic: bool) -> None:
    from keywright._internal.cli.policy.text import examination_text, summary

    for item in checked:
        text = examination_text(item.examination, item.line_of, pedantic=pedantic)
        if text and (len(checked) == 1 or not item.examination.passed or _is_open(item)):
            say(text + "\n")
    several = len({item.file for item in checked if item.file != item.examination.subject}) > 1
    for item in checked:
        say(f"{item.file}: {summary(item.examination)}" if several else summary(item.examination))
        for assumption in item.assumptions:
            say(f"  assuming: {assumption}")


def _is_open(item: Checked) -> bool:
    """Whether something about the policy isn't known, which passes and is said."""
    return any(claim.verdict.value == "UNKNOWN" for claim in item.examination.claims)


def _complain(wrong: Iterable[tuple[Path, InputError]]) -> None:
    for _, error in wrong:
        say(f"error: {error}", err=True)
