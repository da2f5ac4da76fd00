"""Lays the stand-in out as a `filesystem_mirror`, for both engines' names of `hashicorp/aws`, and keeps it running."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VERSION = "6.25.0"
HOSTS = ("registry.terraform.io", "registry.opentofu.org")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_STAND_IN = Path(__file__).resolve().parent
_ASKING = """\
#!{python} -IS
import os, socket
link = socket.socket(socket.AF_UNIX)
link.connect({path!r})
text = "\\0".join(f"{{name}}={{value}}" for name, value in os.environ.items()).encode()
socket.send_fds(link, [len(text).to_bytes(4, "big")], [0, 1, 2])
link.sendall(text)
link.recv(1)
"""


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


@contextmanager
def running_mirror(home: Path) -> Iterator[Mirror]:
    """The mirror of $KEYWRIGHT_AWS_PROVIDER if that is set, else the stand-in's, made below `home`.

    The stand-in is loaded once and not for each command; it ends with the context.
    """
    given = _given()
    if given is not None:
        yield given
        return
    path = home / "stand-in"
    command = [sys.executable, str(_STAND_IN), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stand_in:
        assert stand_in.stdin is not None
        assert stand_in.stdout is not None
        assert stand_in.stdout.readline() == "ready\n"
        yield _laid_out(home / "mirror", _ASKING.format(python=sys.executable, path=str(path)))
        stand_in.stdin.close()


def _given() -> Mirror | None:
    folder = os.environ.get("KEYWRIGHT_AWS_PROVIDER")
    return Mirror(Path(folder).resolve(), f"the provider in {folder}") if folder else None


def _laid_out(folder: Path, program: str) -> Mirror:
    target = f"{platform.system().lower()}_{_MACHINES.get(platform.machine(), platform.machine())}"
    for host in HOSTS:
        place = folder / host / "hashicorp" / "aws" / VERSION / target
        place.mkdir(parents=True)
        file = place / f"terraform-provider-aws_v{VERSION}"
        file.write_text(program)
        file.chmod(0o755)
    return Mirror(folder, "the stand-in provider")
