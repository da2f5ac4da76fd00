"""What a Deny does to everybody: whether nobody can ever lift it, and whether it is about where calls come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.key_groups import CALLED_VIA, NETWORK, VIA
from keywright._internal.proof.evaluation.conditions import condition_holds, holds_when_absent
from keywright._internal.proof.findings.effects import always_holds

if TYPE_CHECKING:
    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import StatementView

_DIRECT_CALL: Final = {"aws:viaawsservice": ("false",), "aws:principalisawsservice": ("false",)}
"""What a person's own call to KMS carries of these keys; no service changes key policies for people."""


def locks_the_policy(deny: StatementView) -> bool:
    """Whether a Deny forbids everybody of the key's account to change the policy, whatever call he makes."""
    return (
        "kms:PutKeyPolicy" in deny.covered
        and deny.surely_has_effect
        and any(item.is_whole_home for item in deny.principals)
        and all(map(_holds_for_policy_changes, deny.conditions))
    )


def _holds_for_policy_changes(condition: ConditionView) -> bool:
    if condition.key in {*VIA, *CALLED_VIA, *_DIRECT_CALL}:
        return condition_holds(condition.condition, _DIRECT_CALL, variables=False)
    return always_holds(condition, ("user", "role", "account"), ("kms:PutKeyPolicy",))


def networks(deny: StatementView) -> list[ConditionView]:
    """The conditions that are true of calls which carry nothing of a network, as those of AWS services do."""
    return [item for item in deny.conditions if item.key in NETWORK and _is_true_of_elsewhere(item)]


def _is_true_of_elsewhere(condition: ConditionView) -> bool:
    operator = condition.operator
    if operator is None:
        return False
    if operator.name == "Null":
        return condition_holds(condition.condition, {}, variables=False)
    return operator.negated and holds_when_absent(operator)
