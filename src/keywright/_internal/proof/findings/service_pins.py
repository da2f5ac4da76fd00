"""How an Allow for an AWS service says on whose behalf the service may come, and where AWS documents no such pin.

See https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from keywright._internal.facts.actions import READING, fold
from keywright._internal.facts.key_groups import CALLERS_ACCOUNT, SOURCE
from keywright._internal.facts.services import CONTEXT_NAMES, FOR_ITS_CALLER, MEANT_INSTEAD, WITHOUT_A_PIN, misspelt
from keywright._internal.model.arn import Arn
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.conditions import holds_when_absent
from keywright._internal.proof.findings.narrowing import names_somebody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.json_positions import Path
    from keywright._internal.proof.findings.elements import ConditionView, PrincipalView
    from keywright._internal.proof.findings.subject import StatementView

CONTEXT = "kms:encryptioncontext:"
_OF_LOGS = f"{CONTEXT}aws:logs:arn"
_GROUP = "log-group:"


def comes_itself(principal: PrincipalView) -> bool:
    """Whether a principal is a service that, as far as is known, calls KMS as itself."""
    name = principal.service.name
    return principal.is_service and name not in FOR_ITS_CALLER and name not in MEANT_INSTEAD and misspelt(name) is None


def pinned_by_caller(statement: StatementView) -> ConditionView | None:
    """A condition that lets services in by their own account or ARN, and not by whom they work for."""
    about = statement.conditions_on(*CALLERS_ACCOUNT, "aws:principalarn")
    return next((item for item in about if item.positive), None)


def pins(statement: StatementView) -> list[ConditionView]:
    """The conditions that say on whose behalf a service comes: source, or an encryption context that tells it."""
    return [condition for condition in statement.conditions if _is_pin(condition)]


def _is_pin(condition: ConditionView) -> bool:
    operator = condition.operator
    if operator is None or operator.negated or operator.name == "Null" or holds_when_absent(operator):
        return False
    if condition.key.startswith(CONTEXT):
        return bool(condition.values) and all(_tells_an_owner(value) for value in condition.values)
    return condition.key in SOURCE and all(names_somebody(condition, value) for value in condition.values)


def _tells_an_owner(value: str) -> bool:
    """Whether a value of the encryption context belongs to somebody: an account, or a resource with a name."""
    parts = value.split(":", 5)
    if len(parts) == 6 and not parts[4]:  # noqa: PLR2004 - an ARN has six parts; those of S3 name no account
        return not parts[5].startswith(("*", "?"))
    return account_of(value) is not None


def documented_without_pin(principal: PrincipalView, statement: StatementView) -> bool:
    """Whether one of AWS's own samples gives the service this use unconditionally."""
    # Whoever asks for a source expects one; a pattern that any source meets is then a mistake.
    if statement.conditions_on(*SOURCE):
        return False
    used = statement.covered - READING
    return any(
        used <= listed and (listed & {"kms:Decrypt"}) <= used
        for listed in WITHOUT_A_PIN.get(principal.service.name, ())
    )


class Unsent(NamedTuple):
    """A condition on the encryption context that a statement's services never meet."""

    path: Path
    why: str
    remedy: str


def unsent_context(statement: StatementView) -> Iterator[Unsent]:
    """What services alone are asked for of the encryption context and never send: names, and values of log groups."""
    services = [item.service.name for item in statement.principals if item.is_service]
    if not services or len(services) != len(statement.principals) or not set(services) <= CONTEXT_NAMES.keys():
        return
    sent = sorted({name for service in services for name in CONTEXT_NAMES[service]})
    for condition in statement.conditions:
        if not condition.key.startswith(CONTEXT) or not condition.positive:
            continue
        name = condition.key.removeprefix(CONTEXT)
        if name not in {fold(known) for known in sent}:
            near = difflib.get_close_matches(name, sent, n=1, cutoff=0.5)
            right = near[0] if near else max(CONTEXT_NAMES[services[0]])
            callers = " or ".join(f"`{item.value}`" for item in statement.principals)
            why = f"{callers} sends no `{condition.name}`, so it is never let in"
            yield Unsent(condition.path, why, f"write `kms:EncryptionContext:{right}`")
        elif condition.key == _OF_LOGS:
            yield from _no_group(condition)


def _no_group(condition: ConditionView) -> Iterator[Unsent]:
    """A log group's name holds no colon, so that with something behind a second colon no group is meant."""
    wrong = [value for value in condition.values if _is_no_arn(value) or _has_a_tail(value)]
    if len(wrong) < len(condition.values):
        return
    for at, value in enumerate(condition.values[:1]):
        head, _, name = value.rpartition(_GROUP)
        mended = f"{head}{_GROUP}{name.partition(':')[0]}" if head else "arn:aws:logs:REGION:ACCOUNT:log-group:NAME"
        why = f"`{value}` is no log group's ARN as CloudWatch Logs sends it, with nothing behind the name"
        yield Unsent((*condition.path, at), why, f"write `{mended}`")


def _is_no_arn(value: str) -> bool:
    return not value.startswith(("arn:", "*", "?", "${"))


def _has_a_tail(value: str) -> bool:
    arn = Arn.find(value)
    return arn is not None and arn.resource.startswith(_GROUP) and ":" in arn.resource.removeprefix(_GROUP)
