"""What AWS does and the bare emulator doesn't: one test for each line of docs/sandbox.md."""

from __future__ import annotations

import base64
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from aws_directly import Aws, Refused
from keywright._internal.sandbox import Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
EUROPE = "eu-west-1"


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"} | changes


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def own(aws: Aws) -> dict[str, Any]:
    return statement(Principal={"AWS": f"arn:aws:iam::{aws.account}:root"})


@pytest.fixture
def key(aws: Aws) -> str:
    made: str = aws.kms("CreateKey")["KeyMetadata"]["KeyId"]
    return made


@pytest.fixture
def family(aws: Aws) -> str:
    made: str = aws.kms("CreateKey", MultiRegion=True)["KeyMetadata"]["KeyId"]
    aws.kms("ReplicateKey", KeyId=made, ReplicaRegion=EUROPE)
    return made


def put(aws: Aws, key: str, text: str, **more: Any) -> None:
    aws.kms("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=text, **more)


@pytest.mark.parametrize("operation", ["CreateKey", "PutKeyPolicy", "ReplicateKey"])
def test_a_policy_that_locks_its_caller_out_is_refused_unless_the_check_is_bypassed(operation: str, aws: Aws) -> None:
    text = policy(statement(Principal={"AWS": "arn:aws:iam::999999999999:root"}))
    made = aws.kms("CreateKey", MultiRegion=True)["KeyMetadata"]["KeyId"]
    parameters = {
        "CreateKey": {},
        "PutKeyPolicy": {"KeyId": made, "PolicyName": "default"},
        "ReplicateKey": {"KeyId": made, "ReplicaRegion": EUROPE},
    }[operation]
    with pytest.raises(Refused, match="will not allow you to update the key policy in the future") as refused:
        aws.kms(operation, Policy=text, **parameters)
    assert refused.value.code == "MalformedPolicyDocumentException"
    aws.kms(operation, Policy=text, BypassPolicyLockoutSafetyCheck=True, **parameters)


def test_a_deny_for_the_caller_locks_out_too(aws: Aws, key: str) -> None:
    with pytest.raises(Refused, match="in the future"):
        put(aws, key, policy(own(aws), statement(Effect="Deny", Action="kms:Put*")))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "MalformedPolicyDocumentException"),
        ("[]", "MalformedPolicyDocumentException"),
        (policy(), "MalformedPolicyDocumentException"),
        (policy(statement(Principal={})), "MalformedPolicyDocumentException"),
        (policy(statement(Effect="Perhaps")), "MalformedPolicyDocumentException"),
        (policy(statement(Sid="x" * 33_000)), "LimitExceededException"),
        (
            policy(statement(Condition={"ForAllValues:StringEquals": {"kms:EncryptionContext:a": "b"}})),
            "MalformedPolicyDocumentException",
        ),
    ],
    ids=["not JSON", "no object", "no statement", "no principal", "no effect", "too long", "overly permissive"],
)
def test_a_malformed_policy_is_refused(text: str, code: str, aws: Aws, key: str) -> None:
    with pytest.raises(Refused) as refused:
        put(aws, key, text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "principal", ["arn:aws:iam::111122223333:role/*", "arn:aws-cn:iam::111122223333:root", "somebody"]
)
def test_a_principal_that_cannot_be_is_refused(principal: str, aws: Aws, key: str) -> None:
    with pytest.raises(Refused, match="invalid principals"):
        put(aws, key, policy(own(aws), statement(Principal={"AWS": principal})))


def test_a_role_must_exist_where_that_is_asked_for(sandbox: Sandbox, aws: Aws, key: str) -> None:
    sandbox.require_principals(aws.account)
    text = policy(own(aws), statement(Principal={"AWS": f"arn:aws:iam::{aws.account}:role/app"}))
    with pytest.raises(Refused, match="invalid principals"):
        put(aws, key, text)
    aws.make_role("app")
    put(aws, key, text)


def test_a_deleted_role_shows_as_its_id_and_stays_so_when_it_is_made_again(aws: Aws, key: str) -> None:
    role = aws.make_role("app")
    put(aws, key, policy(own(aws), statement(Principal={"AWS": role})))
    aws.iam("DeleteRole", RoleName="app")
    aws.make_role("app")
    shown = aws.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"]
    assert role not in shown
    assert re.search(r'"AROA\w+"', shown)


def test_a_policy_comes_back_with_its_meaning_not_with_its_text(aws: Aws, key: str) -> None:
    put(aws, key, policy(statement(Principal={"AWS": [aws.account]}, Action=["kms:*"])))
    shown = json.loads(aws.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"])["Statement"][0]
    assert shown["Principal"] == {"AWS": f"arn:aws:iam::{aws.account}:root"}
    assert shown["Action"] == "kms:*"


def test_keys_are_dated_to_the_millisecond(aws: Aws) -> None:
    dates = [aws.kms("CreateKey")["KeyMetadata"]["CreationDate"] for _ in range(5)]
    assert any(date % 1 for date in dates)
    assert dates == sorted(dates)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("CreateAlias", {"AliasName": "alias/pending"}),
        ("DisableKey", {}),
        ("EnableKey", {}),
        ("EnableKeyRotation", {}),
        ("ScheduleKeyDeletion", {}),
        ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("UntagResource", {"TagKeys": ["a"]}),
        ("UpdateKeyDescription", {"Description": "x"}),
    ],
)
def test_a_key_pending_deletion_cannot_be_changed(
    operation: str, parameters: dict[str, Any], aws: Aws, key: str
) -> None:
    aws.kms("ScheduleKeyDeletion", KeyId=key)
    subject = "TargetKeyId" if operation == "CreateAlias" else "KeyId"
    with pytest.raises(Refused, match="is pending deletion") as refused:
        aws.kms(operation, **{subject: key}, **parameters)
    assert refused.value.code == "KMSInvalidStateException"


def test_the_policy_of_a_key_pending_deletion_can_be_changed(aws: Aws, key: str) -> None:
    aws.kms("ScheduleKeyDeletion", KeyId=key)
    put(aws, key, policy(own(aws)))


def test_only_a_deletion_that_is_scheduled_can_be_cancelled(aws: Aws, key: str) -> None:
    with pytest.raises(Refused, match="is not pending deletion"):
        aws.kms("CancelKeyDeletion", KeyId=key)


def test_rotation_cannot_be_changed_while_a_key_is_disabled(aws: Aws, key: str) -> None:
    aws.kms("DisableKey", KeyId=key)
    with pytest.raises(Refused) as refused:
        aws.kms("EnableKeyRotation", KeyId=key)
    assert refused.value.code == "DisabledException"


def test_rotation_shows_as_off_while_deletion_is_pending_and_comes_back(aws: Aws, key: str) -> None:
    aws.kms("EnableKeyRotation", KeyId=key)
    aws.kms("ScheduleKeyDeletion", KeyId=key)
    assert not aws.kms("GetKeyRotationStatus", KeyId=key)["KeyRotationEnabled"]
    aws.kms("CancelKeyDeletion", KeyId=key)
    assert aws.kms("GetKeyRotationStatus", KeyId=key)["KeyRotationEnabled"]


@pytest.mark.parametrize("days", [1, 89, 2561])
def test_a_rotation_period_has_its_bounds(days: int, aws: Aws, key: str) -> None:
    with pytest.raises(Refused):
        aws.kms("EnableKeyRotation", KeyId=key, RotationPeriodInDays=days)


def test_only_the_primary_of_a_family_changes_rotation(aws: Aws, family: str) -> None:
    with pytest.raises(Refused) as refused:
        aws.kms("EnableKeyRotation", EUROPE, KeyId=family)
    assert refused.value.code == "UnsupportedOperationException"
    aws.kms("EnableKeyRotation", KeyId=family)
    assert aws.kms("GetKeyRotationStatus", EUROPE, KeyId=family)["KeyRotationEnabled"]


def test_a_primary_waits_for_its_replicas_without_a_date(aws: Aws, family: str) -> None:
    promised = aws.kms("ScheduleKeyDeletion", KeyId=family, PendingWindowInDays=9)
    assert promised["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in promised
    shown = aws.kms("DescribeKey", KeyId=family)["KeyMetadata"]
    assert (shown["KeyState"], shown["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 9)


def test_a_region_with_a_replica_pending_deletion_is_taken(aws: Aws, family: str) -> None:
    aws.kms("ScheduleKeyDeletion", EUROPE, KeyId=family)
    with pytest.raises(Refused) as refused:
        aws.kms("ReplicateKey", KeyId=family, ReplicaRegion=EUROPE)
    assert refused.value.code == "AlreadyExistsException"


@pytest.mark.parametrize("name", ["alias/aws/mine", "alias/with space", "no-prefix", "alias/colon:"])
def test_an_alias_name_that_kms_does_not_take_is_refused(name: str, aws: Aws, key: str) -> None:
    with pytest.raises(Refused):
        aws.kms("CreateAlias", AliasName=name, TargetKeyId=key)


def test_an_alias_moves_only_between_keys_of_one_type_and_usage(aws: Aws, key: str) -> None:
    mac = aws.kms("CreateKey", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    name = f"alias/{uuid.uuid4()}"
    aws.kms("CreateAlias", AliasName=name, TargetKeyId=mac)
    with pytest.raises(Refused):
        aws.kms("UpdateAlias", AliasName=name, TargetKeyId=key)


@pytest.mark.parametrize(
    "tags",
    [
        [{"TagKey": "aws:x", "TagValue": "y"}],
        [{"TagKey": "x", "TagValue": "y"}, {"TagKey": "x", "TagValue": "z"}],
        [{"TagKey": f"t{number}", "TagValue": "y"} for number in range(51)],
    ],
    ids=["reserved", "twice", "too many"],
)
def test_tags_that_kms_does_not_take_are_refused(tags: list[dict[str, str]], aws: Aws, key: str) -> None:
    with pytest.raises(Refused):
        aws.kms("TagResource", KeyId=key, Tags=tags)


@pytest.mark.parametrize(("operation", "field", "most"), [("ListKeys", "Keys", 1000), ("ListAliases", "Aliases", 100)])
def test_listings_come_in_pages(operation: str, field: str, most: int, aws: Aws) -> None:
    for number in range(3):
        key = aws.kms("CreateKey")["KeyMetadata"]["KeyId"]
        aws.kms("CreateAlias", AliasName=f"alias/page-{number}", TargetKeyId=key)
    whole = aws.kms(operation)[field]
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = aws.kms(operation, Limit=2, **more)
        assert len(page[field]) <= 2
        found += page[field]
        if not page["Truncated"]:
            break
        more = {"Marker": page["NextMarker"]}
    assert found == whole
    with pytest.raises(Refused):
        aws.kms(operation, Limit=most + 1)


def test_the_last_use_of_a_key_is_known(aws: Aws, key: str) -> None:
    assert aws.kms("GetKeyLastUsage", KeyId=key)["KeyLastUsage"] == {}
    aws.kms("Encrypt", KeyId=key, Plaintext=base64.b64encode(b"x").decode())
    assert aws.kms("GetKeyLastUsage", KeyId=key)["KeyLastUsage"]["Operation"] == "Encrypt"


def test_two_key_agreement_keys_derive_the_same_secret(aws: Aws) -> None:
    one, other = (
        aws.kms("CreateKey", KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
        for _ in range(2)
    )

    def secret(mine: str, theirs: str) -> str:
        public = aws.kms("GetPublicKey", KeyId=theirs)["PublicKey"]
        found: str = aws.kms("DeriveSharedSecret", KeyId=mine, PublicKey=public, KeyAgreementAlgorithm="ECDH")[
            "SharedSecret"
        ]
        return found

    assert secret(one, other) == secret(other, one)


def test_metadata_names_the_account_and_only_the_algorithms_of_the_usage(aws: Aws) -> None:
    shown = aws.kms("CreateKey", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert shown["AWSAccountId"] == aws.account
    assert "SigningAlgorithms" in shown
    assert "EncryptionAlgorithms" not in shown


def test_a_grant_is_for_a_principal_or_for_a_service_with_a_source(aws: Aws, key: str) -> None:
    service = "sagemaker.us-east-1.amazonaws.com"
    grant = {"KeyId": key, "GranteeServicePrincipal": service, "Operations": ["Decrypt"]}
    with pytest.raises(Refused, match="SourceArn"):
        aws.kms("CreateGrant", **grant)
    source = {"SourceArn": f"arn:aws:sagemaker:us-east-1:{aws.account}:endpoint/e"}
    with pytest.raises(Refused, match="not both"):
        aws.kms("CreateGrant", **grant, GranteePrincipal=f"arn:aws:iam::{aws.account}:root", Constraints=source)
    aws.kms("CreateGrant", **grant, Constraints=source)
    (listed,) = aws.kms("ListGrants", KeyId=key)["Grants"]
    assert (listed["GranteeServicePrincipal"], listed["Constraints"]) == (service, source)
    assert "GranteePrincipal" not in listed


def test_grants_come_in_pages_with_their_constraints(aws: Aws, key: str) -> None:
    subset = {"EncryptionContextSubset": {"app": "shop"}}
    role = f"arn:aws:iam::{aws.account}:role/app"
    for number in range(3):
        grant = {"GranteePrincipal": role, "Operations": ["Decrypt"], "Name": f"g{number}", "Constraints": subset}
        aws.kms("CreateGrant", KeyId=key, **grant)
    first = aws.kms("ListGrants", KeyId=key, Limit=2)
    second = aws.kms("ListGrants", KeyId=key, Limit=2, Marker=first["NextMarker"])
    assert [len(page["Grants"]) for page in (first, second)] == [2, 1]
    assert not second["Truncated"]
    assert all(item["Constraints"] == subset for page in (first, second) for item in page["Grants"])


def test_a_key_of_a_custom_key_store_says_so_and_has_no_rotation(aws: Aws) -> None:
    with pytest.raises(Refused, match="go together"):
        aws.kms("CreateKey", Origin="AWS_CLOUDHSM")
    made = aws.kms("CreateKey", Origin="AWS_CLOUDHSM", CustomKeyStoreId="cks-1234567890abcdef0")["KeyMetadata"]
    shown = aws.kms("DescribeKey", KeyId=made["KeyId"])["KeyMetadata"]
    assert (shown["Origin"], shown["CustomKeyStoreId"]) == ("AWS_CLOUDHSM", "cks-1234567890abcdef0")
    with pytest.raises(Refused) as refused:
        aws.kms("GetKeyRotationStatus", KeyId=made["KeyId"])
    assert refused.value.code == "UnsupportedOperationException"


def test_a_stack_replicates_a_key_of_a_stack_in_another_region(aws: Aws) -> None:
    made = {
        "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"MultiRegion": True}}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}}},
    }
    output = {"Fn::GetStackOutput": {"StackName": "keys", "OutputName": "Arn", "Region": "us-east-1"}}
    properties = {"PrimaryKeyArn": output, "KeyPolicy": json.loads(policy(own(aws))), "Description": "there"}
    replica = {"Resources": {"Key": {"Type": "AWS::KMS::ReplicaKey", "Properties": properties}}}
    for region, template in (("us-east-1", made), (EUROPE, replica)):
        aws.cloudformation("CreateStack", region, StackName="keys", TemplateBody=json.dumps(template))
        while "_IN_PROGRESS" in aws.cloudformation("DescribeStacks", region, StackName="keys"):
            pass
    (primary,), (found,) = aws.keys("us-east-1"), aws.keys(EUROPE)
    assert (found["KeyId"], found["Description"]) == (primary["KeyId"], "there")


def test_a_ciphertext_moves_to_another_key_and_opens_with_its_own_alone(aws: Aws, key: str) -> None:
    other = aws.kms("CreateKey")["KeyMetadata"]["Arn"]
    context = {"app": "shop"}
    blob = aws.kms("Encrypt", KeyId=key, Plaintext="aGVsbG8=", EncryptionContext=context)["CiphertextBlob"]
    with pytest.raises(Refused, match="IncorrectKeyException"):
        aws.kms("Decrypt", KeyId=other, CiphertextBlob=blob, EncryptionContext=context)
    moved = aws.kms("ReEncrypt", CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=other)
    opened = aws.kms("Decrypt", KeyId=other, CiphertextBlob=moved["CiphertextBlob"])
    assert (opened["Plaintext"], opened["KeyId"]) == ("aGVsbG8=", other)
    assert moved["SourceKeyId"].endswith(key)
    with pytest.raises(Refused, match="InvalidCiphertextException"):
        aws.kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)


def test_a_dry_run_says_whether_the_call_would_succeed(aws: Aws, key: str) -> None:
    for operation, asked in (
        ("Encrypt", {"Plaintext": "aGVsbG8="}),
        ("GenerateDataKey", {"KeySpec": "AES_256"}),
        ("CreateGrant", {"GranteePrincipal": f"arn:aws:iam::{aws.account}:root", "Operations": ["Decrypt"]}),
    ):
        with pytest.raises(Refused, match="DryRunOperationException"):
            aws.kms(operation, KeyId=key, DryRun=True, **asked)
    assert aws.kms("GetKeyLastUsage", KeyId=key)["KeyLastUsage"] == {}
    assert aws.kms("ListGrants", KeyId=key)["Grants"] == []


def test_a_user_s_access_key_acts_in_the_user_s_account(aws: Aws) -> None:
    aws.iam("CreateUser", UserName="ann")
    made = re.search("<AccessKeyId>([^<]+)<", aws.iam("CreateAccessKey", UserName="ann"))
    assert made is not None
    user = Aws(aws.endpoint, made[1])
    assert f"<Arn>arn:aws:iam::{aws.account}:user/ann<" in user.sts("GetCallerIdentity")
    assert user.kms("CreateKey")["KeyMetadata"]["AWSAccountId"] == aws.account


def test_an_organization_begins_with_its_creation(aws: Aws) -> None:
    with pytest.raises(Refused, match="AWSOrganizationsNotInUseException"):
        aws.organizations("DescribeOrganization")
    made = aws.organizations("CreateOrganization")["Organization"]
    assert made["MasterAccountId"] == aws.account
    (root,) = aws.organizations("ListRoots")["Roots"]
    unit = aws.organizations("CreateOrganizationalUnit", ParentId=root["Id"], Name="u")["OrganizationalUnit"]["Id"]
    kind = "SERVICE_CONTROL_POLICY"
    (policy,) = aws.organizations("ListPoliciesForTarget", TargetId=unit, Filter=kind)["Policies"]
    assert policy["Name"] == "FullAWSAccess"
    account = aws.organizations("CreateAccount", Email="a@example.com", AccountName="a")["CreateAccountStatus"]
    access = Aws(aws.endpoint, account["AccountId"]).iam("GetRole", RoleName="OrganizationAccountAccessRole")
    assert f"{aws.account}%3Aroot" in access


def test_authorization_details_show_boundaries_and_managed_policies_of_aws(aws: Aws) -> None:
    import boto3  # noqa: PLC0415 - one test's client

    iam = boto3.Session(aws.account, "x", region_name="us-east-1").client("iam", endpoint_url=aws.endpoint)
    aws.make_role("app")
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=administrator)
    found = iam.get_account_authorization_details()
    assert found["RoleDetailList"][0]["PermissionsBoundary"]["PermissionsBoundaryArn"] == administrator
    (policy,) = found["Policies"]
    assert policy["Arn"] == administrator
    assert policy["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "*"


def test_each_line_of_the_page_names_a_test_of_this_file() -> None:
    named = re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    mine = [name for name in globals() if name.startswith("test_")]
    assert sorted(set(named)) == sorted(set(mine) - {"test_each_line_of_the_page_names_a_test_of_this_file"})
