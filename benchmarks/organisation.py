"""An organization on the embedded AWS, scanned by the real command: every Region of every account, mostly empty.

    python benchmarks/organisation.py [--accounts 1000] [--keys 10000] [--workers 0] [--json]

The accounts are members of an organization, each with the 17 Regions that AWS enables by default; the keys are spread
over them. The scan is `keywright scan --org` in a process of its own. With `--workers` a Dask cluster of so many
processes on this machine does the reading, in one thread each; their processor time is told beside the command's. The
embedded AWS is one process and needs a processor of its own: where it is the bottleneck, more workers only wait for it.
Exit code 1 if a limit is passed: ten minutes, 1 GB, an AssumeRole an account.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from dask_cluster import dask_workers
from measuring import Measured, run, run_apart

from keywright._internal.sandbox import DEFAULT_ACCOUNT, DEFAULT_REGION, Sandbox

MOST_SECONDS = 600
MOST_MEGABYTES = 1000
REGIONS = 17
_FOUND = (0, 1)
"""A scan that found something is none that failed."""
_AT_ONCE = 8


def main() -> int:
    """Measure, print, and say by the exit code whether every limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        accounts = _accounts(sandbox, arguments.accounts)
        _make_keys(sandbox, accounts, arguments.keys)
        with dask_workers(arguments.workers, sandbox.environment()) as cluster:
            command = ("scan", "--org", "--account-role", "reader", "--json", "--out", str(Path(folder) / "estate.db"))
            before = sandbox.calls(DEFAULT_ACCOUNT).get("sts:AssumeRole", 0)
            measured = run_apart(sandbox.environment(), "keywright", *command, *cluster.options, allowed=_FOUND)
            entered = sandbox.calls(DEFAULT_ACCOUNT).get("sts:AssumeRole", 0) - before
            theirs = cluster.processor_seconds()
    document = _document(arguments, measured, entered, theirs)
    sys.stdout.write(json.dumps(document) + "\n" if arguments.json else _text(document))
    return int(not all(document["kept"].values()))


def _document(arguments: argparse.Namespace, measured: Measured, entered: int, theirs: float) -> dict[str, Any]:
    return {
        "accounts": arguments.accounts,
        "regions": REGIONS,
        "keys": arguments.keys,
        "workers": arguments.workers,
        "processors": os.cpu_count(),
        "seconds": round(measured.seconds, 1),
        "processor_seconds": round(measured.processor_seconds, 1),
        "processor_seconds_of_workers": round(theirs, 1),
        "megabytes": round(measured.megabytes, 1),
        "assume_role": entered,
        "kept": {
            "time": measured.seconds <= MOST_SECONDS,
            "memory": measured.megabytes <= MOST_MEGABYTES,
            "credentials": entered <= arguments.accounts,
        },
    }


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['accounts']} accounts in {document['regions']} Regions, {document['keys']} keys"]
    by = f"{document['workers']} Dask workers" if document["workers"] else "one process"
    lines.append(
        f"scanned by {by} in {document['seconds']} s, {document['processor_seconds']} s of the command's processor "
        f"and {document['processor_seconds_of_workers']} s of the workers', {document['megabytes']} MB"
    )
    lines.append(f"AssumeRole: {document['assume_role']} calls")
    lines += [f"limit passed: {name}" for name, kept in document["kept"].items() if not kept]
    return "\n".join(lines) + "\n"


def _client(sandbox: Sandbox, service: str, account: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload] # which service is the caller's matter
        region_name=region,
        endpoint_url=sandbox.endpoint_url,
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",  # noqa: S106 - the embedded AWS has no secrets
        config=Config(max_pool_connections=_AT_ONCE),
    )


def _accounts(sandbox: Sandbox, count: int) -> list[str]:
    """The organization's own account and its members."""
    organization = _client(sandbox, "organizations")
    organization.create_organization(FeatureSet="ALL")
    for number in range(count - 1):
        organization.create_account(Email=f"{number}@example.com", AccountName=f"account-{number}")
    pages = organization.get_paginator("list_accounts").paginate()
    return sorted(item["Id"] for page in pages for item in page["Accounts"])


def _make_keys(sandbox: Sandbox, accounts: list[str], count: int) -> None:
    """Keys in the first accounts' default Region, ten an account or more."""

    def fill(account: str, number: int) -> None:
        kms = _client(sandbox, "kms", account)
        for index in range(number):
            key = kms.create_key(Description=f"key {index}")["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=f"alias/key-{index}", TargetKeyId=key)

    each, more = divmod(count, len(accounts))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(fill, accounts, [each + (place < more) for place in range(len(accounts))]))


def _no_reader(_: Counter[str]) -> int:
    raise SystemExit("there is no bare reader of an organization")


if __name__ == "__main__":
    sys.exit(run(main, _no_reader))
