"""Lays the stand-in out as a `filesystem_mirror`, for both engines' names of `hashicorp/aws`."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

VERSION = "6.25.0"
HOSTS = ("registry.terraform.io", "registry.opentofu.org")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Mirror:
    """A folder an engine installs `hashicorp/aws` from, and what to call that provider in a report."""

    folder: Path
    provider: str

    def environment(self, home: Path) -> dict[str, str]:
        """Settings that make an engine install from this mirror only, and nothing from the network."""
        path = home / "engine.tfrc"
        path.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.folder}"\n  }}\n}}\n'
            "disable_checkpoint = true\n",
        )
        return {"TF_CLI_CONFIG_FILE": str(path)}


def mirror(home: Path) -> Mirror:
    """The mirror of $KEYWRIGHT_AWS_PROVIDER if that is set, else the stand-in's, made below `home`."""
    given = os.environ.get("KEYWRIGHT_AWS_PROVIDER")
    if given:
        return Mirror(Path(given).resolve(), f"the provider in {given}")
    target = f"{platform.system().lower()}_{_MACHINES.get(platform.machine(), platform.machine())}"
    source = Path(__file__).resolve().parent
    script = f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(source))}\n"
    folder = home / "mirror"
    for host in HOSTS:
        place = folder / host / "hashicorp" / "aws" / VERSION / target
        place.mkdir(parents=True)
        program = place / f"terraform-provider-aws_v{VERSION}"
        program.write_text(script)
        program.chmod(0o755)
    return Mirror(folder, "the stand-in provider")
