"""A stack set for each template: what makes it, and what rolls it out to accounts, as requests in AWS's own JSON.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from keywright._internal.export.logical_ids import stack_name
from keywright._internal.export.template import MOST_BYTES_IN_A_REQUEST, Template
from keywright._internal.export.template_files import TemplateFile, refuse_too_large
from keywright._internal.export.template_yaml import comment_text, template_text
from keywright._internal.model.account_share import AccountShare


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a stack set is rolled out.

    Args:
        concurrent: in how many accounts at once.
        tolerated: in how many it may fail before it stops.
    """

    concurrent: AccountShare
    tolerated: AccountShare

    def document(self) -> dict[str, Any]:
        """As `OperationPreferences`."""
        return {
            "RegionConcurrencyType": "SEQUENTIAL",
            **_member("FailureTolerance", self.tolerated),
            **_member("MaxConcurrent", self.concurrent),
            "ConcurrencyMode": "STRICT_FAILURE_TOLERANCE",
        }


def _member(name: str, share: AccountShare) -> dict[str, int]:
    """A member of operation preferences, such as `MaxConcurrentCount` or `MaxConcurrentPercentage`."""
    return {f"{name}{'Percentage' if share.percent else 'Count'}": share.number}


@dataclass(frozen=True, slots=True)
class Rollout:
    """Accounts that get the keys, with what differs there: by their numbers, or by organizational units.

    Args:
        accounts: their numbers, for a stack set that assumes a role in each (SELF_MANAGED).
        units: organizational units or the root, for one that Organizations gives access (SERVICE_MANAGED).
        excluded: accounts of these units that are left out.
        parameters: values of the template's parameters.
    """

    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def permission_model(self) -> str:
        """Who lets the stack set into the accounts."""
        return "SERVICE_MANAGED" if self.units else "SELF_MANAGED"

    def document(self, names: Iterable[str]) -> dict[str, Any]:
        """Its part of a request for stack instances of a template that has these parameters."""
        overrides = [{"ParameterKey": name, "ParameterValue": self.parameters[name]} for name in names]
        found: dict[str, Any] = {"Accounts": list(self.accounts)}
        if self.units:
            excluded = {"Accounts": list(self.excluded), "AccountFilterType": "DIFFERENCE"} if self.excluded else {}
            found = {"DeploymentTargets": {"OrganizationalUnitIds": list(self.units), **excluded}}
        return {**found, "ParameterOverrides": overrides} if overrides else found


@dataclass(frozen=True)
class StackSet:
    """A template with where it is rolled out; all rollouts have one permission model.

    Args:
        template: the template, for any account.
        rollouts: the accounts.
        preferences: how it is rolled out.
        auto_deployment: whether accounts that join a unit get the keys by themselves.
    """

    template: Template
    rollouts: tuple[Rollout, ...]
    preferences: Preferences
    auto_deployment: bool = True

    @property
    def name(self) -> str:
        """The stack set's name; it depends on the template's place."""
        return stack_name(self.template.keys_stack, *self.template.path.split("/"))

    def request(self) -> dict[str, Any]:
        """What `create-stack-set --cli-input-json` takes, beside the template.

        Its parameters have the first rollout's values, until an instance has its own.
        """
        model = self.rollouts[0].permission_model
        defaults = [
            {"ParameterKey": name, "ParameterValue": self.rollouts[0].parameters[name]}
            for name in self.template.parameters
        ]
        joining = {"Enabled": self.auto_deployment, "RetainStacksOnAccountRemoval": True}
        return {
            "StackSetName": self.name,
            "Description": f"Keys of the stack {self.template.keys_stack} in {self.template.region}",
            "PermissionModel": model,
            **(
                {"AutoDeployment": joining if self.auto_deployment else {"Enabled": False}}
                if self.rollouts[0].units
                else {}
            ),
            "ManagedExecution": {"Active": True},
            **({"Parameters": defaults} if defaults else {}),
        }

    def instances(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What `create-stack-instances --cli-input-json` takes, by its file: once for each rollout."""
        for number, rollout in enumerate(self.rollouts, 1):
            suffix = "" if len(self.rollouts) == 1 else f"-{number}"
            yield (
                f"{self.template.path}.instances{suffix}.json",
                {
                    "StackSetName": self.name,
                    **rollout.document(self.template.parameters),
                    "Regions": [self.template.region],
                    "OperationPreferences": self.preferences.document(),
                },
            )

    @cached_property
    def file(self) -> TemplateFile:
        """The template as a file that says how it is rolled out."""
        text = template_text(self.template)
        large = len(text.encode()) > MOST_BYTES_IN_A_REQUEST - 1_000
        body = "--template-url https://BUCKET…" if large else f"--template-body file://{self.template.path}.yaml"
        region, path = self.template.region, self.template.path
        creating = (
            f"aws cloudformation create-stack-set --region {region} --cli-input-json file://{path}.stack-set.json"
        )
        rolling = (
            f"  aws cloudformation create-stack-instances --region {region} --cli-input-json file://{name}"
            for name, _ in self.instances()
        )
        head = "Written by `keywright export stackset`: change the keys file and export again, as edits here are lost."
        return TemplateFile(self.template, comment_text([head, f"  {creating} {body}", *rolling]) + text)


def stack_set_files(sets: Sequence[StackSet]) -> dict[str, str]:
    """Every file of an export to StackSets, by its path.

    Raises:
        InputError: templates are larger than CloudFormation takes.
    """
    templates = [(item, item.file) for item in sets]
    refuse_too_large([file for _, file in templates])
    found: dict[str, str] = {}
    for item, file in templates:
        found[file.path] = file.text
        found[f"{item.template.path}.stack-set.json"] = _json(item.request())
        found |= {name: _json(request) for name, request in item.instances()}
    return found


def _json(document: Mapping[str, Any]) -> str:
    return f"{json.dumps(document, indent=2)}\n"
