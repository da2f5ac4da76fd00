"""Random key policies and claims, odder than any that a person writes: what the prover is tried on.

Policies are plain JSON and claims are taken apart here, so that nothing of what is tried is shared with the prover.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.pattern_use import PatternUse
from keywright._internal.policy import catalogue

OWN, FRIEND, STRANGER = "111122223333", "444455556666", "999999999999"
IAM = f"arn:aws:iam::{OWN}"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")

PRINCIPALS = (
    *("*", "*", "*", f"{IAM}:root", f"{IAM}:root", OWN, FRIEND, f"arn:aws:iam::{FRIEND}:root"),
    *(f"{IAM}:role/App", f"{IAM}:role/team/App", f"{IAM}:role/app", f"{IAM}:role/Admin", f"{IAM}:role/a!b/App"),
    *(f"{IAM}:user/Eve", f"{IAM}:user/team/Eve", f"{IAM}:user/ann", f"arn:aws:iam::{FRIEND}:role/Ext"),
    *(f"arn:aws:iam::{FRIEND}:user/Bob", f"arn:aws:sts::{OWN}:assumed-role/App/s1"),
    *(f"arn:aws:sts::{OWN}:federated-user/fed", f"arn:aws:sts::{FRIEND}:assumed-role/Ext/s1"),
    *("arn:aws:iam::*:root", f"arn:aws-cn:iam::{OWN}:root", "AROAIIAX3XXUTM7QXYZAB", f"{IAM}:group/g"),
    f"{IAM}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
)
SERVICES = ("logs.eu-west-1.amazonaws.com", "logs.amazonaws.com", "sns.amazonaws.com", "cloudtrail.amazonaws.com")
ACTIONS = (
    *("kms:*", "kms:*", "*", "kms:Decrypt", "kms:Decrypt", "kms:Encrypt", "kms:PutKeyPolicy", "kms:CreateGrant"),
    *("kms:Re*", "kms:?ncrypt", "KMS:decrypt", "kms:De*", "kms:TagResource", "kms:UntagResource", "kms:*Resource"),
    *("kms:ScheduleKeyDeletion", "kms:RevokeGrant", "kms:GenerateDataKey*", "kms:ReplicateKey", "kms:Nope", "s3:*"),
    *("kms:DescribeKey", "kms:Put*", "kms:*Grant*", "kms:ReEncrypt*", "kms:EnableKeyRotation"),
)
RESOURCES: tuple[Any, ...] = (
    *(["*"],) * 14,
    None,
    [f"arn:aws:kms:*:{OWN}:key/*"],
    [f"arn:aws:kms:eu-west-1:{OWN}:key/*"],
    [f"arn:aws:kms:eu-west-1:{OWN}:key/mrk-*"],
    [f"arn:aws:kms:eu-west-1:{OWN}:key/mrk-0123456789abcdef0123456789abcdef"],
    [f"arn:aws:kms:eu-west-1:{OWN}:key/{KEY_ID}", "arn:aws:s3:::bucket/*"],
    [f"arn:aws:kms:eu-west-1:{FRIEND}:key/{KEY_ID}"],
    [f"arn:aws:kms:*:{OWN}:key/${{aws:PrincipalTag/team}}"],
    ["arn:aws:kms:*:*:key/????????-*"],
)
TEXTS = (
    *("*", "?*", "", "Büro*", "Büro", "é", "blue", "Blue", "bl*", "?lue", "x*y", "${aws:username}", "5", "5.0", "7.5"),
    *("-3", "True", "true", "false", "2026-01-01T00:00:00Z", "1767225600", "10.0.0.1", "QQ==", "${*}z", "2026"),
    *("${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'blue'}", "${aws:PrincipalAccount}", "\U0001f600?"),
)
ARNS = (
    *(f"{IAM}:role/*", f"{IAM}:role/App", f"{IAM}:role/app", f"{IAM}:role/team/*", f"{IAM}:user/*", f"{IAM}:root"),
    *("arn:aws:iam::*:role/*/A??", f"{IAM}:user/team/*", "arn:aws:iam::11112222*:role/App", "arn:*:iam::*:role/App"),
    *(f"arn:aws:iam::{FRIEND}:*", f"arn:aws:sts::{OWN}:assumed-role/App/*", f"{IAM}:user/${{aws:username}}", "*"),
    f"arn:aws:sts::{OWN}:federated-user/*",
)
POOLS: dict[str, tuple[str, ...]] = {
    "aws:PrincipalArn": ARNS,
    "aws:PrincipalAccount": (OWN, FRIEND, "4444*", "${aws:ResourceAccount}", "222222222222", "*"),
    "kms:CallerAccount": (OWN, FRIEND, "11112222????", "*"),
    "aws:PrincipalOrgID": ("o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-*", "${aws:ResourceOrgID}", "*"),
    "aws:PrincipalOrgPaths": ("o-aaaaaaaaaa/r-ab/ou-1/*", "o-aaaaaaaaaa/*", "o-bbbbbbbbbb/r-1/", "*"),
    "aws:ResourceOrgID": ("o-aaaaaaaaaa", "o-*", "${aws:PrincipalOrgID}"),
    "aws:SourceAccount": (OWN, FRIEND, "4444*", "${aws:ResourceAccount}"),
    "aws:SourceArn": (
        *("arn:aws:sns:*:44445555*:*", f"arn:aws:logs:eu-west-1:{OWN}:*", "arn:aws:s3:::bucket", "arn:*:s3:::*"),
        *(f"arn:aws:sns:*:{FRIEND}:topic?", "arn:aws:cloudtrail:*:*:trail/*"),
    ),
    "aws:SourceOrgID": ("o-aaaaaaaaaa", "o-b*"),
    "kms:ViaService": (
        *("s3.eu-west-1.amazonaws.com", "s3.*.amazonaws.com", "*.amazonaws.com", "ec2.us-east-1.amazonaws.com"),
        *("s3.cn-north-1.amazonaws.com.cn", "s3.${aws:RequestedRegion}.amazonaws.com"),
    ),
    "aws:ViaAWSService": ("true", "false", "True"),
    "aws:PrincipalIsAWSService": ("true", "false"),
    "aws:PrincipalServiceName": (
        *(*SERVICES, "logs.*.amazonaws.com", "sns.*", "logs.${aws:RequestedRegion}.amazonaws.com"),
    ),
    "aws:PrincipalServiceNamesList": (*SERVICES, "logs.*", "*"),
    "aws:PrincipalType": ("User", "AssumedRole", "Account", "A*", "FederatedUser"),
    "aws:username": ("ann", "Eve", "e*", "${aws:PrincipalTag/team}", "?nn", "EVE"),
    "aws:userid": ("AIDA*", "AROAX:s1", OWN, "*:s?"),
    "aws:PrincipalTag/team": TEXTS,
    "aws:PrincipalTag/dept": TEXTS,
    "kms:EncryptionContext:team": TEXTS,
    "kms:EncryptionContext:aws:logs:arn": (f"arn:aws:logs:*:{OWN}:*", "*", f"arn:aws:logs:eu-west-1:{OWN}:log-group:g"),
    "kms:EncryptionContextKeys": ("team", "TEAM", "te*", "other", "*"),
    "aws:RequestTag/team": TEXTS,
    "aws:TagKeys": ("team", "Team", "t*", "other"),
    "aws:ResourceTag/team": TEXTS,
    "kms:GrantOperations": ("Decrypt", "Encrypt", "CreateGrant", "De*", "Nope"),
    "kms:GrantIsForAWSResource": ("true", "false", "TRUE"),
    "kms:GranteePrincipal": ARNS,
    "aws:SourceIp": ("10.0.0.0/8", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/32"),
    "aws:SourceVpc": ("vpc-0123456789abcdef0", "vpc-*"),
    "aws:SourceVpce": ("vpce-0123456789abcdef0", "vpce-0*", "*"),
    "aws:VpcSourceIp": ("10.0.0.0/8",),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2030-06-01T02:00:00+02:00", "1767225600", "2027", "2026-*"),
    "aws:EpochTime": ("1767225600", "1700000000", "2026-01-01T00:00:00Z", "2030-06-01T02:00:00Z", "17*"),
    "aws:SecureTransport": ("true", "false", "True"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:MultiFactorAuthAge": ("3600", "0", "-5", "3600.5", "36*"),
    "aws:TokenIssueTime": ("2026-01-01T00:00:00Z", "1767225600"),
    "aws:RequestedRegion": ("eu-west-1", "us-east-1", "eu-*", "*"),
    "aws:ResourceAccount": (OWN, FRIEND, "*"),
    "aws:CalledVia": ("athena.amazonaws.com", "kms.amazonaws.com", "*"),
    "kms:KeySpec": ("SYMMETRIC_DEFAULT", "RSA_2048", "RSA_*"),
    "kms:MultiRegion": ("true", "false"),
    "kms:MultiRegionKeyType": ("PRIMARY", "REPLICA"),
    "kms:RequestAlias": ("alias/x", "alias/*"),
    "kms:ScheduleKeyDeletionPendingWindowInDays": ("7", "14", "30", "14.5", "100", "1*"),
    "kms:RotationPeriodInDays": ("90", "365", "2560"),
    "kms:BypassPolicyLockoutSafetyCheck": ("true", "false"),
    "kms:ReplicaRegion": ("eu-west-1", "us-*"),
    "kms:PolicyName": ("default", "other", "*"),
    "kms:ValidTo": ("1767225600", "2026-01-01T00:00:00Z", "2030"),
    "kms:RetiringPrincipal": ARNS,
    "kms:GrantConstraintType": ("EncryptionContextEquals", "EncryptionContext*", "Nope"),
    "kms:TrailingDaysWithoutKeyUsage": ("30", "90.5", "0"),
    "aws:CalledViaFirst": ("athena.amazonaws.com", "*", "kms.*"),
    "aws:SourceIdentity": TEXTS,
    "aws:UserAgent": TEXTS,
    "kms:NoSuchKey": TEXTS,
}
_TYPES = {
    "Bool": ("AWSService", "ForAWSResource", "SecureTransport", "AuthPresent", "Bypass", "MultiRegion"),
    "Numeric": ("AuthAge", "InDays", "EpochTime", "WithoutKeyUsage", "ValidTo"),
    "Date": ("CurrentTime", "EpochTime", "TokenIssueTime", "ValidTo"),
    "Ip": ("SourceIp",),
    "Arn": ("PrincipalArn", "SourceArn", "GranteePrincipal", "RetiringPrincipal"),
}
_ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_OPERATORS = {
    "Bool": ("Bool",),
    "Numeric": tuple(f"Numeric{order}" for order in _ORDERS),
    "Date": tuple(f"Date{order}" for order in _ORDERS),
    "Ip": ("IpAddress", "NotIpAddress"),
    "Arn": ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"),
    "String": (
        *("StringEquals", "StringEquals", "StringNotEquals", "StringLike", "StringLike", "StringNotLike"),
        *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ),
}
ANY_OPERATOR = (*(name for names in _OPERATORS.values() for name in names), "BinaryEquals", "Null", "NoSuchOperator")
LISTS = {
    "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList", "kms:EncryptionContextKeys", "aws:TagKeys",
    "kms:GrantOperations", "aws:CalledVia",
}  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """A user's claim with its parts, as the generator chose them."""

    text: str
    form: str
    parties: tuple[str, ...]
    actions: tuple[str, ...]
    directly: bool


def random_policy(chance: random.Random) -> dict[str, Any]:
    """A policy of a few statements that share a few condition keys, so that they bear upon one another."""
    keys = chance.sample(sorted(POOLS), chance.randint(1, 4))
    count = chance.choice((1, 2, 2, 3, 3, 4, 5))
    policy: dict[str, Any] = {"Statement": [_statement(chance, keys, first=at == 0) for at in range(count)]}
    version = chance.choice(("2012-10-17",) * 5 + ("2008-10-17", None))
    return policy if version is None else {"Version": version, **policy}


def _statement(chance: random.Random, keys: list[str], *, first: bool) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow" if first else chance.choice(("Allow", "Deny", "Deny"))}
    principal = _principal(chance)
    seldom = chance.random()
    statement["NotPrincipal" if seldom < 0.05 else "Principal"] = principal
    if seldom < 0.05 and principal == "*":
        statement["NotPrincipal"] = {"AWS": f"{IAM}:role/App"}
    actions = chance.sample(ACTIONS, chance.choice((1, 1, 2, 3)))
    statement["NotAction" if 0.05 < seldom < 0.12 else "Action"] = actions
    resources = chance.choice(RESOURCES)
    if resources is not None:
        statement["NotResource" if 0.12 < seldom < 0.16 else "Resource"] = resources
    block: dict[str, dict[str, Any]] = {}
    for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 2, 3))):
        operator, key, values = random_condition(chance, chance.choice(keys))
        block.setdefault(operator, {})[key] = values
    return {**statement, "Condition": block} if block else statement


def _principal(chance: random.Random) -> Any:
    if chance.random() < 0.25:
        return "*"
    found: dict[str, list[str]] = {"AWS": chance.sample(PRINCIPALS, chance.choice((1, 1, 2, 3)))}
    if chance.random() < 0.3:
        found["Service"] = chance.sample(SERVICES, chance.choice((1, 1, 2)))
        if chance.random() < 0.6:
            del found["AWS"]
    if chance.random() < 0.03:
        found["Federated"] = [f"{IAM}:saml-provider/idp"]
    return found


def respelled(policy: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same policy as somebody else would write it: case where it doesn't count, lone values, JSON's own types."""
    statements = [_respelled(statement, chance) for statement in policy["Statement"]]
    lone = len(statements) == 1 and chance.random() < 0.5
    return {**policy, "Statement": statements[0] if lone else statements}


def _respelled(statement: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    found = dict(statement)
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in found:
            values = [_in_odd_case(item, chance) if "Action" in name else item for item in found[name]]
            found[name] = _alone(values, chance)
    for name in ("Principal", "NotPrincipal"):
        if isinstance(found.get(name), dict):
            found[name] = {kind: _alone(_several(values), chance) for kind, values in found[name].items()}
    if "Condition" in found:
        found["Condition"] = {
            _in_odd_case(operator, chance): {
                _in_odd_case(key, chance): _alone([_as_json(item, chance) for item in values], chance)
                for key, values in keys.items()
            }
            for operator, keys in found["Condition"].items()
        }
    return found


def _in_odd_case(text: str, chance: random.Random) -> str:
    if chance.random() < 0.7:
        return text
    return chance.choice((text.upper(), text.lower(), text.swapcase()))


def _several(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _alone(values: list[Any], chance: random.Random) -> Any:
    return values[0] if len(values) == 1 and chance.random() < 0.4 else values


def _as_json(text: str, chance: random.Random) -> Any:
    if chance.random() < 0.6:
        return text
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() and text.isascii() and str(int(text)) == text else text


def random_condition(chance: random.Random, key: str) -> tuple[str, str, list[str]]:
    """An operator, a key and values: mostly of one type, and sometimes of none."""
    fitting = [kind for kind, parts in _TYPES.items() if any(part in key for part in parts)]
    kind = chance.choice(fitting or ["String"]) if chance.random() < 0.75 else "String"
    operator = chance.choice(_OPERATORS[kind]) if chance.random() < 0.8 else chance.choice(ANY_OPERATOR)
    if operator == "Null":
        return operator, key, [chance.choice(("true", "false", "false"))]
    if chance.random() < 0.25:
        operator += "IfExists"
    if key in LISTS or chance.random() < 0.08:
        operator = chance.choice(("ForAnyValue:", "ForAllValues:", "ForAllValues:", "")) + operator
    pool = POOLS[key] if chance.random() < 0.9 else chance.choice(list(POOLS.values()))
    values = chance.sample(pool, min(len(pool), chance.choice((1, 1, 1, 2, 2, 3))))
    return operator, key, values if chance.random() < 0.98 else []


PARTIES = (
    *("role App", "role team/App", "role Admin", "user Eve", "user team/Eve", "user ann", f"{IAM}:role/App"),
    *(f"{IAM}:user/Eve", f"{IAM}:role/team/App", f"arn:aws:iam::{FRIEND}:role/Ext", f"account {FRIEND}", FRIEND, OWN),
    *(f"arn:aws:sts::{OWN}:assumed-role/App/s1", *SERVICES[:3]),
)
ASKED = (
    *("kms:*", "kms:Decrypt", "kms:Decrypt", "kms:Encrypt", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:TagResource"),
    *(
        "kms:UntagResource",
        "kms:De*",
        "kms:ReEncrypt*",
        "kms:RevokeGrant",
        "kms:ScheduleKeyDeletion",
        "kms:GenerateDataKey",
    ),
)


def random_claim(chance: random.Random) -> Claim:
    """A claim of any form."""
    form = chance.choice(("outside", "outside", "only", "nobody", "can", "can", "cannot", "cannot"))
    actions = tuple(chance.sample(ASKED, chance.choice((1, 1, 2))))
    directly = chance.random() < 0.3
    wanted = f"[{', '.join(actions)}]" + (" directly" if directly else "")
    if form == "nobody":
        return Claim(f"nobody can {wanted}", form, (), actions, directly)
    if form == "outside":
        pool = (OWN, FRIEND, "o-aaaaaaaaaa", OWN, f"account {FRIEND}", "role App", "user Eve")
        parties = tuple(chance.sample(pool, chance.choice((1, 2, 2))))
        return Claim(f"nobody outside [{', '.join(parties)}] can {wanted}", form, parties, actions, directly)
    if form == "only":
        parties = tuple(chance.sample(PARTIES, chance.choice((1, 2, 3))))
        return Claim(f"only [{', '.join(parties)}] can {wanted}", form, parties, actions, directly)
    party = chance.choice(PARTIES)
    return Claim(f"{party} {form} {wanted}", form, (party,), actions, directly)


_PATTERNS = ("s3-sse", "secrets-manager", "cloudtrail", "deletion-break-glass", "no-access-outside-organization", "ebs")


def random_key(chance: random.Random, location: KeyLocation) -> Key:
    """A key as people declare one."""
    patterns = []
    for name in chance.sample(_PATTERNS, chance.choice((0, 0, 1, 2))):
        example = {
            key: tuple(catalogue.fill(value, location) for value in values)
            for key, values in catalogue.load().patterns[name].example.items()
        }
        patterns.append(PatternUse(name=name, parameters=example))
    people = (f"{IAM}:role/App", f"{IAM}:role/team/App", f"{IAM}:user/Eve", f"arn:aws:iam::{FRIEND}:role/Ext")
    return Key(
        key_administrator_arns=tuple(chance.sample((f"{IAM}:role/Admin", f"durable:{IAM}:role/ops/Boss"), 1)),
        key_user_arns=(*chance.sample(people, chance.randint(0, 3)), "permission_set:Data")[: chance.randint(0, 4)],
        key_service_users=tuple(chance.sample(SERVICES[::2], chance.choice((0, 1, 2)))),
        multi_region=chance.random() < 0.5,
        enable_default_root_policy=chance.random() < 0.7,
        patterns=tuple(patterns),
    )
