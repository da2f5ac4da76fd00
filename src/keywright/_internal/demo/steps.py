"""The steps of the demo: what each does, and what must be true afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from keywright._internal.sandbox import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from keywright._internal.demo.environment import Environment

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
ALIAS = "alias/payments-data"
SECRET = b"4111 1111 1111 1111"
ADMINISTRATOR, APPLICATION, STRANGER = "kms-admin", "payments-app", "stranger"
TRUST = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"}, "Action": "sts:AssumeRole"}

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

Step = Callable[["Environment"], None]


def declare(demo: Environment) -> None:
    """Write the file and check it."""
    demo.console.step("Declare", "Two keys in one stack, and the roles and the service that use them.")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    for role in (ADMINISTRATOR, APPLICATION, STRANGER):
        demo.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    demo.write("keys.yaml", KEYS)
    demo.keywright("validate", "keys.yaml")


def plan(demo: Environment) -> None:
    """Plan."""
    demo.console.step("Plan", "Review what apply would do. Nothing is changed.")
    demo.keywright("plan", "keys.yaml", "--detailed-exitcode", expect=1)
    demo.check(not demo.kms().list_keys()["Keys"], "AWS has no keys yet")


def apply(demo: Environment) -> None:
    """Create the keys."""
    demo.console.step("Apply", "Each key is created with its final policy: it never exists without it.")
    demo.keywright("apply", "keys.yaml", "--yes")
    demo.check(len(demo.kms().list_keys()["Keys"]) == 2, "AWS has two keys")  # noqa: PLR2004
    demo.check(len(demo.kms(OTHER_REGION).list_keys()["Keys"]) == 1, f"one replica key is in {OTHER_REGION}")


def outputs(demo: Environment) -> None:
    """Show the outputs."""
    demo.console.step("Outputs", "The values that other tools need, as text or with --json.")
    demo.keywright("output", "keys.yaml")
    done = demo.keywright("output", "keys.yaml", "--json", show=False)
    data = json.loads(done.stdout)["keys"]["data"]
    demo.remembered["key"] = data["key_id"]
    live = demo.kms().describe_key(KeyId=ALIAS)["KeyMetadata"]
    demo.check(live["Arn"] == data["key_arn"], f"{ALIAS} is {data['key_arn']}")
    demo.check(data["rotation_enabled"] is True, "automatic rotation is on")


def second_plan(demo: Environment) -> None:
    """Plan again."""
    demo.console.step("Plan again", "No changes, although AWS rewrites the policies it stores.")
    demo.keywright("plan", "keys.yaml", "--detailed-exitcode")


def verify(demo: Environment) -> None:
    """Verify, with real use of the keys."""
    demo.console.step("Verify", "Read AWS again, compare, and use each key.")
    demo.keywright("verify", "keys.yaml")
    demo.console.by_hand(f"aws kms encrypt --key-id {ALIAS} …")
    demo.remembered["ciphertext"] = demo.kms().encrypt(KeyId=ALIAS, Plaintext=SECRET)["CiphertextBlob"]
    demo.check(_decrypts(demo, OTHER_REGION), f"the replica in {OTHER_REGION} decrypts what was encrypted in {REGION}")


def use(demo: Environment) -> None:
    """Use the key as three roles, on an AWS that says no."""
    demo.console.step("Use", "The embedded AWS authorizes each call, by the key policy and by IAM.")
    demo.console.by_hand(f"aws kms decrypt …   (as {APPLICATION}, {ADMINISTRATOR} and {STRANGER})")
    ciphertext = demo.remembered["ciphertext"]
    opened = demo.kms_as(APPLICATION).decrypt(CiphertextBlob=ciphertext)["Plaintext"]
    demo.check(opened == SECRET, f"{APPLICATION}, the declared user, decrypts")
    for role in (ADMINISTRATOR, STRANGER):
        demo.check(not _may_decrypt(demo, role), f"{role} is refused")
    demo.kms_as(ADMINISTRATOR).disable_key(KeyId=demo.remembered["key"])
    demo.kms_as(ADMINISTRATOR).enable_key(KeyId=demo.remembered["key"])
    demo.console.seen(f"{ADMINISTRATOR}, the declared administrator, disables and enables the key")


def refuse(demo: Environment) -> None:
    """Refuse a policy that opens the key to everybody."""
    demo.console.step("Refuse a bad policy", "A policy that lets anybody decrypt is refused before any AWS call.")
    demo.write("public.yaml", PUBLIC)
    before = len(demo.kms().list_keys()["Keys"])
    demo.keywright("apply", "public.yaml", "--yes", expect=2)
    demo.check(len(demo.kms().list_keys()["Keys"]) == before, "no key was created")


def drift(demo: Environment) -> None:
    """Change a key by hand, report the drift, correct it."""
    demo.console.step("Drift", "Somebody changes a key by hand. verify reports the drift, apply corrects it.")
    key = demo.remembered["key"]
    demo.console.by_hand(f"aws kms disable-key-rotation --key-id {key}")
    demo.kms().disable_key_rotation(KeyId=key)
    demo.console.by_hand(f"aws kms put-key-policy --key-id {key} …   (adds an unknown account)")
    policy = json.loads(demo.kms().get_key_policy(KeyId=key)["Policy"])
    stranger = {"AWS": "arn:aws:iam::999999999999:root"}
    policy["Statement"].append(
        {"Sid": "Stranger", "Effect": "Allow", "Principal": stranger, "Action": "kms:Decrypt", "Resource": "*"}
    )
    demo.kms().put_key_policy(KeyId=key, Policy=json.dumps(policy))
    found = demo.keywright("verify", "keys.yaml", expect=1)
    demo.check("rotat" in found.stdout + found.stderr, "the drift in rotation is reported")
    demo.check("999999999999" in found.stdout + found.stderr, "the unknown account is reported")
    demo.keywright("apply", "keys.yaml", "--yes")
    demo.keywright("verify", "keys.yaml", show=False)
    demo.check(demo.kms().get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], "automatic rotation is on again")


def destroy(demo: Environment) -> None:
    """Schedule the deletion."""
    demo.console.step("Destroy", "Deletion is scheduled, and can be cancelled until its date.")
    demo.keywright("destroy", "keys.yaml", "--yes")
    demo.check(not _decrypts(demo, REGION), "its ciphertexts can't be decrypted now")


def restore(demo: Environment) -> None:
    """Cancel the deletion."""
    demo.console.step("Restore", "Cancel the deletion: the same keys, with their aliases.")
    demo.keywright("restore", "keys.yaml")
    demo.keywright("plan", "keys.yaml", "--detailed-exitcode")
    demo.check(_decrypts(demo, REGION), "its ciphertexts can be decrypted again")


STEPS: tuple[Step, ...] = (
    declare,
    plan,
    apply,
    outputs,
    second_plan,
    verify,
    use,
    refuse,
    drift,
    destroy,
    restore,
)


def _may_decrypt(demo: Environment, role: str) -> bool:
    """Whether a role may decrypt; what AWS says to one that may not is shown."""
    try:
        demo.kms_as(role).decrypt(CiphertextBlob=demo.remembered["ciphertext"], KeyId=demo.remembered["key"])
    except ClientError as error:
        demo.console.output(error.response["Error"]["Message"])
        return False
    return True


def _decrypts(demo: Environment, region: str) -> bool:
    try:
        found = demo.kms(region).decrypt(CiphertextBlob=demo.remembered["ciphertext"], KeyId=demo.remembered["key"])
    except ClientError:
        return False
    return found["Plaintext"] == SECRET
