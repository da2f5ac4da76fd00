"""A review says what changed since the last one: who gained or lost access, whose is another, which keys are gone."""

from __future__ import annotations

from datetime import UTC, datetime

from small_estate import ANN, APP, KEY, OPS, estate, named, policy, principal

from keywright._internal.access.question import AccessVerdict
from keywright._internal.access.review import KeyReview, gone, review
from keywright._internal.access.snapshot import AccessSnapshot
from keywright._internal.access.who_can import WhoCan

READ_AT = datetime(2026, 11, 25, tzinfo=UTC)
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
PEOPLE = (principal(APP), principal(OPS), principal(ANN))


def reviewed(now: AccessSnapshot, before: AccessSnapshot | None = None) -> KeyReview:
    (found,) = review(WhoCan(now), READ_AT, None if before is None else WhoCan(before))
    return found


def test_who_gained_and_who_lost_access_is_told_by_capability() -> None:
    found = reviewed(estate(policy(named(APP)), *PEOPLE), estate(policy(named(OPS)), *PEOPLE))
    assert (found.gained["decrypt"], found.lost["decrypt"], "delete" in found.gained) == ((APP,), (OPS,), False)


def test_access_that_lost_its_condition_is_told_with_what_it_was() -> None:
    found = reviewed(estate(policy(named(ANN)), *PEOPLE), estate(policy(named(ANN, condition=MFA)), *PEOPLE))
    assert found.was["decrypt"] == {ANN: AccessVerdict.CONDITIONAL}
    assert (found.gained, found.lost) == ({}, {})


def test_a_key_that_is_no_longer_there_is_named() -> None:
    now, before = estate(policy(named(APP)), key=KEY + "2"), estate(policy(named(APP)))
    assert gone(WhoCan(now), WhoCan(before)) == (KEY,)
    assert reviewed(now, before).is_new


def test_access_by_a_grant_alone_shows_so() -> None:
    grant = {"GranteePrincipal": OPS, "Operations": ["Decrypt"]}
    holders = reviewed(estate(policy(named(APP)), *PEOPLE, grants=[grant])).holders["decrypt"]
    assert {item.name: item.through for item in holders} == {APP: "key-policy", OPS: "grant"}
