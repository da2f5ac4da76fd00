"""A benchmark's runs, each in a process of its own: its seconds, its largest memory, its calls by operation.

The process is the benchmark's own file with `--phase`: `bare` is its bare boto3 reader, anything else the
real command line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Who installs a package has its bytecode; who works on it may have said otherwise."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: its seconds on the clock and of the processor, its largest memory, its requests by operation."""

    seconds: float
    processor_seconds: float
    megabytes: float
    calls: dict[str, int]

    def as_document(self, keys: int) -> dict[str, Any]:
        """As `--json` shows it."""
        total = sum(self.calls.values())
        return {
            "seconds": round(self.seconds, 3),
            "processor_seconds": round(self.processor_seconds, 3),
            "megabytes": round(self.megabytes, 1),
            "calls": dict(sorted(self.calls.items())),
            "calls_a_key": round(total / keys, 3),
        }


def best(runs: Iterable[Measured]) -> Measured:
    """The least time of several runs of one thing, on the clock and of the processor each for itself."""
    known = list(runs)
    return Measured(
        min(item.seconds for item in known),
        min(item.processor_seconds for item in known),
        max(item.megabytes for item in known),
        known[-1].calls,
    )


def run_apart(environment: Mapping[str, str], *arguments: str, allowed: tuple[int, ...] = (0,)) -> Measured:
    """One run of this benchmark in a process of its own.

    Args:
        environment: says which AWS it works on.
        arguments: `bare`, or `keywright` and a command line.
        allowed: the exit codes that are no failure.
    """
    line = (sys.executable, sys.argv[0], "--phase", *arguments)
    seconds, processor, megabytes, said = _ended(line, environment, allowed)
    return Measured(seconds, processor, megabytes, json.loads(said.splitlines()[-1]))


def run_program(*line: str, output: Path | None = None, allowed: tuple[int, ...] = (0,)) -> Measured:
    """One run of any program.

    Args:
        line: its command line.
        output: the file that gets what it prints; None: nobody reads it.
        allowed: the exit codes that are no failure.
    """
    seconds, processor, megabytes, _ = _ended(line, {}, allowed, output)
    return Measured(seconds, processor, megabytes, {})


def _ended(
    line: tuple[str, ...], environment: Mapping[str, str], allowed: tuple[int, ...], output: Path | None = None
) -> tuple[float, float, float, str]:
    """A process's seconds on the clock and of the processor, its megabytes, and what it wrote on stderr."""
    with output.open("w+") if output else tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - the benchmark's very file, or what is measured beside it
            line, env={**_AS_INSTALLED, **environment}, stdout=out, stderr=errors
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        said = errors.read().strip()
        if process.returncode not in allowed:
            sys.exit(f"{' '.join(line)} ended with {process.returncode}:\n{out.read()[-2000:]}\n{said[-4000:]}")
    megabytes = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return seconds, used.ru_utime + used.ru_stime, megabytes, said


def run(main: Callable[[], int], bare: Callable[[Counter[str]], int]) -> int:
    """The benchmark, or the phase of it that this process is: its last line on stderr is what was measured."""
    if sys.argv[1:2] != ["--phase"]:
        return main()
    calls: Counter[str] = Counter()
    arguments = sys.argv[2:]
    code = bare(calls) if arguments[0] == "bare" else _keywright(arguments[1:], calls)
    sys.stderr.write("\n" + json.dumps(calls) + "\n")
    return code


def _keywright(arguments: list[str], calls: Counter[str]) -> int:
    """The real command line, its requests counted where boto3 sends them."""
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415 - one phase needs it

    from keywright._internal.cli.app import main as keywright  # noqa: PLC0415 - one phase needs it

    send = URLLib3Session.send

    def counted(self: Any, request: Any) -> Any:
        calls[_operation(request)] += 1
        return send(self, request)

    URLLib3Session.send = counted  # type: ignore[method-assign] # the requests themselves, not what we say of them
    sys.argv = ["keywright", *arguments]
    try:
        keywright()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _operation(request: Any) -> str:
    """The operation that a request names: in a header, or in the form that STS and IAM take."""
    target = request.headers.get("X-Amz-Target")
    if target is None:
        return dict(parse_qsl(request.body))["Action"]
    return str(target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
