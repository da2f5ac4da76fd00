"""Claims that a person writes: what is understood, what is decided, and what is refused with a remedy."""

from __future__ import annotations

import pytest

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.generation import key_policy
from keywright._internal.proof.claims.claim_text import read_claim
from keywright._internal.proof.claims.declared import prove_key
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright.errors import InputError

ACCOUNT, FRIEND = "111122223333", "444455556666"
SETTING = KeyLocation("aws", ACCOUNT, "eu-west-1")
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
LOGS = "logs.eu-west-1.amazonaws.com"


def key(*, root: bool = False) -> Key:
    return Key(
        key_administrator_arns=(f"{ROLE}/Admin", f"{ROLE}/Other"),
        key_user_arns=(f"{ROLE}/team/App", f"arn:aws:iam::{FRIEND}:root"),
        key_service_users=(LOGS,),
        enable_default_root_policy=root,
    )


def decided(text: str, *, root: bool = False) -> ClaimResult:
    declared = key(root=root)
    policy = key_policy(declared, SETTING)
    result = prove_key(declared, SETTING, policy, claims=[text])[-1]
    assert (result.id, result.claim) == ("claim-1", text)
    if result.verdict is Verdict.REFUTED:
        witness = result.witness
        assert witness is not None
        assert evaluate(policy, witness.request, identity_policies=witness.identity_policies) == witness.decision
    return result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"nobody outside [{ACCOUNT}, {FRIEND}] can [kms:Decrypt, kms:Encrypt]", Verdict.PROVED),
        (f"nobody outside [{ACCOUNT}] can kms:Decrypt", Verdict.REFUTED),
        (f"nobody outside [account {ACCOUNT}] can kms:PutKeyPolicy", Verdict.PROVED),
        ("nobody outside [role team/App] can kms:Decrypt", Verdict.REFUTED),
        (f"only [role App, {FRIEND}, {LOGS}] can kms:Decrypt", Verdict.PROVED),
        (f"only [role App, {FRIEND}] can kms:Decrypt", Verdict.REFUTED),
        (f"only [{ROLE}/Admin, role Other] can kms:Put*", Verdict.PROVED),
        ("only role Admin can kms:PutKeyPolicy", Verdict.REFUTED),
        ("nobody can kms:ImportKeyMaterial", Verdict.PROVED),
        ("nobody can kms:Decrypt", Verdict.REFUTED),
        ("role App can [kms:Decrypt, kms:GenerateDataKey*]", Verdict.PROVED),
        ("role/App can kms:Decrypt", Verdict.PROVED),
        ("role App can kms:PutKeyPolicy", Verdict.REFUTED),
        ("role App cannot kms:PutKeyPolicy", Verdict.PROVED),
        ("role App can not kms:Decrypt", Verdict.REFUTED),
        (f"user arn:aws:iam::{ACCOUNT}:user/Eve cannot kms:*", Verdict.PROVED),
        (f"account {FRIEND} can kms:Decrypt", Verdict.PROVED),
        (f"arn:aws:iam::{FRIEND}:role/Their can kms:Decrypt", Verdict.PROVED),
        (f"service {LOGS} can kms:Decrypt", Verdict.PROVED),
        (f"{LOGS} cannot kms:CreateGrant", Verdict.PROVED),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/App/jane can kms:Decrypt", Verdict.PROVED),
        (f"only arn:aws:sts::{ACCOUNT}:assumed-role/App/jane can kms:Sign", Verdict.PROVED),
        (f"only arn:aws:sts::{ACCOUNT}:assumed-role/App/jane can kms:Decrypt", Verdict.REFUTED),
        ("nobody outside o-a1b2c3d4e5 can kms:Decrypt", Verdict.REFUTED),
    ],
)
def test_a_claim_is_decided(text: str, expected: Verdict) -> None:
    assert decided(text).verdict is expected


def test_what_iam_policies_may_allow_counts_against_a_cannot_and_leaves_a_can_open() -> None:
    assert decided("role Some cannot kms:Decrypt", root=True).verdict is Verdict.REFUTED
    assert decided("role Some cannot kms:Decrypt directly", root=True).verdict is Verdict.PROVED
    assert decided("role Some can kms:Decrypt", root=True).verdict is Verdict.UNKNOWN
    assert decided("role Some can kms:Decrypt directly", root=True).verdict is Verdict.REFUTED


def test_the_account_includes_whom_its_iam_policies_let() -> None:
    text = f"nobody outside [{ACCOUNT}, {FRIEND}] can kms:Decrypt"
    assert decided(text, root=True).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "write for example"),
        ("nobody", "write for example"),
        ("nobdy outside [111122223333] can kms:Decrypt", "did you mean `nobody`?"),
        ("nobody outsid [111122223333] can kms:Decrypt", "did you mean `outside`?"),
        ("role App may kms:Decrypt", "write for example"),
        ("role App can kms:Decrpt", "did you mean `kms:Decrypt`?"),
        ("role App can Decrypt", "did you mean `kms:Decrypt`?"),
        ("role App can s3:GetObject", "actions begin with `kms:`"),
        ("role App can", "name actions"),
        ("role App can []", "name actions"),
        ("rle App can kms:Decrypt", "did you mean `role`?"),
        ("App can kms:Decrypt", "give `role NAME`"),
        ("account 1234 can kms:Decrypt", "twelve digits"),
        ("organization acme can kms:Decrypt", "o-a1b2c3d4e5"),
        ("o-a1b2c3d4e5 can kms:Decrypt", "claim it of an account"),
        ("[role A, role B] can kms:Decrypt", "a claim for each"),
        ("only [] can kms:Decrypt", "write for example"),
        ("nobody outside [role A can kms:Decrypt", "write lists as"),
        ("nobody outside [role A] and [role B] can kms:Decrypt", "write lists as"),
        ("nobody cannot kms:Decrypt", "say who `can`"),
        ("arn:aws-cn:iam::111122223333:role/App can kms:Decrypt", "the key is in aws"),
        ("user arn:aws:iam::111122223333:role/App can kms:Decrypt", "leave out `user`"),
        ("arn:aws:iam::111122223333:role/* can kms:Decrypt", "give `role NAME`"),
        ("role App can kms:ListKeys", "did you mean"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_remedy(text: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        read_claim(text, account=ACCOUNT)
    assert hint in str(caught.value)
    assert text in str(caught.value) or not text


def test_claims_are_numbered_in_the_order_they_are_written() -> None:
    declared = key()
    texts = ["nobody can kms:Sign", "role App can kms:Decrypt"]
    results = prove_key(declared, SETTING, key_policy(declared, SETTING), claims=texts)
    assert [(item.id, item.claim) for item in results[-2:]] == [("claim-1", texts[0]), ("claim-2", texts[1])]
