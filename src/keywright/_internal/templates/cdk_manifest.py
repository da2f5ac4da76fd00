"""Where CDK deploys the templates of a cloud assembly (`cdk.out`), and which of its files is which template.

See https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.AssemblyManifest.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.policy.parsing import decode_json
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ENVIRONMENT: Final = re.compile(r"aws://(?P<account>[^/]+)/(?P<region>[^/]+)")
_STACK: Final = "aws:cloudformation:stack"


@dataclass(frozen=True, slots=True)
class Environment:
    """The account and Region that a stack is bound to; None for what the app leaves open."""

    account: str | None = None
    region: str | None = None


def environments(text: str, *, file: str) -> Mapping[str, Environment]:
    """Each template's environment by its file's name; none where the text is no manifest of CDK's."""
    try:
        manifest = decode_json(text, file=file)
    except InputError:
        return {}
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    return dict(_environments(artifacts)) if isinstance(artifacts, dict) else {}


def assets(text: str, *, file: str) -> dict[str, str]:
    """The files that CDK uploads, by the name they get there, of one of its `*.assets.json`; nested stacks among them.

    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.AssetManifest.html
    """
    try:
        manifest = decode_json(text, file=file)
    except InputError:
        return {}
    files = manifest.get("files") if isinstance(manifest, dict) else None
    return {
        destination["objectKey"]: asset["source"]["path"]
        for asset in (files.values() if isinstance(files, dict) else ())
        for destination in (asset.get("destinations") or {}).values()
        if "objectKey" in destination and "path" in (asset.get("source") or {})
    }


def _environments(artifacts: Mapping[str, Any]) -> Iterator[tuple[str, Environment]]:
    for artifact in artifacts.values():
        if not isinstance(artifact, dict) or artifact.get("type") != _STACK:
            continue
        template = (artifact.get("properties") or {}).get("templateFile")
        found = _ENVIRONMENT.fullmatch(str(artifact.get("environment")))
        if isinstance(template, str) and found:
            # CDK writes `unknown-account` and `unknown-region` for what it leaves to the deployment.
            account, region = (
                None if found[part].startswith("unknown-") else found[part] for part in ("account", "region")
            )
            yield template, Environment(account, region)
