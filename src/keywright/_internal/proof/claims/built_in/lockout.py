"""Can somebody still change the policy, also when a principal is gone, and can the caller?

See https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.policy.document import Condition
from keywright._internal.proof.claims import assumptions
from keywright._internal.proof.claims.built_in.case import refuted
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.evaluation.matching import Level, matches_principal
from keywright._internal.proof.evaluation.request import Caller
from keywright._internal.proof.search.access import AccessMode, Query, stands_for_all
from keywright._internal.proof.search.attributes import TIME
from keywright._internal.proof.search.boxes import meet
from keywright._internal.proof.search.witnesses import WitnessSearch, ask, ask_any, listed, name_of, refused, replayed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.claims.result import Witness
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass
    from keywright._internal.proof.search.profiles import StatementForCaller

_MAX_NAMED: Final = 4
CHANGE: Final = "kms:PutKeyPolicy"
CHANGEABLE: Final = "policy-stays-changeable"
SURVIVES: Final = "survives-loss-of-any-principal"
CALLER: Final = "caller-can-change-policy"
CHANGEABLE_SENTENCE: Final = "somebody can still change the key policy"
SURVIVES_SENTENCE: Final = "somebody can still change the key policy when any one role or user is deleted"
CALLER_SENTENCE: Final = "whoever applies this policy can change it again"
_NOBODY: Final = "nobody may call kms:PutKeyPolicy, so only AWS Support could change the policy again"
_LATER: Final = Condition("DateGreaterThan", "aws:CurrentTime", ("9000-01-01T00:00:00Z",))
"""When every date that a policy may name is past: access that ends leaves nobody, whenever that is."""


def conditions(document: PolicyDocument) -> Iterator[Condition]:
    """What is asked of requests: that they come late, where the policy tells times apart."""
    if any(fold(item.key) in TIME for statement in document.statements for item in statement.conditions):
        yield _LATER


def changeable(case: Case) -> tuple[ClaimResult, ClaimResult]:
    """Whether somebody can change the policy, and whether that outlives each named principal.

    KMS pins a role or user that a Principal names: a new one of the same name isn't it. So what outlives a deletion
    is access through the account, through everybody, or through another principal.
    """
    goal = Query(_changing(case))
    sightings = [(caller, case.access.sight(caller, goal)) for caller in _changers(case)]
    able = [caller for caller, sighting in sightings if sighting is not None and sighting.surely]
    doubtful = [caller for caller, sighting in sightings if sighting is not None and not sighting.surely]
    shown = _plainest(case, able, goal) if able else ask_any(case.access, doubtful, goal)
    if shown.witness is None:
        if shown.undecided:
            return (
                ClaimResult(CHANGEABLE, CHANGEABLE_SENTENCE, Verdict.UNKNOWN, shown.undecided),
                ClaimResult(SURVIVES, SURVIVES_SENTENCE, Verdict.UNKNOWN, shown.undecided),
            )
        denied = _root_denied(case)
        why = f"after the dates that the policy names {_NOBODY}" if any(conditions(case.access.document)) else _NOBODY
        return (
            refuted(CHANGEABLE, CHANGEABLE_SENTENCE, why, denied),
            refuted(SURVIVES, SURVIVES_SENTENCE, why, denied),
        )
    reason = _who_can(case, able, goal) if able else shown.witness.sentence
    only = assumptions.joined(assumptions.of_request(shown.witness.request), _only_later(case, able))
    assuming = assumptions.joined(only, assumptions.NOTHING_DENIES)
    return (
        ClaimResult(CHANGEABLE, CHANGEABLE_SENTENCE, Verdict.PROVED, reason, shown.witness, assuming),
        _survivors(case, able, doubtful, goal),
    )


_TRIED: Final = 8
"""Of how many callers the one is chosen whose request needs least."""


def _plainest(case: Case, able: Sequence[PrincipalClass], goal: Query) -> WitnessSearch:
    """The request that needs least of those with which somebody can; the root user needs no identity policy."""
    best = WitnessSearch()
    for caller in sorted(able, key=lambda caller: caller.caller.kind != "root")[:_TRIED]:
        answer = ask(case.access, caller, goal)
        if answer.witness is not None and not assumptions.of_request(answer.witness.request):
            return answer
        if best.witness is None or (answer.witness is not None and _needs(answer) < _needs(best)):
            best = answer
    return best


def _needs(answer: WitnessSearch) -> int:
    return len(answer.witness.request.context) if answer.witness is not None else 0


def _survivors(
    case: Case, able: Sequence[PrincipalClass], doubtful: Sequence[PrincipalClass], goal: Query
) -> ClaimResult:
    of_account = [caller for caller in able if caller.caller.kind == "root" or stands_for_all(caller)]
    others = [caller for caller in able if caller not in of_account]
    ways = ((caller, _way_that_lasts(case, caller, goal.box)) for caller in (*of_account, *others))
    lasting, box = next(((caller, way) for caller, way in ways if way is not None), (None, None))
    if lasting is not None and box is not None:
        who = "account root access" if lasting in of_account else f"the access of {name_of(lasting, case.access)}"
        reason = f"{who} survives the deletion of any principal"
        by_text = "" if lasting in of_account else assumptions.MADE_AGAIN
        only = assumptions.of_request(case.access.space.request(lasting, box))
        assuming = assumptions.joined(only, _only_later(case, [lasting]), by_text, assumptions.NOTHING_DENIES)
        return ClaimResult(SURVIVES, SURVIVES_SENTENCE, Verdict.PROVED, reason, assuming=assuming)
    identities = {caller.identity: caller for caller in reversed(able)}
    if len(identities) > 1:
        names = listed(name_of(caller, case.access) for caller in list(identities.values())[:_MAX_NAMED])
        reason = f"each of {names} can, so one is left when another is deleted"
        assuming = assumptions.NOTHING_DENIES
        return ClaimResult(SURVIVES, SURVIVES_SENTENCE, Verdict.PROVED, reason, assuming=assuming)
    only = listed(name_of(caller, case.access) for caller in identities.values()) or "nobody for certain"
    # Whichever user's credentials a federated session was made with, another user's can make one of that name.
    untold = [caller for caller in able if caller.caller.kind == "federated" and caller.caller.issuer is None]
    doubtful = [caller for caller in doubtful if caller.identity not in identities]
    if doubtful or untold or not identities:
        open_ = listed(name_of(caller, case.access) for caller in (*untold, *doubtful)[:_MAX_NAMED])
        reason = f"{only} can change it; of {open_} it isn't decided"
        return ClaimResult(SURVIVES, SURVIVES_SENTENCE, Verdict.UNKNOWN, reason)
    reason = f"only {only} can change it: when that is deleted, also if it is made again, nobody can"
    return refuted(SURVIVES, SURVIVES_SENTENCE, reason, _root_denied(case))


def caller_can(case: Case, text: str) -> ClaimResult:
    """Whether the caller can change the policy again, which is what AWS checks when a policy is written."""
    callers = [item for item in case.callers if item.caller.arn == text and item.caller.issuer is None]
    certain = [item for item in callers if item.certain] or callers
    if not callers:
        reason = f"`{text}` is no identity that could write a key policy"
        return ClaimResult(CALLER, CALLER_SENTENCE, Verdict.UNKNOWN, reason)
    found = [_for_caller(case, caller) for caller in certain]
    if found[0].verdict is Verdict.REFUTED:
        found += [_for_caller(case, caller) for caller in callers if caller not in certain]
    if len({item.verdict for item in found}) == 1:
        return found[0]
    reason = "the caller's session doesn't tell the path of its role, on which the answer depends"
    return ClaimResult(CALLER, CALLER_SENTENCE, Verdict.UNKNOWN, reason)


def _for_caller(case: Case, caller: PrincipalClass) -> ClaimResult:
    name = name_of(caller, case.access)
    plain = case.access.space.plainest(caller, CHANGE)
    witness = replayed(case.access, caller, plain)
    surely = case.access.sight(caller, Query(case.of({CHANGE})))
    if witness is not None and surely is not None and surely.surely:
        if not witness.identity_policies:
            return ClaimResult(CALLER, CALLER_SENTENCE, Verdict.PROVED, f"the key policy lets {name}", witness)
        reason = (
            f"the key policy leaves it to the account's IAM policies whether {name} can; AWS checks them on writing"
        )
        return ClaimResult(CALLER, CALLER_SENTENCE, Verdict.UNKNOWN, reason, witness)
    answer = ask(case.access, caller, Query(case.of({CHANGE})))
    if answer.surely_none:
        reason = f"{name} may not call {CHANGE} under this policy; AWS would refuse to write it"
        return refuted(CALLER, CALLER_SENTENCE, reason, refused(case.access, caller, plain))
    reason = answer.undecided or f"only under circumstances: {answer.witness.sentence if answer.witness else ''}"
    return ClaimResult(CALLER, CALLER_SENTENCE, Verdict.UNKNOWN, reason)


def _changing(case: Case) -> Box:
    """Every request for a change of the policy that counts: one that will be allowed for good."""
    box = case.of({CHANGE})
    for condition in conditions(case.access.document):
        box = case.access.space.where(box, condition)
    return box


def _changers(case: Case) -> Iterator[PrincipalClass]:
    """Who can change a key policy at all: identities of the key's own account."""
    return (caller for caller in case.callers if case.is_own(caller))


def _way_that_lasts(case: Case, caller: PrincipalClass, changes: Box) -> Box | None:
    """Of changes of the policy, those that are allowed to the caller by a form of principal that KMS doesn't pin."""
    goal = meet(changes, case.access.space.certain(caller))
    for item in case.access.profile(caller).allows if goal is not None else ():
        if goal is not None and _matches_unpinned(item, caller, case.access.space.location.partition):
            found = case.access.sight_through(caller, item, goal)
            if found is not None:
                return found
    return None


def _matches_unpinned(item: StatementForCaller, caller: PrincipalClass, partition: str) -> bool:
    principals = item.clause.statement.principals
    if principals is None:
        return True
    levels = {matches_principal(principal, caller.principal, partition) for principal in principals}
    return bool(levels & {Level.ACCOUNT, Level.EVERYONE})


def _who_can(case: Case, able: Sequence[PrincipalClass], goal: Query) -> str:
    """Who can by the key policy itself, and whether the account can by its IAM policies."""
    goal = replace(goal, counting=AccessMode.DIRECT)
    direct = [caller for caller in able if case.access.sight(caller, goal) is not None]
    lasting = [caller for caller in direct if caller.caller.issuer is None]
    names = [name_of(caller, case.access) for caller in lasting or direct]
    if len(names) > _MAX_NAMED:
        names = [*names[:_MAX_NAMED], f"{len(names) - _MAX_NAMED} others"]
    reason = f"{listed(names)} can" if names else ""
    if len(direct) < len(able):
        delegated = "identities of the account can if its IAM policies allow it"
        reason = f"{reason}; {delegated}" if reason else delegated
    return reason


def _only_later(case: Case, able: Iterable[PrincipalClass]) -> str:
    """That some time before the dates that the policy names none of these can change the policy."""
    callers = list(able)
    for box in case.access.space.at_each_value(case.of({CHANGE}), TIME[0]):
        sightings = (case.access.sight(caller, Query(box)) for caller in callers)
        if not any(sighting is not None and sighting.surely for sighting in sightings):
            return assumptions.ONLY_LATER
    return ""


def _root_denied(case: Case) -> Witness | None:
    """The account's root user being refused to change the policy, as a witness that the account can't."""
    root = f"arn:{case.access.space.location.partition}:iam::{case.account}:root"
    caller = next(item for item in case.callers if item.caller == Caller.parse(root))
    return refused(case.access, caller, case.access.space.plainest(caller, CHANGE))
