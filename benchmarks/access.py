"""Who can use the keys of a synthetic organization: one key from a cold start, and all principals on all keys.

    python benchmarks/access.py [ROLES]

The organization has 100 accounts with a hundredth of the roles each and ten keys an account, a service control policy
with a condition at its root, in each account one key for the whole organization, one administrator, and roles that EC2
or the account may assume. The anchor, a Go program that
knows no conditions, grants and outsiders, took 5.3 s for the 10 million pairs of one action. Prints one JSON document.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from keywright._internal.access.snapshot import AccessSnapshot, KeyProperties, SnapshotKey
from keywright._internal.access.who_can import WhoCan
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.iam import IamPrincipal, IamSnapshot, NamedPolicy, Organization, OrganizationAccount
from keywright._internal.estate.iam_file import put_iam, put_organization
from keywright._internal.estate.key_import import keys_of, put_keys

ACCOUNTS, KEYS_AN_ACCOUNT = 100, 10
ACTIONS = ("kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy")
ORGANIZATION = "o-benchmark"
ANCHOR_SECONDS = 5.3


def main(roles: int) -> dict[str, Any]:
    """Measure."""
    snapshot = synthetic(roles)
    report: dict[str, Any] = {"roles": roles, "keys": len(snapshot.keys)}
    with tempfile.TemporaryDirectory() as folder:
        report["who-can, cold"] = cold(snapshot, Path(folder) / "estate.db")
    began, used = time.perf_counter(), cpu(resource.RUSAGE_SELF)
    who = WhoCan(snapshot)
    rows = dict.fromkeys(ACTIONS, 0)
    for key in snapshot.keys.values():
        for action in ACTIONS:
            rows[action] += sum(1 for _ in who.findings(key, action))
    took = time.perf_counter() - began
    report["matrix"] = {
        "pairs": roles * len(snapshot.keys) * len(ACTIONS),
        "rows": rows,
        "seconds": round(took, 2),
        "CPU seconds": round(cpu(resource.RUSAGE_SELF) - used, 2),
        "seconds for one action": round(took / len(ACTIONS), 2),
        "times the anchor": round(took / len(ACTIONS) / ANCHOR_SECONDS, 2),
    }
    report["peak MB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return report


def cold(snapshot: AccessSnapshot, path: Path) -> dict[str, Any]:
    """Seconds of one command from its start to its end, for a key of the organization and for one of its account."""
    with EstateFile.create(path, {}) as estate:
        put_organization(estate, snapshot.iam.organization)
        for account, members in snapshot.by_account.items():
            put_iam(estate, account, [item.principal for item in members])
        put_keys(estate, keys_of([document(item) for item in snapshot.keys.values()]))
        estate.put_finished()
    command = (sys.executable, "-m", "keywright", "who-can")
    report: dict[str, Any] = {"snapshot MB": round(path.stat().st_size / 1e6, 1)}
    for name, at in (("key of the organization", 0), ("key of its account", 1)):
        key = list(snapshot.keys)[at]
        line = (*command, key, "Decrypt", "--from", str(path), "--json")
        best, busy, rows = 1e9, 1e9, 0
        for _ in range(3):
            began, used = time.perf_counter(), cpu(resource.RUSAGE_CHILDREN)
            done = subprocess.run(line, capture_output=True, check=True)  # noqa: S603 - our own command
            best = min(best, time.perf_counter() - began)
            busy = min(busy, cpu(resource.RUSAGE_CHILDREN) - used)
            rows = len(json.loads(done.stdout)["rows"])
        report[name] = {"seconds": round(best, 2), "CPU seconds": round(busy, 2), "rows": rows}
    return report


def cpu(whose: int) -> float:
    """CPU seconds used so far, which other work on the machine doesn't change."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def document(key: SnapshotKey) -> dict[str, Any]:
    """A key as `keywright import` takes it."""
    metadata = {"Arn": key.arn, "KeyId": key.arn.rpartition("/")[2], "KeyState": "Enabled", "Enabled": True}
    kind = {"KeySpec": key.facts.spec, "KeyUsage": key.facts.usage, "Origin": key.facts.origin}
    return {"KeyMetadata": metadata | kind, "Policy": key.policy_text, "Grants": [], "Tags": [], "Aliases": []}


def synthetic(roles: int) -> AccessSnapshot:
    """The organization, the same for the same number of roles."""
    chance = random.Random(7)
    numbers = [f"{100000000000 + at}" for at in range(ACCOUNTS)]
    scp = NamedPolicy("guard", text(deny("kms:ScheduleKeyDeletion", {"Bool": {"aws:MultiFactorAuthPresent": "false"}})))
    full = NamedPolicy("FullAWSAccess", text(allow("*", "*")))
    organization = Organization(
        ORGANIZATION,
        "999999999990",
        {
            number: OrganizationAccount(
                number, "", f"{ORGANIZATION}/r-root/ou-{at % 10}/", ((full, scp), (full,), (full,))
            )
            for at, number in enumerate(numbers)
        },
    )
    principals = [role(chance, number, at) for number in numbers for at in range(roles // ACCOUNTS)]
    keys = [key(number, at) for number in numbers for at in range(KEYS_AN_ACCOUNT)]
    return AccessSnapshot(
        keys, IamSnapshot(tuple(principals), frozenset(numbers), organization, organization_read=True)
    )


def role(chance: random.Random, account: str, at: int) -> IamPrincipal:
    """A role with a policy of its own and, one in eight, one about keys."""
    policies = [NamedPolicy("own", text(allow("s3:GetObject", f"arn:aws:s3:::bucket-{account}-{at}/*")))]
    if chance.randrange(8) == 0:
        where = chance.choice(
            ("*", f"arn:aws:kms:*:{account}:key/*", f"arn:aws:kms:eu-west-1:{account}:key/key-{at % 10}")
        )
        policies.append(
            NamedPolicy("keys", text(allow(chance.choice((["kms:Decrypt", "kms:CreateGrant"], "kms:*")), where)))
        )
    if at == 1:
        policies.append(NamedPolicy("AdministratorAccess", text(allow("*", "*"))))
    who = {"AWS": f"arn:aws:iam::{account}:root"} if at % 10 == 0 else {"Service": "ec2.amazonaws.com"}
    trust = text({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})
    arn = f"arn:aws:iam::{account}:role/role-{at}"
    return IamPrincipal(arn, "role", account, f"AROA{account}{at}", tuple(policies), trust=trust)


def key(account: str, at: int) -> SnapshotKey:
    """A key for its account and one role; the first of each account is for the organization too."""
    statements = [
        {**allow("kms:*", "*"), "Principal": {"AWS": f"arn:aws:iam::{account}:root"}},
        {**allow(["kms:Decrypt", "kms:Encrypt"], "*"), "Principal": {"AWS": f"arn:aws:iam::{account}:role/role-{at}"}},
    ]
    if at == 0:
        shared = {**allow("kms:Decrypt", "*"), "Principal": "*"}
        statements.append({**shared, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}})
    arn = f"arn:aws:kms:eu-west-1:{account}:key/key-{at}"
    facts = KeyProperties({}, (), "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", multi_region=False)
    return SnapshotKey(arn, json.dumps({"Version": "2012-10-17", "Statement": statements}), (), facts)


def allow(action: Any, resource_: str) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource_}


def deny(action: str, condition: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition}


def text(statement: dict[str, Any]) -> str:
    """A policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000), indent=1))  # noqa: T201 - its output
