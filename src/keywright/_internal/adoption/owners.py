"""Who else manages a key: CloudFormation by its tags, Terraform and OpenTofu by their state; and the hand-over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from keywright.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_STACK: Final = "aws:cloudformation:stack-name"
_RESOURCE: Final = "aws:cloudformation:logical-id"
_KEYS: Final = frozenset({"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key"})
_BELONGING: Final = {"aws_kms_alias": "target_key_arn", "aws_kms_key_policy": "key_id", "aws_kms_grant": "key_id"}
"""Resources that belong to a key, with the attribute that names it."""

_REMOVED: Final = """removed {{
  from = {}

  lifecycle {{
    destroy = false
  }}
}}"""


@dataclass(frozen=True, slots=True)
class Owner:
    """What manages a key already.

    Args:
        tool: `cloudformation` or `terraform`; OpenTofu's state is Terraform's.
        name: the stack, or the state's file.
        resources: the key there, and what belongs to it, each without an index.
    """

    tool: str
    name: str
    resources: tuple[str, ...]

    def as_document(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {"tool": self.tool, "name": self.name, "resources": list(self.resources), "steps": list(self.steps())}

    def steps(self) -> Iterator[str]:
        """The hand-over, in the order that loses nothing; blocks of Terraform are further lines of a step."""
        if self.tool == "cloudformation":
            resource = self.resources[0] if self.resources else "the key's resource"
            yield (
                f"in the template of the stack {self.name}, give {resource} `DeletionPolicy: Retain` and "
                "`UpdateReplacePolicy: Retain`, and update the stack"
            )
            yield f"remove {resource} and what refers to it from the template, and update the stack: AWS keeps the key"
            yield "from then on change the key in the keys file alone"
            return
        blocks = (_REMOVED.format(address) for address in self.resources)
        yield "\n".join(("add these blocks to the configuration, remove the resources from it, and apply:", *blocks))
        yield "from then on change the key in the keys file alone"

    def numbered_steps(self) -> Iterator[str]:
        """The same as numbered lines."""
        for number, step in enumerate(self.steps(), 1):
            first, *more = step.split("\n")
            yield f"{number}. {first}"
            yield from (f"   {line}" for line in more)


def cloudformation_owner(tags: Mapping[str, str]) -> Owner | None:
    """The stack that made a key, as AWS's own tags on it say."""
    if _STACK not in tags:
        return None
    return Owner("cloudformation", tags[_STACK], (tags[_RESOURCE],) if tags.get(_RESOURCE) else ())


def state_owners(path: Path) -> dict[str, Owner]:
    """The keys that a Terraform or OpenTofu state file manages, by ARN.

    Raises:
        UnreadableFile: it isn't such a file, or is encrypted.
    """
    try:
        state = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"`{path}` can't be read as a state: {error}", "name a file that `terraform state pull` wrote"
        ) from error
    if not isinstance(state, dict) or not isinstance(state.get("resources"), list):
        why = (
            "is an encrypted state"
            if isinstance(state, dict) and "encrypted_data" in state
            else "is no Terraform state"
        )
        raise UnreadableFile(f"`{path}` {why}", "write one with `terraform state pull > FILE`, or `tofu state pull`")
    found: dict[str, list[str]] = {}
    instances = list(_instances(state["resources"]))
    ids: dict[str, str] = {}
    for kind, address, attributes in instances:
        arn = attributes.get("arn")
        if kind in _KEYS and isinstance(arn, str):
            found.setdefault(arn, []).append(address)
            ids[arn] = arn
            if isinstance(attributes.get("key_id"), str):
                ids[attributes["key_id"]] = arn
    for kind, address, attributes in instances:
        arn = ids.get(str(attributes.get(_BELONGING.get(kind, "")) or ""))
        if arn is not None and kind in _BELONGING:
            found[arn].append(address)
    return {arn: Owner("terraform", path.name, tuple(dict.fromkeys(addresses))) for arn, addresses in found.items()}


def _instances(resources: Iterable[Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, address without index, and attributes of each managed instance."""
    for resource in resources:
        if not isinstance(resource, dict) or resource.get("mode") != "managed":
            continue
        kind = str(resource.get("type"))
        module = _without_indexes(str(resource["module"])) + "." if resource.get("module") else ""
        for instance in resource.get("instances") or ():
            attributes = instance.get("attributes") if isinstance(instance, dict) else None
            if isinstance(attributes, dict):
                yield kind, f"{module}{kind}.{resource.get('name')}", attributes


def _without_indexes(address: str) -> str:
    """An address that a `removed` block takes: it may not name an instance."""
    kept, depth, quoted = "", 0, False
    for character in address:
        quoted ^= character == '"'
        depth += (character == "[" and not quoted) - (character == "]" and not quoted)
        if depth == 0 and character != "]":
            kept += character
    return kept
