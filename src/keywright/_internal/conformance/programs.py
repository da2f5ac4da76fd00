"""Programs that a gate runs beside the engines: where they are, and which version they give of themselves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from keywright._internal.terraform.engine import Result
from keywright.errors import KeywrightError

_PATIENCE = 600.0
_VERSION = re.compile(r"\d+\.\d+\.\d+[\w.+-]*")

_BUILT = {"tflint": Path("bin", "tflint"), "checkov": Path("checkov", "bin", "checkov")}
"""Where `make tools` puts them, below `.tools`."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program found on this machine, and the version it told."""

    name: str
    path: Path
    version: str

    def run(self, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Result:
        """Run it in `cwd`; `env` is added to our own environment.

        Raises:
            KeywrightError: it can't be started, or takes longer than ten minutes.
        """
        return _run(self.name, self.path, arguments, cwd, env or {})


@cache
def find_program(name: str) -> Program | None:
    """The program on PATH, or the one that `make tools` built; None where neither runs. Asked once a process.

    To tell its version alone takes Checkov seconds.
    """
    on_path = shutil.which(name)
    roots = dict.fromkeys((Path.cwd(), Path(__file__).resolve().parents[4]))
    built = (root / ".tools" / _BUILT[name] for root in roots if name in _BUILT)
    for path in ((Path(on_path),) if on_path else ()) + tuple(path for path in built if path.is_file()):
        try:
            told = _run(name, path, ("--version",), Path.cwd(), {})
        except KeywrightError:
            continue
        version = _VERSION.search(told.output)
        if told.exit_code == 0 and version:
            return Program(name, path, version[0])
    return None


def _run(name: str, path: Path, arguments: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> Result:
    started = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 - a program that we found, with words of ours
            [str(path), *arguments],
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise KeywrightError(f"`{path}` can't be run: {error.strerror}", "build it again: make tools") from error
    except subprocess.TimeoutExpired as error:
        raise KeywrightError(
            f"{name} did not end within {_PATIENCE:.0f} seconds", "run it by hand to see why"
        ) from error
    return Result(done.returncode, done.stdout, done.stderr, time.monotonic() - started)
