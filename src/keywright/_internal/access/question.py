"""May this caller call this action on this key? With what each request may choose left open, so that many ask alike.

Every policy is reduced to the statements that match but for conditions on what a request chooses. What is left is the
question: callers of whom the same is left get the same answer, which is found once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, product
from typing import TYPE_CHECKING, Final

from keywright._internal.access.circumstances import OF_SESSIONS, RESOURCE, Circumstances
from keywright._internal.access.contexts import TooManyContextsError, contexts
from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import key_facts
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.compiled_policy import MatchedStatements, Subject
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.decision import Path
from keywright._internal.proof.evaluation.grants import Grant, granted, may_retire
from keywright._internal.proof.evaluation.layers import Layers, Ruling, applicable, rule
from keywright._internal.proof.evaluation.matching import STRONGEST_FIRST, Level, matches_resource
from keywright._internal.proof.evaluation.request import ENCRYPTION_CONTEXT, Context, Request
from keywright._internal.proof.evaluation.variables import Variable, Wildcard, has_variables, template

if TYPE_CHECKING:
    from keywright._internal.policy.document import Statement
    from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
    from keywright._internal.proof.search.attributes import Test


class AccessVerdict(StrEnum):
    """Whether a principal has access."""

    YES = "yes"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"
    NO = "no"


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement that matches wherever what is left of its conditions holds."""

    index: int
    effect: str
    level: Level | None
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is left of all policies and grants for one caller, action and key."""

    circumstances: Circumstances
    layers: Layers[tuple[OpenStatement, ...]]
    grants: tuple[Grant, ...]

    @property
    def signature(self) -> tuple[object, ...]:
        """Questions of the same signature have the same answer."""
        caller, action = self.circumstances.caller, self.circumstances.action
        mine = [item for _, policy in self.layers.named() for item in policy]
        names = {fold(test[0].key) for item in mine for test in item.tests}
        return (
            caller.kind,
            caller.partition,
            (caller.account, caller.partition) == _owner(self.circumstances.resource),
            action,
            _alike(self.layers.key or ()),
            _alike(chain.from_iterable(self.layers.identities)),
            frozenset(_alike(chain.from_iterable(level)) for level in self.layers.service_control),
            _alike(chain.from_iterable(self.layers.resource_control)),
            None if self.layers.boundary is None else _alike(self.layers.boundary),
            tuple((grant.name, _level(grant, self.circumstances)) for grant in self.grants),
            *((self.circumstances.unique_id,) if "aws:userid" in names else ()),
            *(self._of_session(names)),
            *((self.circumstances.resource,) if self.grants or names & {"kms:requestalias", RESOURCE} else ()),
            # A variable that stays ties a value to what is known of the caller.
            *((caller,) if any(map(_compares_choices, (test for item in mine for test in item.tests))) else ()),
        )

    def _of_session(self, names: Iterable[str]) -> Iterator[object]:
        """What tells roles apart where their sessions may bring tags or a source identity."""
        brought = sorted(name for name in names if name.startswith(OF_SESSIONS))
        if brought:
            yield self.circumstances.trust
            yield from (self.circumstances.context.get(name) for name in brought)


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """Whether there is access, with a request's context that is allowed and one that is denied where there are both."""

    access: AccessVerdict
    allowed: Context | None = None
    denied: Context | None = None
    path: Path | None = None
    reason: str = ""
    """Why it is unknown, or what denies."""
    met: frozenset[bool] = frozenset()
    """Of an unknown: whether some request is surely allowed (True), and whether some surely isn't (False)."""

    @property
    def outcomes(self) -> frozenset[bool]:
        """Whether some request is surely allowed (True), and whether some surely isn't (False)."""
        return _OUTCOMES.get(self.access, self.met)

    def of_another(self, found_of: Context, own: Context) -> AccessDecision:
        """The same with requests of another caller, or on another key: what they choose stays, the rest is their own.

        Args:
            found_of: what was known of the requests that it was found of.
            own: what is known of the others.
        """

        def request(chosen: Context | None) -> Context | None:
            if chosen is None:
                return None
            # A session's tag may stand in place of one that is known of its role.
            return {**own, **{key: values for key, values in chosen.items() if found_of.get(key) != values}}

        if self.allowed is None and self.denied is None:
            return self
        return AccessDecision(
            self.access, request(self.allowed), request(self.denied), self.path, self.reason, self.met
        )


_OUTCOMES: Final = {
    AccessVerdict.YES: frozenset({True}),
    AccessVerdict.NO: frozenset({False}),
    AccessVerdict.CONDITIONAL: frozenset({True, False}),
}

_COLONS: Final = 5
"""Before the last part of an ARN."""

_HIDDEN: Final = frozenset({"aws:resourcetag/", "kms:resourcealiases"})
_MOST_COMPARED: Final = 4
"""How many conditions that compare two values of the request's choice are tried both ways."""

_NEVER: Final = AccessDecision(AccessVerdict.NO)


@dataclass
class AccessDecisions:
    """Decisions that were found already, and of whose request each was found."""

    _known: dict[tuple[object, ...], tuple[AccessDecision, Context]] = field(default_factory=dict)

    def decide(self, question: Question) -> AccessDecision:
        """The decision on a question."""
        layers = question.layers
        if not layers.key and not question.grants:
            return _NEVER
        # Whether a key policy's Deny counts for RetireGrant isn't documented.
        retiring = question.circumstances.action == "kms:RetireGrant"
        if not retiring and any(
            item.effect == "Deny" and not item.tests for _, policy in layers.named() for item in policy
        ):
            return _NEVER
        signature, own = question.signature, question.circumstances.context
        known = self._known.get(signature)
        if known is None:
            known = self._known[signature] = _decide(question), own
        found, others = known
        return found if own is others else found.of_another(others, own)


def ask(
    layers: Layers[CompiledPolicy], grants: Sequence[Grant], circumstances: Circumstances, *, bounded: bool
) -> Question | None:
    """The question that is left; None where nothing of the key's side can allow."""
    caller, action, resource = circumstances.caller, circumstances.action, circumstances.resource
    request = Request(caller, action, resource)
    partition = request.key.partition if request.key else None
    subject = Subject(caller, action, resource, circumstances.context, partition, bounded)
    covering = tuple(grant for grant in grants if _level(grant, circumstances) is not None)
    if layers.key is None:
        return None
    seen = circumstances.as_seen_by_key() if _HIDDEN.intersection(layers.key.condition_keys) else circumstances
    mine = open_statements(layers.key, subject, seen)
    if not covering and not any(item.effect == "Allow" for item in mine):
        return None

    def opened(policy: CompiledPolicy) -> tuple[OpenStatement, ...]:
        return open_statements(policy, subject, circumstances)

    asked = applicable(layers, request)
    left = Layers(
        mine,
        tuple(map(opened, asked.identities)),
        tuple(tuple(map(opened, level)) for level in asked.service_control),
        tuple(map(opened, asked.resource_control)),
        None if asked.boundary is None else opened(asked.boundary),
        None if asked.session is None else opened(asked.session),
    )
    return Question(circumstances, left, covering)


def open_statements(
    policy: CompiledPolicy, subject: Subject, circumstances: Circumstances
) -> tuple[OpenStatement, ...]:
    """The statements of a policy that match, or may."""
    found: list[OpenStatement] = []
    for index, level, looks_up in policy.applying(subject):
        statement = policy.document.statements[index]
        tests: list[Test] = []
        for condition in (*statement.conditions, *(_on_resource(statement, subject.resource) if looks_up else ())):
            settled = circumstances.settle(condition, variables=policy.variables)
            if settled is False:
                break
            if settled is not True:
                tests.append(settled)
        else:
            found.append(OpenStatement(index, statement.effect, level, tuple(tests)))
    return _absorbed(found) if len(found) > 1 else tuple(found)


def _on_resource(statement: Statement, resource: str) -> Iterator[Condition]:
    """Resource or NotResource as a condition whose policy variables are looked up, where these decide."""
    named, patterns = statement.resources is not None, statement.resources or statement.not_resources or ()
    fitting = tuple(
        pattern for pattern in patterns if matches_resource(_loosely(pattern), resource, {}, variables=False)
    )
    if any(not has_variables(pattern) for pattern in fitting):
        fitting = ()
        named = not named
    if fitting or named:
        yield Condition("ArnLike" if named else "ArnNotLike", RESOURCE, fitting)


def _loosely(pattern: str) -> str:
    """A pattern that is fit whatever its variables stand for; they count in an ARN's last part only."""
    *head, tail = pattern.split(":", _COLONS)
    parts = template(tail, variables=True, wildcards=True)
    texts = (
        "*" if isinstance(part, Variable) else part.value if isinstance(part, Wildcard) else part for part in parts
    )
    return ":".join((*head, "".join(texts)))


def _absorbed(found: Sequence[OpenStatement]) -> tuple[OpenStatement, ...]:
    """Without Allows that add nothing to one that surely matches by a form at least as strong."""
    best = min((_strength(item.level) for item in found if item.effect == "Allow" and not item.tests), default=None)
    if best is None:
        return tuple(found)
    return tuple(
        item
        for item in found
        if item.effect == "Deny" or _strength(item.level) < best or (not item.tests and _strength(item.level) == best)
    )


def _strength(level: Level | None) -> int:
    return 0 if level is None else STRONGEST_FIRST.index(level)


def _alike(statements: Iterable[OpenStatement]) -> frozenset[object]:
    return frozenset((item.effect, item.level, frozenset(item.tests)) for item in statements)


def _owner(resource: str) -> tuple[str, str]:
    _, partition, _, _, account, _ = resource.split(":", 5)
    return account, partition


def _level(grant: Grant, circumstances: Circumstances) -> Level | None:
    """By which form a grant may cover the caller's requests, whatever they carry."""
    bare = Grant(grant.grantee, grant.operations, grant.retiring, grant.issuing_account, name=grant.name)
    request = Request(circumstances.caller, circumstances.action, circumstances.resource)
    if circumstances.action == "kms:RetireGrant":
        return may_retire(bare, request, {})
    passed_on = {"kms:grantoperations": tuple(grant.operations)}
    return granted(bare, request, passed_on)


# --- The decision ---------------------------------------------------------------------------------------------


def _decide(question: Question) -> AccessDecision:
    tests = [test for _, policy in question.layers.named() for item in policy for test in item.tests]
    tests += _tests_of(question.grants)
    tests.sort(key=repr)  # questions alike find the same requests, whichever is asked first
    doubtful = {key: reason for test in tests if (reason := _doubt(key := fold(test[0].key), question.circumstances))}
    certain, possible = _Tally(), _Tally()
    try:
        for context in contexts(tests, question.circumstances):
            ruling = _ruling(question, context)
            possible.add(context, ruling)
            if not any(key in context for key in doubtful):
                certain.add(context, ruling)
    except TooManyContextsError as error:
        if possible.access is not AccessVerdict.CONDITIONAL:
            return AccessDecision(AccessVerdict.UNKNOWN, possible.allowed, possible.denied, possible.path, str(error))
    if doubtful and (certain.access, possible.access) != (possible.access, certain.access):
        reason = next(iter(doubtful.values()))
        return AccessDecision(AccessVerdict.UNKNOWN, possible.allowed, possible.denied, possible.path, reason)
    if possible.undecided and possible.access is not AccessVerdict.CONDITIONAL:
        allowed = possible.allowed or possible.left_open
        reason, met = possible.undecided, possible.met
        return AccessDecision(AccessVerdict.UNKNOWN, allowed, possible.denied, possible.path, reason, met)
    if possible.access is not AccessVerdict.CONDITIONAL and not _holds_however_compared(question, tests, possible):
        reason, met = "a policy variable compares two values that the request chooses", possible.met
        return AccessDecision(AccessVerdict.UNKNOWN, possible.allowed, possible.denied, possible.path, reason, met)
    return AccessDecision(possible.access, possible.allowed, possible.denied, possible.path, possible.reason)


def _holds_however_compared(question: Question, tests: Iterable[Test], met: _Tally) -> bool:
    """Whether what was met stays so, however conditions turn out that compare two values of the request's choice."""
    comparing = list(dict.fromkeys(test for test in tests if _compares_choices(test)))
    if not comparing:
        return True
    if len(comparing) > _MOST_COMPARED:
        return False
    every = _Tally()
    for outcome in product((False, True), repeat=len(comparing)):
        forced = dict(zip(comparing, outcome, strict=True))
        for context in contexts(tests, question.circumstances):
            every.add(context, _ruling(question, context, forced))
    return every.access is met.access


def _compares_choices(test: Test) -> bool:
    condition, looks_up = test
    return looks_up and any(map(has_variables, condition.values))


@dataclass
class _Tally:
    """What was met of allowed and denied contexts, and of those that AWS leaves open."""

    allowed: Context | None = None
    denied: Context | None = None
    left_open: Context | None = None
    undecided: str = ""
    """Why AWS's documentation leaves it open."""
    path: Path | None = None
    reason: str = ""

    def add(self, context: Context, ruling: Ruling) -> None:
        if ruling.undecided is not None:
            self.left_open, self.undecided = self.left_open or context, ruling.undecided
        elif ruling.outcome != "Allowed":
            self.denied = context if self.denied is None else self.denied
            self.reason = self.reason or ruling.reason
        elif self.allowed is None or len(context) < len(self.allowed):
            self.allowed, self.path = context, ruling.path

    @property
    def met(self) -> frozenset[bool]:
        found = ((True, self.allowed), (False, self.denied))
        return frozenset(outcome for outcome, context in found if context is not None)

    @property
    def access(self) -> AccessVerdict:
        if self.allowed is None:
            return AccessVerdict.NO
        return AccessVerdict.YES if self.denied is None else AccessVerdict.CONDITIONAL


def _doubt(key: str, circumstances: Circumstances) -> str | None:
    """Why what a request carries under a key isn't known."""
    unread = circumstances.why_unread(key)
    if unread is not None or key == RESOURCE:
        return unread
    facts = key_facts(key)
    return f"it isn't documented that requests carry `{key}`" if facts is None else None


def _ruling(question: Question, context: Context, forced: Mapping[Test, bool] | None = None) -> Ruling:
    """What the policies come to in a context; some conditions may be taken to hold or not."""
    circumstances = question.circumstances
    held = dict(forced or {})

    def holds(test: Test) -> bool:
        found = held.get(test)
        if found is None:
            found = held[test] = condition_holds(test[0], context, variables=test[1])
        return found

    def matched(statements: tuple[OpenStatement, ...]) -> MatchedStatements:
        met = [item for item in statements if all(map(holds, item.tests))]
        return MatchedStatements(
            tuple((item.index, item.level) for item in met if item.effect == "Allow"),
            tuple(item.index for item in met if item.effect == "Deny"),
        )

    left = question.layers
    request = request_in(circumstances, context, question.grants)
    test = may_retire if circumstances.action == "kms:RetireGrant" else granted
    covering = ((grant.name, test(grant, request, context)) for grant in question.grants)
    return rule(
        request,
        Layers(
            None if left.key is None else matched(left.key),
            tuple(map(matched, left.identities)),
            tuple(tuple(map(matched, level)) for level in left.service_control),
            tuple(map(matched, left.resource_control)),
            None if left.boundary is None else matched(left.boundary),
            None if left.session is None else matched(left.session),
        ),
        [(name, level) for name, level in covering if level is not None],
    )


def request_in(circumstances: Circumstances, context: Context, grants: Iterable[Grant] = ()) -> Request:
    """The request in a context; the names of its encryption context as grants spell them."""
    spelled = {fold(name): name for grant in grants for name in _pairs(grant)}
    pairs = {
        spelled.get(name := key[len(ENCRYPTION_CONTEXT) :], name): values[0]
        for key, values in context.items()
        if key.startswith(ENCRYPTION_CONTEXT) and values
    }
    return Request(circumstances.caller, circumstances.action, circumstances.resource, context, pairs)


def _pairs(grant: Grant) -> Mapping[str, str]:
    return {**(grant.context_equals or {}), **(grant.context_subset or {})}


def _tests_of(grants: Iterable[Grant]) -> Iterator[Test]:
    """Conditions that tell contexts apart as the constraints of grants do."""
    for grant in grants:
        for name, value in _pairs(grant).items():
            yield Condition("StringEquals", f"kms:EncryptionContext:{name}", (value,)), False
        if grant.source_arn is not None:
            yield Condition("StringEquals", "aws:SourceArn", (grant.source_arn,)), False
        if "CreateGrant" in grant.operations:
            operations = tuple(sorted(grant.operations))
            yield Condition("ForAllValues:StringEquals", "kms:GrantOperations", operations), False
            if grant.context_equals is not None:
                kind = Condition("StringEquals", "kms:GrantConstraintType", ("EncryptionContextEquals",))
                yield kind, False
