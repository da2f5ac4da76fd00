"""A thousand keys on the embedded AWS: scanned, beside a bare boto3 reader of the same calls.

    python benchmarks/scan.py [--keys 1000] [--policies 50] [--rounds 3] [--json]

`--policies` is how many different policies the keys have; with as many as keys, each is proved by itself. The scan is
the real command in a process of its own, its result thrown away; so is the bare reader, in as many threads. The time of
each is its best of the rounds. The analysis is `keywright report` on the finished snapshot, without AWS. Exit code 1 if
a limit is passed: 1.3 times the bare reader's time, 5.05 calls a key, 200 MB, an analysis slower than the reading.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from measuring import Measured, run, run_apart

from keywright._internal.estate.scan import KEYS_AT_ONCE
from keywright._internal.sandbox import DEFAULT_ACCOUNT, DEFAULT_REGION, Sandbox

MOST_TIMES_THE_BARE_READER = 1.3
MOST_CALLS_A_KEY = 5.05
MOST_MEGABYTES = 200
_FOUND = (0, 1)
"""A scan that found something is none that failed."""
_A_KEY = ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "ListGrants")


def main() -> int:
    """Measure, print, and say by the exit code whether every limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--policies", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        _make(sandbox, arguments.keys, arguments.policies)
        snapshot = Path(folder) / "estate.db"
        environment = sandbox.environment()
        bare, scans, analyses = [], [], []
        for _ in range(arguments.rounds):
            bare.append(run_apart(environment, "bare"))
            scans.append(run_apart(environment, "keywright", "scan", "--json", "--out", str(snapshot), allowed=_FOUND))
            analyses.append(run_apart(environment, "keywright", "report", "--json", str(snapshot), allowed=_FOUND))
    document = _document(arguments.keys, arguments.policies, bare, scans, analyses)
    sys.stdout.write(json.dumps(document) + "\n" if arguments.json else _text(document))
    return int(not all(document["kept"].values()))


def _document(
    keys: int, policies: int, bare: list[Measured], scans: list[Measured], analyses: list[Measured]
) -> dict[str, Any]:
    best = {name: min(runs, key=lambda run: run.seconds) for name, runs in
            (("bare reader", bare), ("scan", scans), ("analysis", analyses))}  # fmt: skip
    ratio = best["scan"].seconds / best["bare reader"].seconds
    calls = sum(best["scan"].calls.values()) / keys
    megabytes = max(run.megabytes for run in scans)
    return {
        "keys": keys,
        "policies": policies,
        "seconds": {name: round(run.seconds, 2) for name, run in best.items()},
        "megabytes": {name: round(run.megabytes, 1) for name, run in best.items()},
        "calls": dict(sorted(best["scan"].calls.items())),
        "calls_a_key": round(calls, 3),
        "ratio": round(ratio, 3),
        "kept": {
            "time": ratio <= MOST_TIMES_THE_BARE_READER,
            "calls": calls <= MOST_CALLS_A_KEY,
            "memory": megabytes <= MOST_MEGABYTES,
            "analysis": best["analysis"].seconds <= best["bare reader"].seconds,
        },
    }


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['keys']} keys with {document['policies']} different policies"]
    lines += [f"{name}: {seconds} s, {document['megabytes'][name]} MB" for name, seconds in document["seconds"].items()]
    lines.append(
        f"the scan takes {document['ratio']} times the bare reader's time, {document['calls_a_key']} calls a key"
    )
    lines += [f"limit passed: {name}" for name, kept in document["kept"].items() if not kept]
    return "\n".join(lines) + "\n"


def _make(sandbox: Sandbox, keys: int, policies: int) -> None:
    """Keys with an alias, two tags, rotation and one of so many policies."""
    kms = boto3.client("kms", **_client(sandbox), config=Config(max_pool_connections=KEYS_AT_ONCE))
    own = f"arn:aws:iam::{DEFAULT_ACCOUNT}"

    def make(number: int) -> None:
        use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        users = [f"{own}:role/app-{number % policies}", f"{own}:role/batch"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"{own}:root"}, "Action": "kms:*",
                 "Resource": "*"},
                {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": users}, "Action": use, "Resource": "*"},
            ],
        }  # fmt: skip
        tags = [{"TagKey": "Number", "TagValue": str(number)}, {"TagKey": "Team", "TagValue": "shop"}]
        key = kms.create_key(Policy=json.dumps(policy), Tags=tags)["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key)
        kms.create_alias(AliasName=f"alias/fleet/{number:05d}", TargetKeyId=key)

    with ThreadPoolExecutor(KEYS_AT_ONCE) as pool:
        list(pool.map(make, range(keys)))


def _client(sandbox: Sandbox) -> dict[str, str]:
    return {
        "region_name": DEFAULT_REGION,
        "endpoint_url": sandbox.endpoint_url,
        "aws_access_key_id": DEFAULT_ACCOUNT,
        "aws_secret_access_key": "sandbox",
    }


def _bare(calls: Counter[str]) -> int:
    """The same calls with nothing around them."""
    regions = [item["RegionName"] for item in boto3.client("ec2").describe_regions()["Regions"]]
    session = boto3.Session()
    config = Config(max_pool_connections=KEYS_AT_ONCE)

    def listed(region: str) -> tuple[Any, list[str]]:
        kms = session.client("kms", region_name=region, config=config)
        keys = [key["KeyArn"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
        list(kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 100}))
        return kms, keys

    def read(kms: Any, arn: str) -> None:
        kms.describe_key(KeyId=arn)
        kms.get_key_policy(KeyId=arn, PolicyName="default")
        kms.get_key_rotation_status(KeyId=arn)
        kms.list_resource_tags(KeyId=arn)
        kms.list_grants(KeyId=arn)

    with ThreadPoolExecutor(KEYS_AT_ONCE) as pool:
        work = [pool.submit(read, kms, arn) for kms, keys in map(listed, regions) for arn in keys]
        for item in work:
            item.result()
    calls.update(dict.fromkeys(_A_KEY, len(work)))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, _bare))
