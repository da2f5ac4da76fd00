"""Every pattern of the catalogue does what its cases say, says where AWS says so, and refuses what does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright._internal.facts.actions import canonical_action
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.pattern_use import PatternUse
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, Statement, as_json
from keywright._internal.policy.generation import key_policy, usage_of
from keywright._internal.policy.parsing import parse_policy, parse_policy_value
from keywright._internal.proof.evaluation.decision import Outcome
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.evaluation.request import Request
from keywright.errors import InputError

BOOK = catalogue.load()
NAMES = sorted(BOOK.patterns)
GUARDS = [name for name in NAMES if BOOK.patterns[name].category in {"guard", "narrowing"}]
HOME = KeyLocation("aws", "111122223333", "us-east-1")
SETTINGS = (
    HOME,
    KeyLocation("aws-cn", "111122223333", "cn-north-1"),
    KeyLocation("aws-us-gov", "111122223333", "us-gov-west-1"),
)


@cache
def statements_of(name: str, location: KeyLocation = HOME) -> tuple[Statement, ...]:
    found = BOOK.patterns[name]
    return catalogue.expand(name, catalogue.example(found, location), location)


def background_of(name: str, location: KeyLocation = HOME) -> tuple[Statement, ...]:
    return tuple(
        catalogue.fill_statement(BOOK.backgrounds[item], {}, location) for item in BOOK.patterns[name].background
    )


def decided(statements: Iterable[Statement], case: catalogue.Case, location: KeyLocation = HOME) -> Outcome:
    document = catalogue.case_document(case, location)
    identities = [parse_policy_value(item, kind="identity") for item in document["identity_policies"]]
    policy = PolicyDocument(tuple(statements))
    return evaluate(policy, Request.from_document(document["request"]), identity_policies=identities).outcome


def use(name: str) -> PatternUse:
    return PatternUse(name=name, parameters=catalogue.example(BOOK.patterns[name], HOME))


def key_for(*names: str) -> Key:
    """A key that the patterns' own constraints do not matter for: only the statements are looked at."""
    return Key(patterns=tuple(use(name) for name in names))


@pytest.mark.parametrize("location", SETTINGS, ids=lambda location: location.partition)
@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_allows_and_denies_what_its_cases_say(name: str, location: KeyLocation) -> None:
    found = BOOK.patterns[name]
    policy = (*background_of(name, location), *statements_of(name, location))
    wrong = [case.name for case in found.allowed if decided(policy, case, location) != Outcome.ALLOWED]
    wrong += [case.name for case in found.denied if decided(policy, case, location) == Outcome.ALLOWED]
    assert not wrong
    assert len({case.name for case in found.allowed}) >= 2
    assert len({case.name for case in found.denied}) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_that_allows_is_the_reason_for_it(name: str) -> None:
    found = BOOK.patterns[name]
    if name in GUARDS:
        assert sum(decided(background_of(name), case) == Outcome.ALLOWED for case in found.denied) >= 3
    else:
        assert not any(decided(background_of(name), case) == Outcome.ALLOWED for case in found.allowed)


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_says_what_it_is_and_which_page_of_aws_says_so(name: str) -> None:
    found = BOOK.patterns[name]
    assert found.title
    assert found.summary.endswith(".")
    assert found.sources
    for source in found.sources:
        assert source.url.startswith("https://")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", source.read)
    assert all(parameter.description for parameter in found.parameters)
    prefix = name.replace("-", "")
    assert all(item.sid.lower().startswith(prefix) for item in found.statements)
    assert all(item.actions and all(canonical_action(action) or "*" in action for action in item.actions)
               for item in found.statements)  # fmt: skip


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_is_all_deny_so_that_no_other_pattern_opens_it(name: str) -> None:
    assert {item.effect for item in statements_of(name)} == {"Deny"}
    policy = (*background_of(name), *statements_of(name))
    assert {decided(policy, case) for case in BOOK.patterns[name].denied} == {Outcome.EXPLICITLY_DENIED}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_two_patterns_allow_the_union_less_what_either_denies(first: str, second: str) -> None:
    one, other = statements_of(first), statements_of(second)
    backdrop = background_of(first)
    for case in (*BOOK.patterns[first].allowed, *BOOK.patterns[first].denied):
        alone, beside = decided((*backdrop, *one), case), decided((*backdrop, *other), case)
        together = decided((*backdrop, *one, *other), case)
        if Outcome.EXPLICITLY_DENIED in {alone, beside}:
            assert together == Outcome.EXPLICITLY_DENIED
        else:
            assert (together == Outcome.ALLOWED) == (Outcome.ALLOWED in {alone, beside})


def test_all_patterns_together_twice_have_unique_sids_and_are_a_policy() -> None:
    uses = tuple(use(name) for name in NAMES)
    document = key_policy(Key(patterns=(*uses, *uses)), HOME)
    sids = [item.sid for item in document.statements]
    assert len(set(sids)) == len(sids)
    assert all(sid and re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)
    assert as_json(parse_policy(as_json(document)).document) == as_json(document)


@given(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=5))
def test_patterns_stand_in_the_order_of_the_file_behind_all_else(names: list[str]) -> None:
    document = key_policy(key_for(*names), HOME)
    wanted = [item.sid for name in names for item in statements_of(name)]
    assert [item.sid for item in document.statements] == ["AccountRoot", *wanted]


@given(st.sampled_from(NAMES), st.randoms())
def test_the_order_of_a_parameters_values_does_not_change_a_byte(name: str, random: st.DataObject) -> None:
    given_values = catalogue.example(BOOK.patterns[name], HOME)
    shuffled = {item: tuple(random.sample(values, len(values))) for item, values in given_values.items()}
    one = PolicyDocument(catalogue.expand(name, given_values, HOME))
    other = PolicyDocument(catalogue.expand(name, shuffled, HOME))
    assert as_json(one) == as_json(other)


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_that_is_missing_or_unknown_is_named(name: str) -> None:
    for parameter in BOOK.patterns[name].parameters:
        values = dict(catalogue.example(BOOK.patterns[name], HOME))
        values.pop(parameter.name, None)
        if parameter.required:
            with pytest.raises(InputError, match=f"needs `{parameter.name}`"):
                catalogue.expand(name, values, HOME)
    with pytest.raises(InputError, match="no parameter `no_such`"):
        catalogue.expand(name, {**catalogue.example(BOOK.patterns[name], HOME), "no_such": "x"}, HOME)


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_breaks_out_of_its_place_is_refused(name: str) -> None:
    for parameter in BOOK.patterns[name].parameters:
        for value in ("", "a\nb", "${aws:username}", "{account}", "é", True, 1.5, [None]):
            values = {**catalogue.example(BOOK.patterns[name], HOME), parameter.name: value}
            with pytest.raises(InputError) as caught:
                catalogue.expand(name, values, HOME)
            assert caught.value.problems[0].path[0] == parameter.name


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_fits_the_keys_it_says(name: str) -> None:
    wanted = BOOK.patterns[name].key
    kinds = {
        usage_of(key): key
        for key in (
            Key(),
            Key(customer_master_key_spec="RSA_2048"),
            Key(customer_master_key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY"),
            Key(customer_master_key_spec="HMAC_256", key_usage="GENERATE_VERIFY_MAC"),
            Key(customer_master_key_spec="ECC_NIST_P256", key_usage="KEY_AGREEMENT"),
        )
    }
    assert set(wanted.usages) <= set(kinds)
    for usage, key in kinds.items():
        found = catalogue.key_problems(name, usage=usage, spec=key.customer_master_key_spec, region=None)
        fits_spec = wanted.specs is None or key.customer_master_key_spec in wanted.specs
        assert bool(found) == (usage not in wanted.usages or not fits_spec)


def test_an_unknown_pattern_gets_the_nearest_name() -> None:
    with pytest.raises(InputError) as caught:
        catalogue.pattern("cloudtral")
    assert caught.value.remedy.startswith("did you mean `cloudtrail`")
