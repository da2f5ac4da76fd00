"""Checking the key policies of Terraform plans, and of CloudFormation and CDK templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.cli.policy.checked import Checked
from keywright._internal.input_file import read_text
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from keywright._internal.cli.policy.checked import BarePolicy
    from keywright._internal.templates.template_policy import TemplatePolicy

_SUFFIXES = (".template.json", ".template", ".yaml", ".yml", ".json")


def of_templates(
    plans: Sequence[Path], templates: Sequence[Path], bare: BarePolicy
) -> tuple[list[Checked], list[tuple[Path, InputError]]]:
    """Every key policy of these files; one that can't be read doesn't keep the others from being checked."""
    checked: list[Checked] = []
    wrong: list[tuple[Path, InputError]] = []
    for path in (*plans, *_template_files(templates)):
        try:
            text = read_text(path)
            found = list(_policies(path, text, bare, is_plan=path in plans))
        except InputError as error:
            wrong.append((path, error))
            continue
        for item in found:
            try:
                checked.append(_examined(item, text.splitlines(), bare))
            except InputError as error:
                wrong.append((path, error))
    return checked, wrong


def _policies(path: Path, text: str, bare: BarePolicy, *, is_plan: bool) -> Iterator[TemplatePolicy]:
    from keywright._internal.templates.cloudformation import policies_of_template
    from keywright._internal.templates.terraform_plan import policies_of_plan

    if is_plan:
        return policies_of_plan(text, file=str(path), account=bare.account, region=bare.region)
    return policies_of_template(
        text, file=str(path), account=bare.account, region=bare.region, parameters=bare.parameters
    )


def _examined(found: TemplatePolicy, lines: Sequence[str], bare: BarePolicy) -> Checked:
    from keywright._internal.templates.examination import examine_template_policy

    examination = examine_template_policy(
        found,
        trusted_accounts=bare.trusted_accounts,
        trusted_organisations=bare.trusted_organisations,
        claims=bare.claims,
        caller=bare.caller,
    )

    def line_of(number: int) -> str | None:
        return lines[number - 1] if 0 < number <= len(lines) else None

    return Checked(found.location.file, examination, line_of, found.assumptions)


def _template_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Each path itself; of a folder, such as `cdk.out`, every template in it.

    Raises:
        InputError: for a folder without one.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        files = sorted(item for item in path.rglob("*") if item.is_file() and item.name.endswith(_SUFFIXES))
        made = [item for item in files if item.name.endswith(".template.json")] or files
        if not made:
            raise InputError(f"`{path}` holds no template", "name a template, or the folder that CDK writes")
        yield from made
