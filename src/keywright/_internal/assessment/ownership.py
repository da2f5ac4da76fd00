"""Which tool manages a key, as far as its tags tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLOUDFORMATION: Final = "aws:cloudformation:stack-name"
"""AWS puts it on what a stack makes; nobody else can write tags that begin with `aws:`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""
_KEYWRIGHT: Final = ("keywright:stack", "keywright:key")
_TERRAFORM: Final = ("managedby", "managed-by", "managed_by", "provisioner", "iac", "terraform", "opentofu")


@dataclass(frozen=True, slots=True)
class Manager:
    """A tool, and what it knows the key as."""

    tool: str
    name: str
    evidence: str
    """Where that is written."""

    def as_document(self) -> dict[str, str]:
        """As `--json` shows it."""
        return {"tool": self.tool, "name": self.name, "evidence": self.evidence}


def manager_of(tags: Mapping[str, str]) -> Manager | None:
    """The tool that says on the key that it manages it; None where none does."""
    if all(name in tags for name in _KEYWRIGHT):
        return Manager("keywright", "/".join(tags[name] for name in _KEYWRIGHT), f"tag {_KEYWRIGHT[0]}")
    if _CLOUDFORMATION in tags:
        resource = tags.get("aws:cloudformation:logical-id", "")
        name = f"{tags[_CLOUDFORMATION]}{f'/{resource}' if resource else ''}"
        return Manager("cloudformation", name, f"tag {_CLOUDFORMATION}")
    for name, value in tags.items():
        told = f"{name} {value}".lower()
        if name.lower().replace(" ", "") in _TERRAFORM and ("terraform" in told or "tofu" in told):
            return Manager("opentofu" if "tofu" in told else "terraform", value, f"tag {name}")
    return None
