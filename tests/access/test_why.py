"""`why`: what each layer says, under the name that people know it by, and the one change that flips the answer."""

from __future__ import annotations

from typing import Any

from small_estate import ANN, APP, EXT, FULL, OPS, ROOT, B, estate, named, policy, principal, statement

from keywright._internal.access.reasons import why_document
from keywright._internal.access.snapshot import AccessSnapshot
from keywright._internal.access.who_can import WhoCan


def why(snapshot: AccessSnapshot, arn: str, action: str = "kms:Decrypt") -> dict[str, Any]:
    who = WhoCan(snapshot)
    (key,) = snapshot.keys.values()
    return why_document(who, who.of_member(snapshot.members[arn], key, action))


def says(found: dict[str, Any]) -> dict[str, str]:
    return {layer["policy"]: layer["says"] for layer in found["layers"]}


def test_a_missing_allow_can_be_given_by_name_or_by_a_grant() -> None:
    found = why(estate(policy(named(OPS)), principal(APP)), APP)
    assert (found["access"], says(found)["key policy"]) == ("no", "does not allow")
    assert found["changes"] == [f"an Allow of kms:Decrypt in the key policy for {APP}", f"a grant of Decrypt to {APP}"]


def test_what_the_account_is_left_to_allow_can_be_given_by_an_iam_policy_too() -> None:
    found = why(estate(policy(statement(principal=ROOT)), principal(APP)), APP)
    assert f"an identity policy of {APP} that allows kms:Decrypt on the key" in found["changes"]


def test_another_account_s_principal_lacks_the_key_s_side() -> None:
    found = why(estate(policy(named(OPS)), principal(EXT, FULL)), EXT)
    assert f"an Allow of kms:Decrypt in the key policy for account {B}" in found["changes"]


def test_each_limit_that_denies_is_named_and_would_flip_it() -> None:
    deny = policy(statement("*"), {**statement("kms:*", effect="Deny"), "Sid": "Shut"})
    everybody = policy({**statement("kms:*", "*", effect="Deny"), "Sid": "Shut"})
    for snapshot, layer in (
        (estate(policy(named(APP)), principal(APP, boundary=deny)), "permissions boundary `boundary`"),
        (estate(policy(named(APP)), principal(APP), scps=((deny,),)), "service control policy `scp`"),
        (estate(policy(named(APP)), principal(APP), rcps=[everybody]), "resource control policy `rcp`"),
        (estate(policy(named(APP)), principal(APP, deny)), "identity policy `policy-0`"),
    ):
        found = why(snapshot, APP)
        assert says(found)[layer] == "denies"
        assert found["changes"] == [f"without the Deny `Shut` of the {layer}"]


def test_access_by_a_grant_ends_without_it_and_other_principals_grants_are_not_shown() -> None:
    grants = [
        {"GrantId": "mine", "GranteePrincipal": APP, "Operations": ["Decrypt"]},
        {"GrantId": "other", "GranteePrincipal": ANN, "Operations": ["Decrypt"]},
        {"GrantId": "unused", "GranteePrincipal": APP, "Operations": ["Encrypt"]},
    ]
    found = why(estate(policy(named(OPS)), principal(APP), principal(ANN), grants=grants), APP)
    said = says(found)
    assert (said["grant mine"], said["grant unused"], "grant other" in said) == (
        "covers it",
        "does not cover it",
        False,
    )
    assert found["changes"] == ["without the grant mine", f"a Deny for {APP} in the key policy"]


def test_one_of_two_ways_alone_flips_nothing() -> None:
    found = why(estate(policy(named(APP), statement("kms:Decrypt", {"AWS": APP})), principal(APP)), APP)
    assert found["access"] == "yes"
    assert found["changes"] == [f"a Deny for {APP} in the key policy"]
