"""Checking the key policies of Terraform plans, and of CloudFormation and CDK templates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from keywright._internal.cli.policy.checked import Checked
from keywright._internal.input_file import read_text
from keywright._internal.policy.json_positions import source_line
from keywright._internal.templates.cdk_manifest import Environment, assets, environments
from keywright._internal.templates.cloudformation import (
    Deployment,
    exports_of_template,
    policies_of_template,
    said_parameters,
)
from keywright._internal.templates.examination import examine_template_policy
from keywright._internal.templates.terraform_plan import policies_of_plan
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright._internal.cli.policy.checked import BarePolicy
    from keywright._internal.templates.nodes import Node
    from keywright._internal.templates.template_policy import TemplatePolicy

_SUFFIXES = (".template.json", ".template", ".yaml", ".yml", ".json")
_NESTED_SUFFIX = ".nested.template.json"
_IMPORTS = "ImportValue"


def of_templates(
    plans: Sequence[Path], templates: Sequence[Path], bare: BarePolicy
) -> tuple[list[Checked], list[tuple[Path, InputError]]]:
    """Every key policy of these files; one that can't be read doesn't keep the others from being checked."""
    checked: list[Checked] = []
    wrong: list[tuple[Path, InputError]] = []
    files = _Files(tuple(_template_files(templates)), bare)
    for path in (*plans, *files.templates):
        try:
            found = list(files.policies_of_plan(path) if path in plans else files.policies_of(path))
        except InputError as error:
            wrong.append((path, error))
            continue
        for item in found:
            try:
                checked.append(files.examined(item))
            except InputError as error:
                wrong.append((path, error))
    return checked, wrong


@dataclass(eq=False)
class _Files:
    """The files that were given, and those that they name."""

    templates: Sequence[Path]
    bare: BarePolicy
    _lines: dict[str, Sequence[str]] = field(default_factory=dict)

    def policies_of_plan(self, path: Path) -> Iterator[TemplatePolicy]:
        return policies_of_plan(self._text(path), file=str(path), account=self.bare.account, region=self.bare.region)

    def policies_of(self, path: Path) -> Iterator[TemplatePolicy]:
        text = self._text(path)
        deployment = self._deployment(path)
        if _IMPORTS in text:
            deployment = replace(deployment, exports=self._exports)
        return policies_of_template(text, file=str(path), deployment=deployment)

    def examined(self, found: TemplatePolicy) -> Checked:
        bare = self.bare
        examination = examine_template_policy(
            found,
            trusted_accounts=bare.trusted_accounts,
            trusted_organisations=bare.trusted_organisations,
            claims=bare.claims,
            caller=bare.caller,
        )
        line_of = partial(source_line, self._lines[found.location.file])
        return Checked(found.location.file, examination, line_of, found.assumptions)

    @cached_property
    def _exports(self) -> Mapping[str, Node]:
        """What all the templates export; one that can't be read is told of where it is checked itself."""
        found: dict[str, Node] = {}
        for path in self.templates:
            try:
                found |= exports_of_template(self._text(path), file=str(path), deployment=self._deployment(path))
            except InputError:
                continue
        return found

    def _deployment(self, path: Path) -> Deployment:
        home = self._environment(path)
        return Deployment(
            self.bare.account or home.account,
            self.bare.region or home.region,
            said_parameters(self.bare.parameters),
            nested=self._nested,
        )

    def _environment(self, path: Path) -> Environment:
        """What CDK's manifest beside a template says of it."""
        return _environments(path.parent).get(path.name, Environment())

    def _nested(self, file: str, location: str) -> tuple[str, str] | None:
        """A nested stack's template, where it is a file: beside the one that names it, or CDK's asset."""
        folder = Path(file).parent
        if "://" in location:
            location = _assets(folder).get(location.rpartition("/")[2], "")
        path = folder / location
        return (str(path), self._text(path)) if location and path.is_file() else None

    def _text(self, path: Path) -> str:
        text = read_text(path)
        self._lines[str(path)] = text.splitlines()
        return text


@cache
def _environments(folder: Path) -> Mapping[str, Environment]:
    """Where CDK deploys the templates of a folder."""
    manifest = folder / "manifest.json"
    return environments(read_text(manifest), file=str(manifest)) if manifest.is_file() else {}


@cache
def _assets(folder: Path) -> Mapping[str, str]:
    """The templates that CDK uploads from a folder, by the last part of their address."""
    found: dict[str, str] = {}
    for manifest in sorted(folder.glob("*.assets.json")):
        found |= assets(read_text(manifest), file=str(manifest))
    return found


def _template_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Each path itself; of a folder, such as `cdk.out`, every template in it but CDK's nested ones.

    Those are read where the stack that they belong to is.

    Raises:
        InputError: for a folder without one.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        files = sorted(item for item in path.rglob("*") if item.is_file() and item.name.endswith(_SUFFIXES))
        made = [item for item in files if item.name.endswith(".template.json")]
        found = [item for item in made if not item.name.endswith(_NESTED_SUFFIX)] or files
        if not found:
            raise InputError(f"`{path}` holds no template", "name a template, or the folder that CDK writes")
        yield from found
