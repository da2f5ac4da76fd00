"""What the emulator's CloudFormation lacks: replicas of keys, and outputs of stacks in other Regions.

Its stacks call its KMS from within, past this layer, so what is here is put into the emulator itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

_OUTPUT: Final = "Fn::GetStackOutput"
_KIND: Final = "AWS::KMS::ReplicaKey"


@cache
def complete_stacks() -> None:
    """Add both, once; called before the first request to CloudFormation, as its modules are slow to import."""
    from ministack.core.responses import get_account_id, request_scope  # noqa: PLC0415
    from ministack.services.cloudformation import changesets, engine, provisioners  # noqa: PLC0415

    handlers = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - its one table of resources
    handlers[_KIND] = {
        **handlers["AWS::KMS::Key"],
        "create": lambda _id, properties, _stack: _replicate(provisioners, properties),
    }
    lookups = changesets._IMPORT_LOOKUPS  # noqa: SLF001 - and of what can be imported
    lookups[_KIND] = lookups["AWS::KMS::Key"]
    within = engine._resolve_refs  # noqa: SLF001 - the only way to one function of a template

    def resolve(value: Any, *scope: Any, **further: Any) -> Any:
        region = value[_OUTPUT].get("Region") if isinstance(value, Mapping) and _OUTPUT in value else None
        if not region:
            return within(value, *scope, **further)
        with request_scope(get_account_id(), region):
            return within(value, *scope, **further)

    engine._resolve_refs = resolve  # noqa: SLF001 - as above


def _replicate(provisioners: Any, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """A new replica in the Region of the stack, asked for in its primary's."""
    from ministack.core.responses import get_account_id, get_region, request_scope  # noqa: PLC0415
    from ministack.services import kms  # noqa: PLC0415

    policy = properties["KeyPolicy"]
    primary, here = properties["PrimaryKeyArn"], get_region()
    with request_scope(get_account_id(), primary.split(":")[3]):
        status, _, body = kms._replicate_key(  # noqa: SLF001 - what its own resources do
            {
                "KeyId": primary,
                "ReplicaRegion": here,
                "Description": properties.get("Description", ""),
                "Policy": policy if isinstance(policy, str) else json.dumps(policy),
                "Tags": provisioners._kms_tags(properties),  # noqa: SLF001 - as above
            }
        )
    answer = json.loads(body)
    if status != 200:  # noqa: PLR2004 - HTTP's own
        raise ValueError(answer.get("message"))
    key = kms._resolve_key(answer["ReplicaKeyMetadata"]["KeyId"])  # noqa: SLF001 - as above
    if properties.get("Enabled") in {False, "false"}:
        key |= {"Enabled": False, "KeyState": "Disabled"}
    return key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]}
