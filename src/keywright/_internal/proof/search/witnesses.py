"""From a box of requests to a concrete one that the evaluator confirms, and to the sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.proof.claims.result import Witness
from keywright._internal.proof.evaluation.evaluator import ALLOW_ALL
from keywright._internal.proof.evaluation.request import Caller, complete_context
from keywright._internal.proof.evaluation.variables import Wildcard, expand, variable_keys
from keywright._internal.proof.search.access import Access, AccessMode, Query
from keywright._internal.proof.search.boxes import meet
from keywright._internal.proof.search.callers import DERIVED
from keywright._internal.proof.search.request_space import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.policy.document import Condition
    from keywright._internal.proof.evaluation.request import Request
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass

_CANDIDATES: Final = 32
"""How many boxes are tried out where policy variables leave it open."""

_CHOSEN: Final = "chosen"


@dataclass(frozen=True, slots=True)
class WitnessSearch:
    """Whether there is an allowed request: yes with one, no, or not decided with the reason."""

    witness: Witness | None = None
    undecided: str = ""

    @property
    def surely_none(self) -> bool:
        """Whether there is none."""
        return self.witness is None and not self.undecided


_NONE: Final = WitnessSearch()


def ask(access: Access, caller: PrincipalClass, goal: Query) -> WitnessSearch:
    """Whether the caller is allowed a request of a goal."""
    sighting = access.sight(caller, goal)
    if sighting is None:
        return _NONE
    if sighting.surely:
        request = access.space.request(caller, sighting.box)
        if (witness := replayed(access, caller, request, goal.counting)) is not None:
            return WitnessSearch(witness)
        return WitnessSearch(undecided=f"the evaluator doesn't confirm what was found for {name_of(caller, access)}")
    if access.looks_up:
        for number, box in enumerate(access.candidates(caller, goal)):
            for request in resolved(access, caller, box):
                if _is_within(access, request, goal.box) and (
                    witness := replayed(access, caller, request, goal.counting)
                ):
                    return WitnessSearch(witness)
            if number >= _CANDIDATES:
                break
    return WitnessSearch(undecided=sighting.why)


def ask_any(access: Access, callers: Iterable[PrincipalClass], goal: Query) -> WitnessSearch:
    """Whether one of several callers is allowed a request of a goal."""
    undecided = ""
    for caller in callers:
        if access.sight(caller, goal) is None:
            continue
        answer = ask(access, caller, goal)
        if answer.witness is not None:
            return answer
        if answer.undecided and not undecided:
            undecided = f"of {name_of(caller, access)} it isn't decided: {answer.undecided}"
    return WitnessSearch(undecided=undecided) if undecided else _NONE


def replayed(
    access: Access, caller: PrincipalClass, request: Request, counting: AccessMode = AccessMode.ANY
) -> Witness | None:
    """The request with the evaluator's decision, where it is allowed; with an identity policy only if it must be."""
    with_iam = False
    decision = access.decide(request, with_iam=False)
    if not decision.allowed and counting is not AccessMode.DIRECT and not caller.is_service:
        with_iam = True
        decision = access.decide(request, with_iam=True)
    if not decision.allowed:
        return None
    by_iam = ", if an identity policy allows it" if with_iam else ""
    identities = (ALLOW_ALL,) if with_iam else ()
    return Witness(request, decision, identities, f"{name_of(caller, access)} may call {in_words(request)}{by_iam}")


def refused(access: Access, caller: PrincipalClass, request: Request, *, by_iam: bool = True) -> Witness | None:
    """The request with the evaluator's decision, where it is denied.

    Args:
        access: the policy's.
        caller: who calls.
        request: what is called.
        by_iam: whether it must be denied even where an identity policy of the caller allows everything.
    """
    with_iam = by_iam and not caller.is_service
    decision = access.decide(request, with_iam=with_iam)
    if decision.allowed:
        return None
    identities = (ALLOW_ALL,) if with_iam else ()
    limit = "whatever an identity policy allows" if by_iam else "by the key policy itself"
    sentence = f"{name_of(caller, access)} may not call {in_words(request)}, {limit}"
    return Witness(request, decision, identities, sentence)


# --- Policy variables ---------------------------------------------------------------------------------------


def _is_within(access: Access, request: Request, box: Box) -> bool:
    point = access.space.locate(request)
    return point is not None and meet(point, box) is not None


def resolved(access: Access, caller: PrincipalClass, box: Box) -> Iterator[Request]:
    """The box's plainest request, and ones in which what is compared with a variable equals it."""
    plain = access.space.request(caller, box)
    yield plain
    request = plain
    for clause in access.clauses:
        for condition in clause.statement.conditions:
            chosen = fold(condition.key) not in DERIVED and fold(condition.key) not in access.space.fixed
            if not chosen or not any(map(variable_keys, condition.values)):
                continue
            request = _equal(request, condition)
            yield request


def _equal(request: Request, condition: Condition) -> Request:
    """The request with the condition's key set to what its first value stands for."""
    context = dict(request.context)
    for key in variable_keys(condition.values[0]):
        if not complete_context(request).get(fold(key)) and fold(key) not in DERIVED:
            context[fold(key)] = (_CHOSEN,)
    filled = replace(request, context=context)
    pattern = expand(condition.values[0], complete_context(filled), variables=True, wildcards=False)
    if pattern is None:
        return request
    text = "".join("x" if isinstance(part, Wildcard) else part for part in pattern).replace("*", "x")
    context[fold(condition.key)] = (text,)
    return replace(request, context=context)


# --- Sentences ----------------------------------------------------------------------------------------------


def name_of(caller: PrincipalClass, access: Access) -> str:
    """Who calls, as a sentence begins with it."""
    item = caller.caller
    if item.kind == "service":
        return f"the service {item.name}" if caller.named else "a service that the policy doesn't name"
    place = "" if item.account == access.space.location.account else f" of account {item.account}"
    if item.kind == "root":
        return f"the root user of account {item.account}"
    if not caller.named:
        kind = {"role": "role", "user": "user", "federated": "federated user"}[item.kind]
        return f"a {kind} like `{item.name}`{place or ' of the account'}"
    if item.issuer is not None:
        return f"federated session `{item.name}` of user `{Caller.parse(item.issuer).name}`{place}"
    if item.session is not None:
        return f"session `{item.session}` of role `{item.name}`{place}"
    return f"{'federated user' if item.kind == 'federated' else item.kind} `{item.name}`{place}"


def listed(items: Iterable[str]) -> str:
    """A list in English: `a`, `a and b`, `a, b and c`."""
    texts = list(dict.fromkeys(items))
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
