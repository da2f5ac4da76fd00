"""A thousand keys on the embedded AWS, planned beside a bare boto3 reader; ten keys; and the start of the command line.

    python benchmarks/fleet.py [--keys 1000] [--rounds 5] [--json]

All in one run, the things that are compared by turns, each in a process of its own and with its best of the rounds: the
seconds on the clock, and of the processor. Keywright's work is done by the real command, so that its memory is its own;
the requests are counted where they are sent. The bare reader makes only the calls that a full read needs, with boto3,
in threads. Exit code 1 if a refresh or a plan makes more than four calls a key, or a plan takes more than 500 MB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import Measured, best, run, run_apart, run_program

if TYPE_CHECKING:
    from collections import Counter

    from keywright._internal.sandbox import Sandbox

THREADS = 8
FEW = 10
MOST_CALLS_A_KEY = 4
MOST_MEGABYTES = 500
_ACCOUNT, _ACCOUNT_OF_FEW = "111122223333", "444455556666"
_REGION = "us-east-1"


def main() -> int:
    """Measure, print, and say by the exit code whether the limits were kept."""
    from keywright._internal.sandbox import Sandbox  # noqa: PLC0415 - the bare reader is to pay for nothing of ours

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        whole, cache = Path(folder), str(Path(folder) / "cache")
        many = _Stack(sandbox, arguments.keys, _ACCOUNT, whole / "many.yaml", cache)
        few = _Stack(sandbox, FEW, _ACCOUNT_OF_FEW, whole / "few.yaml", cache)
        phases = {"apply": [many.keywright("apply", "--yes")]}
        few.keywright("apply", "--yes")
        for _ in range(arguments.rounds):
            _add(phases, "bare reader", many.bare())
            _add(phases, "refresh", many.keywright("output"))
            _add(phases, "plan", many.keywright("plan", "--detailed-exitcode"))
            _add(phases, "plan --no-cache", many.keywright("plan", "--detailed-exitcode", "--no-cache"))
        for _ in range(arguments.rounds):
            _add(phases, "bare reader of ten", few.bare())
            _add(phases, "plan of ten", few.keywright("plan", "--detailed-exitcode"))
        for _ in range(arguments.rounds):
            _add(phases, "import typer", run_program(sys.executable, "-c", "import typer"))
            _add(phases, "--help", run_program(_program(), "--help"))
            _add(phases, "policy render", run_program(_program(), "policy", "render", str(few.file)))
    document = _document(arguments.keys, {name: best(runs) for name, runs in phases.items()})
    sys.stdout.write(json.dumps(document) + "\n" if arguments.json else _text(document))
    return int(not all(document["kept"].values()))


class _Stack:
    """Declared keys, in an account of their own."""

    def __init__(self, sandbox: Sandbox, keys: int, account: str, file: Path, cache: str) -> None:
        self.file = file
        self._environment = {**sandbox.environment(account), "KEYWRIGHT_CACHE_DIR": cache}
        file.write_text(_fleet(keys, account), encoding="utf-8")

    def keywright(self, command: str, *options: str) -> Measured:
        return run_apart(self._environment, "keywright", command, str(self.file), *options)

    def bare(self) -> Measured:
        return run_apart(self._environment, "bare")


def _fleet(keys: int, account: str) -> str:
    lines = ["stack: fleet", f"region: {_REGION}", f"account: '{account}'", "keys:"]
    lines += [
        f"  key-{number:05d}: {{aliases: [fleet/key-{number:05d}], tags: {{Number: '{number}'}},"
        f" key_user_arns: ['arn:aws:iam::{account}:role/app-{number % 50}']}}"
        for number in range(keys)
    ]
    return "\n".join(lines) + "\n"


def _program() -> str:
    return str(Path(sys.executable).with_name("keywright"))


def _add(phases: dict[str, list[Measured]], name: str, measured: Measured) -> None:
    phases.setdefault(name, []).append(measured)


def _bare(calls: Counter[str]) -> int:
    """List by tag and alias, then three reads a key: nobody can read a key with fewer calls."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - one phase needs it

    import boto3  # noqa: PLC0415 - one phase needs it
    from botocore.config import Config  # noqa: PLC0415

    config = Config(max_pool_connections=THREADS)
    kms = boto3.client("kms", config=config)
    tagging = boto3.client("resourcegroupstaggingapi", config=config)
    arns: list[str] = []
    listed: dict[str, Any] = {"ResourceTypeFilters": ["kms:key"], "ResourcesPerPage": 100}
    for page in tagging.get_paginator("get_resources").paginate(**listed):
        calls["GetResources"] += 1
        arns += [item["ResourceARN"] for item in page["ResourceTagMappingList"]]
    for _ in kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 100}):
        calls["ListAliases"] += 1

    def read(arn: str) -> None:
        kms.describe_key(KeyId=arn)
        kms.get_key_policy(KeyId=arn, PolicyName="default")
        kms.get_key_rotation_status(KeyId=arn)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(read, arns))
    calls.update(dict.fromkeys(("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"), len(arns)))
    return 0


def _document(keys: int, phases: dict[str, Measured]) -> dict[str, Any]:
    def ratios(name: str, of: str) -> dict[str, float]:
        ours, theirs = phases[name], phases[of]
        return {
            "seconds": round(ours.seconds / theirs.seconds, 2),
            "processor": round(ours.processor_seconds / theirs.processor_seconds, 2),
        }

    reader, start = "bare reader", "import typer"
    return {
        "keys": keys,
        "phases": {name: phase.as_document(FEW if "ten" in name else keys) for name, phase in phases.items()},
        "ratio": {
            **{f"{name} / {reader}": ratios(name, reader) for name in ("refresh", "plan", "plan --no-cache")},
            **{f"{name} / {start}": ratios(name, start) for name in ("--help", "policy render")},
        },
        "seconds that a plan of ten takes longer than the bare reader": round(
            phases["plan of ten"].seconds - phases["bare reader of ten"].seconds, 2
        ),
        "kept": {
            "calls a key": all(
                sum(phases[name].calls.values()) <= MOST_CALLS_A_KEY * keys for name in ("refresh", "plan")
            ),
            "megabytes": max(phases[name].megabytes for name in ("apply", "plan")) <= MOST_MEGABYTES,
        },
    }


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['keys']} keys"]
    for name, phase in document["phases"].items():
        calls = f", {phase['calls_a_key']} calls a key" if phase["calls"] else ""
        lines.append(
            f"{name}: {phase['seconds']} s, {phase['processor_seconds']} s of the processor,"
            f" {phase['megabytes']} MB{calls}"
        )
    lines += [f"{name}: {ratio['seconds']} ({ratio['processor']})" for name, ratio in document["ratio"].items()]
    last = "seconds that a plan of ten takes longer than the bare reader"
    lines.append(f"{last}: {document[last]}")
    lines += [f"limit on {name} passed" for name, kept in document["kept"].items() if not kept]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(run(main, _bare))
