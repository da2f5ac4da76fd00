"""What AWS offers, read from botocore's own data: key specs, usages, Regions and their partitions."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

USAGES_BY_SPEC_FAMILY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SYMMETRIC_DEFAULT", ("ENCRYPT_DECRYPT",)),
    ("HMAC_", ("GENERATE_VERIFY_MAC",)),
    ("RSA_", ("ENCRYPT_DECRYPT", "SIGN_VERIFY")),
    ("ECC_NIST_P", ("SIGN_VERIFY", "KEY_AGREEMENT")),
    ("ECC_NIST_EDWARDS25519", ("SIGN_VERIFY",)),
    ("ECC_SECG_P256K1", ("SIGN_VERIFY",)),
    ("ML_DSA_", ("SIGN_VERIFY",)),
    ("SM2", ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT")),
)
"""Which usages fit which spec. botocore lists specs and usages, but not which of them go together.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

GRANT_OPERATIONS_OF_ANY_KEY = ("CreateGrant", "DescribeKey", "RetireGrant")
GRANT_OPERATIONS_BY_USAGE: dict[str, tuple[str, ...]] = {
    "ENCRYPT_DECRYPT/symmetric": (
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    ),
    "ENCRYPT_DECRYPT/asymmetric": ("Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"),
    "SIGN_VERIFY": ("GetPublicKey", "Sign", "Verify"),
    "GENERATE_VERIFY_MAC": ("GenerateMac", "VerifyMac"),
    "KEY_AGREEMENT": ("DeriveSharedSecret", "GetPublicKey"),
}
"""What a grant can allow on a key of which usage; KMS refuses a grant with any other operation.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations
"""

_HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

FAMILIES_NOT_OFFERED = {
    "ML_KEM_": "is for encapsulating keys (ENCAPSULATE_DECAPSULATE), a usage that this interface does not offer",
}
"""Why a family of specs that KMS has can't be declared."""


@cache
def _data() -> Path:
    """The folder of botocore's data, which is read without importing botocore: that alone takes a tenth of a second."""
    botocore = find_spec("botocore")
    if botocore is None or botocore.origin is None:
        raise ModuleNotFoundError("botocore is not installed", name="botocore")
    return Path(botocore.origin).parent / "data"


@cache
def _shapes() -> dict[str, Any]:
    """What KMS's newest API model says of its types."""
    newest = max(_data().glob("kms/*/service-2.json.gz"))
    shapes: dict[str, Any] = json.loads(gzip.decompress(newest.read_bytes()))["shapes"]
    return shapes


@cache
def key_specs() -> tuple[str, ...]:
    """Every key spec that botocore's KMS model lists."""
    return tuple(_shapes()["KeySpec"]["enum"])


def usages_of(spec: str) -> tuple[str, ...]:
    """The usages of Keywright's interface that fit a spec; empty where there is none."""
    for family, usages in USAGES_BY_SPEC_FAMILY:
        if spec == family or (family.endswith(("_", "_P")) and spec.startswith(family)):
            return usages
    return ()


@cache
def offered_specs() -> tuple[str, ...]:
    """The key specs that a key may have."""
    return tuple(sorted(spec for spec in key_specs() if usages_of(spec)))


def why_not_offered(spec: str) -> str | None:
    """Why a key can't be of a spec, as a predicate; None where it can."""
    for family, reason in FAMILIES_NOT_OFFERED.items():
        if spec.startswith(family):
            return reason
    if spec not in key_specs():
        return "is not a key spec"
    return None if usages_of(spec) else "is a key spec whose usages this version of Keywright does not know"


@cache
def grant_operations() -> tuple[str, ...]:
    """The operations a grant can hold, from KMS's API model."""
    return tuple(sorted(_shapes()["GrantOperation"]["enum"]))


def grant_operations_of(usage: str, spec: str) -> tuple[str, ...]:
    """The operations that a grant on a key of a usage and spec can hold."""
    if usage == "ENCRYPT_DECRYPT":
        usage = f"{usage}/{'symmetric' if spec == 'SYMMETRIC_DEFAULT' else 'asymmetric'}"
    return tuple(sorted((*GRANT_OPERATIONS_OF_ANY_KEY, *GRANT_OPERATIONS_BY_USAGE[usage])))


@cache
def partition_of_region() -> dict[str, str]:
    """Every Region that botocore knows, with its partition."""
    partitions = json.loads((_data() / "partitions.json").read_bytes())["partitions"]
    return {
        region: partition["id"]
        for partition in partitions
        for region in partition["regions"]
        if not region.endswith("-global")  # stands for a partition's global services: no key can live there
    }


def home_region(partition: str) -> str:
    """A Region that every account of a partition has enabled; that of the commercial one where botocore has no such."""
    regions = (region for region, its in partition_of_region().items() if its == partition)
    return _HOME_REGIONS.get(partition) or next(regions, _HOME_REGIONS["aws"])
