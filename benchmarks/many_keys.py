"""Who can use many keys, and what is proved of many: by one process, by this machine's, and by Dask workers.

    python benchmarks/many_keys.py [--roles 10000] [--keys 1000] [--policies 4000] [--workers 1 2 4] [--json]

`keywright who-can '*' Decrypt` asks about all keys of the organization of `benchmarks/access.py`, and `keywright policy
check` proves a file of keys that each name another role, with nothing remembered. Each line is a run of the command in
a process of its own, from its start to its end: its seconds on the clock, the processor's seconds of the command and of
the workers, the command's memory. Nothing here waits for AWS, so it takes as many processors as there are workers to
be faster; on fewer the sum of processor seconds says what more of them would give. Exit code 1 if answers differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dask_cluster import Cluster, dask_workers
from measuring import run_program

from access import KEYS_AN_ACCOUNT, document, synthetic
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.iam_file import put_iam, put_organization
from keywright._internal.estate.key_import import keys_of, put_keys

_FOUND = (0, 1)


def main() -> int:
    """Measure, print, and say by the exit code whether all answers were the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roles", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--policies", type=int, default=4000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands = {
            "who-can": ("who-can", "*", "Decrypt", "--from", str(_snapshot(folder, arguments.roles, arguments.keys))),
            "policy check": ("policy", "check", str(_keys_file(folder, arguments.policies)), "--no-cache"),
        }
        runs = [
            {"command": title, **found}
            for title, line in commands.items()
            for found in _runs(folder, (*line, "--json"), arguments.workers)
        ]
    same = all(len({item["answer"] for item in runs if item["command"] == title}) == 1 for title in commands)
    report = {
        "roles": arguments.roles,
        "keys": arguments.keys,
        "policies": arguments.policies,
        "processors": os.cpu_count(),
        "same answers": same,
        "runs": runs,
    }
    sys.stdout.write(json.dumps(report) + "\n" if arguments.json else _text(report))
    return int(not same)


def _runs(folder: Path, line: tuple[str, ...], workers: list[int]) -> Iterator[dict[str, Any]]:
    with _one_processor():
        yield _run(folder, "one process", line, Cluster())
    yield _run(folder, "processes of this machine", line, Cluster())
    for count in workers:
        with dask_workers(count, os.environ) as cluster:
            yield _run(folder, f"{count} Dask workers", line, cluster)


@contextmanager
def _one_processor() -> Iterator[None]:
    """Have a command that is started meanwhile find one processor alone, on which it makes no other processes."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def _run(folder: Path, by: str, line: tuple[str, ...], cluster: Cluster) -> dict[str, Any]:
    answer = folder / "answer.json"
    measured = run_program(sys.executable, "-m", "keywright", *line, *cluster.options, output=answer, allowed=_FOUND)
    return {
        "by": by,
        "seconds": round(measured.seconds, 1),
        "processor_seconds": round(measured.processor_seconds, 1),
        "processor_seconds_of_workers": round(cluster.processor_seconds(), 1) if cluster.client else None,
        "megabytes": round(measured.megabytes, 1),
        "answer": hashlib.sha256(answer.read_bytes()).hexdigest()[:12],
    }


def _text(report: dict[str, Any]) -> str:
    lines = [f"{report['roles']} roles, {report['keys']} keys; {report['policies']} policies; same answers: "]
    lines[0] += "yes" if report["same answers"] else "NO"
    lines.append(f"{'':<14}{'':<27}{'seconds':>9}{'processor: command':>20}{'workers':>9}{'MB':>7}")
    for item in report["runs"]:
        theirs = item["processor_seconds_of_workers"]
        lines.append(
            f"{item['command']:<14}{item['by']:<27}{item['seconds']:>9}{item['processor_seconds']:>20}"
            f"{'' if theirs is None else theirs:>9}{item['megabytes']:>7}"
        )
    return "\n".join(lines) + "\n"


def _snapshot(folder: Path, roles: int, keys: int) -> Path:
    """A file with the organization; keys of as few accounts as have so many."""
    path, snapshot = folder / "estate.db", synthetic(roles)
    wanted = list(snapshot.keys.values())[:keys]
    if len(wanted) < keys:
        sys.exit(f"the organization has {len(wanted)} keys, {KEYS_AN_ACCOUNT} an account")
    with EstateFile.create(path, {}) as estate:
        put_organization(estate, snapshot.iam.organization)
        for account, members in snapshot.by_account.items():
            put_iam(estate, account, [item.principal for item in members])
        put_keys(estate, keys_of(list(map(document, wanted))))
        estate.put_finished()
    return path


def _keys_file(folder: Path, policies: int) -> Path:
    path, role = folder / "keys.yaml", "arn:aws:iam::111122223333:role"
    keys = (
        f'  app-{number}: {{key_administrator_arns: ["{role}/admin"], key_user_arns: ["{role}/app-{number}"],'
        " key_service_users: [logs.eu-west-1.amazonaws.com]}\n"
        for number in range(policies)
    )
    path.write_text('stack: s\nregion: eu-west-1\naccount: "111122223333"\nkeys:\n' + "".join(keys))
    return path


if __name__ == "__main__":
    sys.exit(main())
