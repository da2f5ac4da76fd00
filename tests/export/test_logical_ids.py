"""Logical IDs: one for each name, whatever else a file holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.export.logical_ids import alias_id, key_id, replica_id, stack_name, words
from keywright._internal.model.stack import NAME

NAMES = st.from_regex(NAME, fullmatch=True)


@pytest.mark.parametrize(
    ("name", "expected"), [("app-data", "AppData"), ("app", "App"), ("logs-of-app2", "LogsOfApp2")]
)
def test_a_name_of_words_is_spelled_by_them(name: str, expected: str) -> None:
    assert words(name) == expected


def test_ids_are_what_they_were_since_another_one_is_another_resource_to_cloudformation() -> None:
    assert key_id("2.sign") == "Key2SignX2714a6dc"
    assert replica_id("AppData") == "ReplicaAppDataX0f51ad6a"
    assert alias_id("alias/team/app_2") == "AliasTeamApp2Xb0b5f653"
    assert stack_name("payments") == "keywright-payments"
    assert stack_name("a.b", "replicas") == "keywright-a-b-replicas-78008ecf"


def test_names_that_share_their_words_are_told_apart() -> None:
    names = ["app-data", "app_data", "appData", "AppData", "App.Data", "app--data", "app-2", "app2", "app-Data"]
    assert len({words(name) for name in names}) == len(names)


@given(NAMES, NAMES)
def test_two_names_never_share_an_id(one: str, other: str) -> None:
    assert (words(one) == words(other)) == (one == other)


@given(NAMES, st.from_regex(r"alias/[a-zA-Z0-9/_-]{1,250}", fullmatch=True))
def test_an_id_is_what_cloudformation_takes(name: str, alias: str) -> None:
    ids = (key_id(name), replica_id(name), alias_id(alias))
    assert all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9]{0,254}", item) for item in ids)
    assert len(set(ids)) == 3


@given(NAMES, NAMES)
def test_a_stack_name_is_what_cloudformation_takes_and_another_stack_has_another(one: str, other: str) -> None:
    assert re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", stack_name(one, words(other), "replicas"))
    assert (stack_name(one) == stack_name(other)) == (one == other)
