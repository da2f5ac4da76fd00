"""Explaining a key policy: each statement in a sentence, and who can administer, use, grant and delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from keywright._internal.facts.actions import (
    ADMINISTRATIVE,
    CROSS_ACCOUNT,
    CRYPTOGRAPHIC,
    DESTROYING,
    fold,
    kms_actions,
)
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.difference.wording import sentence
from keywright._internal.proof.evaluation.conditions import condition_holds, parse_operator
from keywright._internal.proof.evaluation.decision import KEY_POLICY
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.evaluation.matching import Level
from keywright._internal.proof.evaluation.request import Caller, Request, complete_context
from keywright._internal.proof.evaluation.variables import VARIABLES_VERSION
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright._internal.policy.document import PolicyDocument, Statement
    from keywright._internal.proof.evaluation.decision import StatementTrace

Access = Literal["yes", "if allowed by IAM", "conditional", "no"]

_BEST_FIRST: Final[tuple[Access, ...]] = ("yes", "if allowed by IAM", "conditional", "no")
_OF_THE_CALLER: Final = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:username",
        "kms:calleraccount",
    }
)
"""Keys that a caller's name already decides, so that a condition on them leaves nothing open."""
_STRANGER: Final = "999999999999"
_ANY_ROLE: Final = "any-other-role"


@dataclass(frozen=True, slots=True)
class AccessLine:
    """What one principal can do. `conditional` is under circumstances that the policy names, IAM's leave included."""

    principal: str
    administer: Access
    use: Access
    grant: Access
    delete: Access

    def as_document(self) -> dict[str, Any]:
        """The line as `--json` shows it."""
        return {
            "principal": self.principal,
            "administer": self.administer,
            "use": self.use,
            "grant": self.grant,
            "delete": self.delete,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A policy in words."""

    statements: tuple[str, ...]
    """One sentence each, in the policy's order."""
    table: tuple[AccessLine, ...]
    """Whoever the policy names, and then everybody else, by what the evaluator says of them."""

    def as_document(self) -> dict[str, Any]:
        """The explanation as `--json` shows it."""
        return {"statements": list(self.statements), "table": [line.as_document() for line in self.table]}


def explain(document: PolicyDocument, *, account: str | None, partition: str = "aws") -> Explanation:
    """A key policy in words. Grants, which no policy shows, aren't counted.

    Args:
        document: the policy.
        account: the key's own; without it there is no table.
        partition: the key's.
    """
    sentences = tuple(sentence(statement, account) for statement in document.statements)
    if account is None:
        return Explanation(sentences, ())
    key = f"arn:{partition}:kms:us-east-1:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    lines = (_line(document, label, caller, key) for label, caller in _callers(document, account, partition).items())
    return Explanation(sentences, tuple(lines))


def _line(document: PolicyDocument, label: str, caller: Caller, key: str) -> AccessLine:
    def best(actions: Iterable[str]) -> Access:
        known = sorted(set(actions).intersection(kms_actions()))
        answers = {_access(document, Request(caller, action, key)) for action in known}
        return next(answer for answer in _BEST_FIRST if answer in answers)

    return AccessLine(
        label,
        administer=best(ADMINISTRATIVE - DESTROYING),
        use=best(CRYPTOGRAPHIC),
        grant=best({"kms:CreateGrant"}),
        delete=best(DESTROYING),
    )


def _access(document: PolicyDocument, request: Request) -> Access:
    caller, key = request.caller, request.key
    foreign = key is not None and caller.kind != "service" and caller.account != key.account
    if foreign and request.action not in CROSS_ACCOUNT:
        return "no"
    traces = [item for item in evaluate(document, request).trace if item.policy == KEY_POLICY]
    found: set[Access] = set()
    open_denials = False
    for trace in traces:
        statement = document.statements[trace.index]
        certain = _applies(trace, statement, request, variables=document.version == VARIABLES_VERSION)
        if certain is None:
            continue
        if trace.effect == "Deny":
            if certain:
                return "no"
            open_denials = True
        elif not certain:
            found.add("conditional")
        else:
            delegated = foreign or (trace.level is Level.ACCOUNT and caller.kind != "root")
            found.add("if allowed by IAM" if delegated else "yes")
    best: Access = next((answer for answer in _BEST_FIRST if answer in found), "no")
    return "conditional" if best != "no" and open_denials else best


def _applies(trace: StatementTrace, statement: Statement, request: Request, *, variables: bool) -> bool | None:
    """Whether a statement applies: certainly, under circumstances (False), or never (None)."""
    if any(mismatch.element != "Condition" for mismatch in trace.mismatches):
        return None
    context: Mapping[str, tuple[str, ...]] = complete_context(request)
    certain = True
    for condition in statement.conditions:
        if fold(condition.key) not in _OF_THE_CALLER:
            certain = False
        elif not condition_holds(condition, context, variables=variables):
            return None
    return certain


def _callers(document: PolicyDocument, account: str, partition: str) -> dict[str, Caller]:
    """Everybody the policy names who can call, with a name for people; then any other identity of each account."""
    named: dict[str, Caller] = {}
    accounts = {account: None}
    everybody = False
    for text in _names(document):
        everybody |= text == "*"
        owner = account_of(text)
        if owner is not None:
            accounts.setdefault(owner)
        if text in {owner, "*"}:
            continue
        try:
            caller = Caller.parse(text, partition=partition)
        except InputError:
            continue  # nobody: a deleted identity, a pattern, a slip; the findings say so
        if caller.kind != "root":
            named[text] = caller
    for owner in accounts:
        name = f"arn:{partition}:iam::{owner}:role/{_ANY_ROLE}"
        named[f"{'any other' if named else 'any'} identity of account {owner}"] = Caller.parse(name)
    if everybody:
        named["any identity of another account"] = Caller.parse(f"arn:{partition}:iam::{_STRANGER}:role/{_ANY_ROLE}")
    return named


def _names(document: PolicyDocument) -> Iterator[str]:
    for statement in document.statements:
        for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
            if principal.type in {"AWS", "Service"}:
                yield principal.value
        if statement.not_principals is not None and statement.effect == "Allow":
            yield "*"
        for condition in statement.conditions:
            operator = parse_operator(condition.operator)
            if operator is not None and fold(condition.key) == "aws:principalarn":
                yield from condition.values
