"""The files of an export to CloudFormation: templates, and what an import of existing keys takes beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from keywright._internal.export.template import MOST_BYTES_IN_A_REQUEST, Template
from keywright._internal.export.template_yaml import comment_text, template_text
from keywright.errors import InputError, Problem

_ROOM_FOR_COMMENTS = 1_000


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A template as a file.

    Args:
        template: the template.
        text: of its file.
        resources_to_import: the JSON of its import; None for a template that is deployed.
    """

    template: Template
    text: str
    resources_to_import: str | None = None

    @property
    def path(self) -> str:
        """Where it is written, within the folder."""
        return f"{self.template.path}.yaml"

    @property
    def size(self) -> int:
        """Of its text, in bytes."""
        return len(self.text.encode())

    @property
    def needs_s3(self) -> bool:
        """Whether it is too large for a request, and is deployed from S3."""
        return self.size > MOST_BYTES_IN_A_REQUEST


def template_files(templates: Iterable[Template]) -> tuple[TemplateFile, ...]:
    """Every template with its text; behind them those that import what is on AWS already.

    Raises:
        InputError: templates are larger than CloudFormation takes.
    """
    found = [_deployed(template) for template in templates]
    refuse_too_large(found)
    imports = (template for file in found if (template := file.template.to_import()) is not None)
    return (*found, *map(_imported, imports))


def refuse_too_large(files: Iterable[TemplateFile]) -> None:
    """Refuse templates that are larger than CloudFormation takes.

    Raises:
        InputError: with each of them.
    """
    problems = [
        Problem((), f"{file.path} would hold {excess}") for file in files for excess in file.template.excess(file.size)
    ]
    if problems:
        remedy = "write a template for each key with --by-key, or export some of the keys with --key"
        raise InputError("some templates are larger than CloudFormation takes", remedy, tuple(problems))


def _deployed(template: Template) -> TemplateFile:
    text = template_text(template)
    size = len(text.encode()) + _ROOM_FOR_COMMENTS
    bucket = " --s3-bucket BUCKET" if size > MOST_BYTES_IN_A_REQUEST else ""
    return TemplateFile(template, comment_text([*_head(template), f"  {_deploy(template)}{bucket}"]) + text)


def _imported(template: Template) -> TemplateFile:
    resources = f"{json.dumps(template.resources_to_import(), indent=2)}\n"
    command = (
        f"aws cloudformation create-change-set --region {template.region} --stack-name {template.stack_name} "
        f"--change-set-name import --change-set-type IMPORT --template-body file://{template.path}.yaml "
        f"--resources-to-import file://{template.path}.json"
    )
    deployed = template.path.removeprefix("import/")
    comments = [
        "Written by `keywright export cloudformation`, to import the keys that exist into their stack:",
        f"  {command}",
        f"Execute the change set `import`, then deploy {deployed}.yaml, which adds what is new, and the outputs.",
    ]
    return TemplateFile(template, comment_text(comments) + template_text(template), resources)


def _head(template: Template) -> Iterator[str]:
    yield "Written by `keywright export cloudformation`: change the keys file and export again, as edits here are lost."
    if template.primary_stack:
        yield "Deploy it behind the stacks of the primary keys, whose outputs it reads:"
    else:
        yield "Deploy it with:"


def _deploy(template: Template) -> str:
    return (
        f"aws cloudformation deploy --region {template.region} --stack-name {template.stack_name} "
        f"--template-file {template.path}.yaml"
    )
