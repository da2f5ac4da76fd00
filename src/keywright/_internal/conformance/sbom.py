"""The software bill of materials of a release: CycloneDX 1.6 JSON, from the source tree and the wheel alone.

What Keywright needs is in `pyproject.toml`; which versions it was built and tested with, and what those need in turn,
is in the lock file. The same commit gives the same bytes. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from typing import Final

from keywright._internal.conformance.checksums import sha256
from keywright._internal.conformance.source import SourceTree
from keywright._internal.conformance.wheel import Wheel

LOCK: Final = "requirements/dev.txt"
_PIN: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
_VIA: Final = re.compile(r"^ +# +(?:via )?([A-Za-z0-9][A-Za-z0-9._-]*)$")
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "pkg:pypi/keywright")


def sbom_name(version: str) -> str:
    """The bill's file name."""
    return f"keywright-{version}.cdx.json"


def bill_of_materials(tree: SourceTree, wheel: Wheel, version: str) -> bytes:
    """The bill: the wheel, what it needs always, and what its extras need, each with its locked version.

    Raises:
        InputError: the tree has no `pyproject.toml` or lock file.
    """
    project = tomllib.loads(tree.text("pyproject.toml"))["project"]
    always = {_name(item) for item in project["dependencies"]}
    extras = {_name(item) for items in project["optional-dependencies"].values() for item in items}
    versions, needs = _locked(tree.text(LOCK))
    required = _reached(always, needs)
    components = required | _reached(extras, needs)
    root = f"pkg:pypi/keywright@{version}"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{tree.commit}:{sha256(wheel.content)}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "keywright",
                "version": version,
                "purl": root,
                "hashes": [{"alg": "SHA-256", "content": sha256(wheel.content)}],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": _purl(name, pinned),
                "name": name,
                "version": pinned,
                "scope": "required" if name in required else "optional",
                "purl": _purl(name, pinned),
            }
            for name in sorted(components)
            for pinned in versions.get(name, ())
        ],
        "dependencies": [
            {"ref": root, "dependsOn": _refs((always | extras) & components, versions)},
            *(
                {"ref": _purl(name, pinned), "dependsOn": _refs(needs.get(name, set()) & components, versions)}
                for name in sorted(components)
                for pinned in versions.get(name, ())
            ),
        ],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _locked(text: str) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """The versions of each package in a lock file of uv's, and which packages each of them needs."""
    versions: dict[str, list[str]] = {}
    needs: dict[str, set[str]] = {}
    name = ""
    for line in text.splitlines():
        if pin := _PIN.match(line):
            name = _name(pin[1])
            versions.setdefault(name, []).append(pin[2])
        elif (via := _VIA.match(line)) and name:
            needs.setdefault(_name(via[1]), set()).add(name)
    return versions, needs


def _reached(names: Iterable[str], needs: Mapping[str, set[str]]) -> set[str]:
    """The packages and all that they need, however far away."""
    found: set[str] = set()
    left = set(names)
    while left:
        found |= left
        left = {other for name in left for other in needs.get(name, ())} - found
    return found


def _name(requirement: str) -> str:
    """A requirement's package, as PEP 503 writes names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]).lower()


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _refs(names: Iterable[str], versions: Mapping[str, list[str]]) -> list[str]:
    return [_purl(name, pinned) for name in sorted(names) for pinned in versions.get(name, ())]
