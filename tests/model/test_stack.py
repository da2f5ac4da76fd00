"""What a keys file may say as a whole, and how its errors read."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_files import loaded, one_key, problems_of

from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.stack_policies import key_policies

PRIMARY = f"arn:aws:kms:us-east-1:111122223333:key/mrk-{'0' * 32}"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_is_valid(file: Path) -> None:
    assert load_stack(file).keys


def test_defaults_are_merged_and_tags_are_joined(tmp_path: Path) -> None:
    stack = loaded(
        tmp_path,
        "stack: s\nregion: us-east-1\ndefaults: {deletion_window_in_days: 7, tags: {a: x}}\n"
        "keys:\n  app: {tags: {b: y}}\n  other:\n",
    )
    assert stack.keys["app"].tags == {"a": "x", "b": "y"}
    assert stack.keys["other"].deletion_window_in_days == 7
    assert stack.keys["app"].region == "us-east-1"


def test_a_null_takes_a_default_back(tmp_path: Path) -> None:
    stack = loaded(
        tmp_path,
        "stack: s\ndefaults: {rotation_period_in_days: 180}\nkeys:\n"
        "  mac: {customer_master_key_spec: HMAC_256, key_usage: GENERATE_VERIFY_MAC, rotation_period_in_days: null}\n",
    )
    assert stack.keys["mac"].rotation_period_in_days is None
    assert stack.keys["mac"].rotates is None


def test_the_file_says_account_role_and_claims_for_all_its_keys(tmp_path: Path) -> None:
    stack = loaded(
        tmp_path,
        "stack: s\naccount: 111122223333\nassume_role_arn: arn:aws:iam::111122223333:role/deploy\n"
        "claims:\n  - nobody outside [111122223333] can [kms:Decrypt]\n"
        "keys:\n  a: {claims: [role deploy can kms:PutKeyPolicy]}\n",
    )
    key = stack.keys["a"]
    assert (key.account, key.assume_role_arn) == ("111122223333", "arn:aws:iam::111122223333:role/deploy")
    assert stack.claims == ("nobody outside [111122223333] can [kms:Decrypt]",)
    assert key.claims == ("role deploy can kms:PutKeyPolicy",)


def test_errors_of_several_keys_are_reported_together_in_the_order_of_their_lines(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        "stack: s\nregion: eu-west1\nkeys:\n  a:\n    descripton: x\n  b:\n    deletion_window_in_days: 3\nstak: x\n",
    )
    assert [(item.field, str(item.location).rpartition("keys.yaml:")[2], item.remedy) for item in found] == [
        ("region", "2:9", "did you mean `eu-west-1`?"),
        ("keys.a.descripton", "5:5", "did you mean `description`?"),
        ("keys.b.deletion_window_in_days", "7:30", "write a whole number of days from 7 to 30"),
        ("stak", "8:1", "did you mean `stack`?"),
    ]


def test_mistakes_within_and_across_fields_of_one_key_are_reported_together(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        one_key("key_usage: SIGN_VERIFY, deletion_window_in_days: 3, aliases: [x y], replica_regions: {eu-west-1: }"),
    )
    assert {item.field for item in found} == {
        "keys.app.key_usage",
        "keys.app.deletion_window_in_days",
        "keys.app.aliases[0]",
        "keys.app.replica_regions",
    }


def test_an_error_in_the_defaults_is_reported_once_and_there(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "stack: s\ndefaults:\n  deletion_window_in_days: 1\nkeys: {a: , b: , c: }\n")
    assert [(item.field, item.location and item.location.line) for item in found] == [
        ("defaults.deletion_window_in_days", 3),
    ]


def test_a_default_that_one_key_can_not_have_is_reported_at_that_key(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        "stack: s\ndefaults:\n  rotation_period_in_days: 180\nkeys:\n  a:\n"
        "  b:\n    key_usage: SIGN_VERIFY\n    customer_master_key_spec: RSA_2048\n",
    )
    assert [(item.field, item.location and item.location.line) for item in found] == [
        ("keys.b.rotation_period_in_days", 8),
    ]


@pytest.mark.parametrize("place", ["", "account: '444455556666', "])
def test_two_keys_of_one_place_cannot_share_an_alias(tmp_path: Path, place: str) -> None:
    text = f"stack: s\nregion: us-east-1\nkeys:\n  a: {{{place}aliases: [x]}}\n  b: {{{place}aliases: [y, alias/x]}}\n"
    (problem,) = problems_of(tmp_path, text)
    assert problem.field == "keys.b.aliases[1]"
    assert "the key `a`" in problem.message


def test_an_alias_clash_shows_beside_another_mistake_of_the_key(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "stack: s\nkeys:\n  a: {aliases: [x]}\n  b: {aliases: [x], is_enabled: 1}\n")
    assert [item.field for item in found] == ["keys.b.aliases[0]", "keys.b.is_enabled"]


def test_keys_of_different_places_may_share_an_alias(tmp_path: Path) -> None:
    stack = loaded(
        tmp_path,
        "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [x]}\n  b: {region: eu-west-1, aliases: [x]}\n"
        "  c: {account: '444455556666', aliases: [x]}\n"
        "  d: {assume_role_arn: 'arn:aws:iam::777788889999:role/deploy', aliases: [x]}\n",
    )
    assert len(stack.keys) == 4


def test_a_primary_has_one_replica_in_a_region(tmp_path: Path) -> None:
    arn = f"arn:aws:kms:us-east-1:111122223333:key/mrk-{'0' * 32}"
    text = (
        f"stack: s\nregion: eu-west-1\ndefaults: {{replica_primary_key_arn: '{arn}'}}\n"
        "keys:\n  a: \n  b: {region: eu-west-2, replica_regions: {eu-west-1: }}\n"
    )
    assert [item.field for item in problems_of(tmp_path, text)] == ["keys.b.replica_regions.eu-west-1"]


def test_the_tags_of_keywright_are_kept_free(tmp_path: Path) -> None:
    many = ", ".join(f"t{number}: x" for number in range(48))
    found = problems_of(
        tmp_path, f"stack: s\nkeys:\n  a: {{tags: {{'keywright:key': x}}}}\n  b: {{tags: {{{many}}}}}\n"
    )
    assert [item.field for item in found] == ["keys.a.tags.keywright:key", "keys.b.tags"]


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("keys: {a: }\n", "stack", "is missing"),
        ("stack: a b\nkeys: {a: }\n", "stack", "not a name"),
        ("stack: s\n", "keys", "is missing"),
        ("stack: s\nkeys: {}\n", "keys", "is empty"),
        ("stack: s\nkeys: [a]\n", "keys", "not a mapping"),
        ("stack: s\nkeys: {a b: }\n", "keys.a b", "not a name"),
        ("stack: s\nkeys: {a: text}\n", "keys.a", "not a mapping"),
        ("stack: s\nkeys: {a: }\ndefaults: [x]\n", "defaults", "not a mapping"),
        ("stack: s\nkeys: {a: }\naccount: 123\n", "account", "not an account"),
        ("stack: s\nkeys: {a: }\nassume_role_arn: me\n", "assume_role_arn", "not the ARN of a role"),
        ("stack: s\nkeys: {a: }\nclaims: text\n", "claims", "not a list"),
        ("stack: s\nkeys: {a: }\nclaims: ['']\n", "claims[0]", "empty"),
        ("stack: s\nkeys: {a: }\ntags: {a: b}\n", "tags", "not a field at the top"),
    ],
)
def test_what_is_wrong_with_the_file_itself_is_named(tmp_path: Path, text: str, field: str, words: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert problem.field == field
    assert words in problem.message
    assert problem.remedy


def test_a_thousand_keys_with_a_mistake_each_are_all_reported(tmp_path: Path) -> None:
    rows = "".join(f"  k{number}: {{deletion_window_in_days: 1}}\n" for number in range(1000))
    assert len(problems_of(tmp_path, f"stack: s\nkeys:\n{rows}")) == 1000


def test_an_entry_of_its_own_region_describes_the_replica_itself(tmp_path: Path) -> None:
    entries = "{eu-west-1: {description: here, deletion_window_in_days: 9, enabled: false}, eu-west-2: }"
    key = (
        loaded(
            tmp_path,
            one_key(f"region: eu-west-1, replica_primary_key_arn: '{PRIMARY}', replica_regions: {entries}"),
        )
        .keys["app"]
        .made_in("eu-west-1")
    )
    assert (key.description, key.deletion_window_in_days, key.is_enabled) == ("here", 9, False)
    assert list(key.replica_regions) == ["eu-west-2"]


def test_an_entry_of_its_own_region_says_nothing_of_further_replicas() -> None:
    entry = {"policy": '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'}
    fields = {"replica_primary_key_arn": PRIMARY, "replica_regions": {"eu-west-1": entry, "eu-west-2": {}}}
    home = KeyLocation("aws", "111122223333", "eu-west-1")
    own, further = key_policies("app", Key.model_validate(fields), home)
    assert (own.text, own.written_at) == (entry["policy"], ("replica_regions", "eu-west-1", "policy"))
    assert (further.location.region, further.written) == ("eu-west-2", None)


def test_an_empty_entry_of_its_own_region_changes_nothing() -> None:
    fields = {"region": "eu-west-1", "replica_primary_key_arn": PRIMARY, "description": "d", "is_enabled": False}
    declared = Key.model_validate({**fields, "replica_regions": {"eu-west-1": {}}})
    assert declared.made_in("eu-west-1") == Key.model_validate(fields)


def test_a_waiver_names_a_claim_and_a_reason(tmp_path: Path) -> None:
    fields = "waive: {survives-loss-of-any-principal: because, claim-1: because}"
    assert loaded(tmp_path, one_key(fields)).keys["app"].waive["claim-1"] == "because"
    problems = [
        *problems_of(tmp_path, one_key("waive: {x: y}")),
        *problems_of(tmp_path, one_key("waive: {claim-1: ' '}")),
    ]
    assert [(item.field, item.message) for item in problems] == [
        ("keys.app.waive.x", "is not the id of a claim"),
        ("keys.app.waive.claim-1", "has no reason"),
    ]
