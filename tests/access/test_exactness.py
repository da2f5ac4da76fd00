"""Rows are exact: none is missed, none invented, and a conditional one is true of some requests and false of others."""

from __future__ import annotations

import json
import os

import organisations
import pytest

from chance import fresh_seed
from keywright import evaluate
from keywright._internal.access.question import AccessVerdict, request_in
from keywright._internal.access.who_can import WhoCan

FRESH = int(os.environ.get("KEYWRIGHT_ORGANISATIONS", "2"))
"""How many fresh organizations each of the tests looks at; 10,000 of them: `make torture-access`."""


@pytest.mark.parametrize("seed", range(4))
def test_who_can_and_brute_force_agree_on_every_principal(seed: int) -> None:
    _hold_to_brute_force(seed)


def test_who_can_and_brute_force_agree_on_every_principal_of_fresh_organisations() -> None:
    first = fresh_seed() * 1000
    for seed in range(first, first + FRESH):
        _hold_to_brute_force(seed)


def _hold_to_brute_force(seed: int) -> None:
    organisation = organisations.Chance(seed).organisation()
    snapshot = organisation.snapshot()
    who = WhoCan(snapshot)
    (key,) = snapshot.keys.values()
    for action in organisations.ACTIONS:
        rows = {item.principal: item for item in who.findings(key, action)}
        for principal in organisation.principals:
            row = rows.get(principal["arn"])
            found = row.access.value if row is not None else "no"
            assert found == organisation.truth(principal, action), (seed, action, json.dumps(principal))


@pytest.mark.parametrize("seed", range(100, 106))
def test_each_row_s_contexts_are_decided_by_the_evaluator_as_the_row_says(seed: int) -> None:
    organisation = organisations.Chance(seed).organisation()
    snapshot = organisation.snapshot()
    (key,) = snapshot.keys.values()
    principals = {item["arn"]: item for item in organisation.principals}
    who = WhoCan(snapshot)
    for action in (*organisations.ACTIONS, *organisations.ACTIONS):  # the second time each answer is another one's
        for row in who.findings(key, action):
            if row.question is None or row.principal not in principals:
                continue
            around = organisation.case(principals[row.principal], {})
            policy = around.pop("policy")
            for name in ("id", "request"):
                around.pop(name)
            for context, allowed in ((row.decision.allowed, True), (row.decision.denied, False)):
                if context:
                    request = request_in(row.question.circumstances, context, key.grants or ())
                    assert evaluate(policy, request, **around).allowed is allowed, (seed, row)
            assert (row.decision.denied is not None) == (row.access is AccessVerdict.CONDITIONAL)
