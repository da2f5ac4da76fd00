"""A benchmark's runs, each in a process of its own: its seconds, its largest memory, its calls by operation.

The process is the benchmark's own file with `--phase`: `bare` is its bare boto3 reader, anything else the
real command line.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from keywright._internal.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: its seconds, its largest memory, its calls by operation."""

    seconds: float
    megabytes: float
    calls: dict[str, int]

    def as_document(self, keys: int) -> dict[str, Any]:
        """As `--json` shows it."""
        total = sum(self.calls.values())
        return {
            "seconds": round(self.seconds, 2),
            "megabytes": round(self.megabytes, 1),
            "calls": dict(sorted(self.calls.items())),
            "calls_a_key": round(total / keys, 3),
        }


def run_apart(sandbox: Sandbox, *arguments: str, allowed: tuple[int, ...] = (0,)) -> Measured:
    """One run of this benchmark in a process of its own.

    Args:
        sandbox: the AWS that it works on.
        arguments: `bare`, or `keywright` and a command line.
        allowed: the exit codes that are no failure.
    """
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - the benchmark's very file
        [sys.executable, sys.argv[0], "--phase", *arguments],
        env={**os.environ, **sandbox.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    said = json.loads(done.stderr.strip().splitlines()[-1])
    return Measured(seconds, said["megabytes"], said["calls"])


def run(main: Callable[[], int], bare: Callable[[Counter[str]], int]) -> int:
    """The benchmark, or the phase of it that this process is: its last line on stderr is what was measured."""
    if sys.argv[1:2] != ["--phase"]:
        return main()
    calls: Counter[str] = Counter()
    arguments = sys.argv[2:]
    code = bare(calls) if arguments[0] == "bare" else _keywright(arguments[1:], calls)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (2**20 if sys.platform == "darwin" else 2**10)
    sys.stderr.write("\n" + json.dumps({"megabytes": megabytes, "calls": calls}) + "\n")
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
