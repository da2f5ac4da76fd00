"""The story: what is done in each chapter, and what must be seen for it to count."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from keywright._internal.sandbox import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from keywright._internal.demo.environment import Stage

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
ALIAS = "alias/payments-data"
SECRET = b"4111 1111 1111 1111"
ROLES = ("kms-admin", "payments-app")

KEYS = f"""\
stack: payments
region: {REGION}
keys:
  data:
    description: Card data, and the logs about it
    aliases: [payments-data]
    key_administrator_arns: ["arn:aws:iam::{DEFAULT_ACCOUNT}:role/kms-admin"]
    key_user_arns: ["arn:aws:iam::{DEFAULT_ACCOUNT}:role/payments-app"]
    key_service_users: [logs.{REGION}.amazonaws.com]
    multi_region: true
    replica_regions: {{{OTHER_REGION}: {{}}}}
    tags: {{Environment: prod}}
  receipts:
    description: Signs receipts
    aliases: [payments-receipts]
    key_usage: SIGN_VERIFY
    customer_master_key_spec: ECC_NIST_P256
    key_user_arns: ["arn:aws:iam::{DEFAULT_ACCOUNT}:role/payments-app"]
"""

PUBLIC = f"""\
stack: oops
region: {REGION}
keys:
  open:
    aliases: [open]
    policy: >-
      {{"Version": "2012-10-17", "Statement": [
        {{"Effect": "Allow", "Principal": {{"AWS": "{DEFAULT_ACCOUNT}"}}, "Action": "kms:*", "Resource": "*"}},
        {{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}}]}}
"""

Chapter = Callable[["Stage"], None]


def declare(stage: Stage) -> None:
    """Write the file and check it."""
    stage.teller.chapter("Declare", "Two keys of one stack, with the roles and the service that need them.")
    for role in ROLES:
        stage.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument='{"Version": "2012-10-17"}')
    stage.write("keys.yaml", KEYS)
    stage.keywright("validate", "keys.yaml")


def plan(stage: Stage) -> None:
    """Say what would happen."""
    stage.teller.chapter("Plan", "What would be done, before anything is.")
    stage.keywright("plan", "keys.yaml", "--detailed-exitcode", expect=1)
    stage.check(not stage.kms().list_keys()["Keys"], "AWS has no key yet")


def apply(stage: Stage) -> None:
    """Make the keys."""
    stage.teller.chapter("Apply", "Each key is made with its final policy: there is no moment without it.")
    stage.keywright("apply", "keys.yaml", "--yes")
    stage.check(len(stage.kms().list_keys()["Keys"]) == 2, "AWS has two keys")  # noqa: PLR2004
    stage.check(len(stage.kms(OTHER_REGION).list_keys()["Keys"]) == 1, f"and a replica in {OTHER_REGION}")


def outputs(stage: Stage) -> None:
    """Show the outputs."""
    stage.teller.chapter("Outputs", "What other tools need to know, as text or with --json.")
    stage.keywright("output", "keys.yaml")
    done = stage.keywright("output", "keys.yaml", "--json", show=False)
    data = json.loads(done.stdout)["keys"]["data"]
    stage.remembered["key"] = data["key_id"]
    live = stage.kms().describe_key(KeyId=ALIAS)["KeyMetadata"]
    stage.check(live["Arn"] == data["key_arn"], f"{ALIAS} is {data['key_arn']}")
    stage.check(data["rotation_enabled"] is True, "it rotates")


def second_plan(stage: Stage) -> None:
    """Plan again."""
    stage.teller.chapter("Plan again", "Nothing is left to do, although AWS rewrites policies: meanings are compared.")
    stage.keywright("plan", "keys.yaml", "--detailed-exitcode")


def verify(stage: Stage) -> None:
    """Verify, with real use of the keys."""
    stage.teller.chapter("Verify", "AWS is read again, and the keys are really used.")
    stage.keywright("verify", "keys.yaml")
    stage.teller.by_hand(f"aws kms encrypt --key-id {ALIAS} …")
    stage.remembered["ciphertext"] = stage.kms().encrypt(KeyId=ALIAS, Plaintext=SECRET)["CiphertextBlob"]
    stage.check(_decrypts(stage, OTHER_REGION), f"what {REGION} encrypts, the replica in {OTHER_REGION} decrypts")


def refuse(stage: Stage) -> None:
    """Refuse a policy that opens the key to everybody."""
    stage.teller.chapter("Refuse a bad policy", "A policy that lets anybody decrypt is refused before AWS sees it.")
    stage.write("public.yaml", PUBLIC)
    before = len(stage.kms().list_keys()["Keys"])
    stage.keywright("apply", "public.yaml", "--yes", expect=2)
    stage.check(len(stage.kms().list_keys()["Keys"]) == before, "no key was made")


def drift(stage: Stage) -> None:
    """Change a key by hand, show it, mend it."""
    stage.teller.chapter("Drift", "Somebody changes a key by hand; verify shows it, apply puts it right.")
    key = stage.remembered["key"]
    stage.teller.by_hand(f"aws kms disable-key-rotation --key-id {key}")
    stage.kms().disable_key_rotation(KeyId=key)
    stage.teller.by_hand(f"aws kms put-key-policy --key-id {key} …   (adds a stranger's account)")
    policy = json.loads(stage.kms().get_key_policy(KeyId=key)["Policy"])
    stranger = {"AWS": "arn:aws:iam::999999999999:root"}
    policy["Statement"].append(
        {"Sid": "Stranger", "Effect": "Allow", "Principal": stranger, "Action": "kms:Decrypt", "Resource": "*"}
    )
    stage.kms().put_key_policy(KeyId=key, Policy=json.dumps(policy))
    found = stage.keywright("verify", "keys.yaml", expect=1)
    stage.check("rotat" in found.stdout + found.stderr, "the rotation is missed")
    stage.check("999999999999" in found.stdout + found.stderr, "the stranger is named")
    stage.keywright("apply", "keys.yaml", "--yes")
    stage.keywright("verify", "keys.yaml", show=False)
    stage.check(stage.kms().get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], "it rotates again")


def destroy(stage: Stage) -> None:
    """Schedule the deletion."""
    stage.teller.chapter("Destroy", "Deletion is only scheduled; until the date it can be taken back.")
    stage.keywright("destroy", "keys.yaml", "--yes")
    stage.check(not _decrypts(stage, REGION), "what it encrypted can't be read now")


def restore(stage: Stage) -> None:
    """Take it back."""
    stage.teller.chapter("Restore", "The same keys come back, with their aliases.")
    stage.keywright("restore", "keys.yaml")
    stage.keywright("plan", "keys.yaml", "--detailed-exitcode")
    stage.check(_decrypts(stage, REGION), "what it encrypted before can be read again")


STORY: tuple[Chapter, ...] = (
    declare,
    plan,
    apply,
    outputs,
    second_plan,
    verify,
    refuse,
    drift,
    destroy,
    restore,
)


def _decrypts(stage: Stage, region: str) -> bool:
    try:
        found = stage.kms(region).decrypt(CiphertextBlob=stage.remembered["ciphertext"], KeyId=stage.remembered["key"])
    except ClientError:
        return False
    return found["Plaintext"] == SECRET
