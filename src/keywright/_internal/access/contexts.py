"""The contexts that a request may have, as far as some conditions tell them apart: one of each kind."""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from keywright._internal.access.circumstances import always_sent
from keywright._internal.facts.actions import fold
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.comparisons import address
from keywright._internal.proof.evaluation.request import ENCRYPTION_CONTEXT
from keywright._internal.proof.evaluation.variables import (
    Variable,
    Wildcard,
    expand,
    has_variables,
    template,
    variable_keys,
)
from keywright._internal.proof.search.attributes import TooManyValues, attribute, family
from keywright._internal.proof.search.cells import TooManyCellsError
from keywright._internal.proof.search.shapes import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright._internal.access.circumstances import Circumstances
    from keywright._internal.proof.evaluation.request import Context
    from keywright._internal.proof.search.attributes import Entries, Test, Values

MOST: Final = 4096
"""How many contexts are looked at before the answer is left open."""

_CONTEXT_KEYS: Final = "kms:encryptioncontextkeys"
_ENCRYPTION: Final = (ENCRYPTION_CONTEXT,)
"""Stands for the encryption context, whose pairs and list of names go together."""
_REQUEST_TAG: Final = "aws:requesttag/"
_TAG_KEYS: Final = "aws:tagkeys"
_TAGS: Final = (_REQUEST_TAG,)
"""Stands for the tags of the request, likewise."""
_LISTS: Final = {_ENCRYPTION: _CONTEXT_KEYS, _TAGS: _TAG_KEYS}
_OF_EACH_GRANT: Final = ("kms:CreateGrant", "kms:grantoperations")
"""A grant has operations."""
_USER_ID: Final = "aws:userid"
_OTHER_NAME: Final = "other"


class TooManyContextsError(Exception):
    """There are more kinds of contexts than are looked at; the message says why."""


def contexts(tests: Iterable[Test], circumstances: Circumstances) -> Iterator[Context]:
    """Contexts of which each request's is like one, for these conditions; what is known of every request included.

    Raises:
        TooManyContextsError: after as many as are looked at, or where a key's values are too many to be listed.
    """
    groups: dict[tuple[str, ...], list[Test]] = {}
    entangled: list[Test] = []
    for test in tests:
        condition, variables = test
        key = fold(condition.key)
        named = {fold(name) for value in condition.values for name in variable_keys(value)} if variables else set()
        if named:
            entangled.append(test)
        for name in {key} | named:
            if circumstances.known(name) is None:
                shown = test if name == key else (_any_value(name), False)
                groups.setdefault(_group(name), []).append(shown)
    try:
        choices = [list(_choices(keys, found, circumstances)) for keys, found in sorted(groups.items())]
    except (TooManyValues, TooManyCellsError) as error:
        raise TooManyContextsError(str(error) or "patterns interlock in too many ways") from error
    made = (chosen for parts in product(*choices) if _is_possible(chosen := _joined(circumstances.context, parts)))
    if entangled:
        made = (tied for chosen in made for tied in _tied(chosen, entangled, circumstances))
    yield from islice(made, MOST)
    if next(made, None) is not None:
        raise TooManyContextsError("conditions can be combined in more ways than are looked at")


def _group(key: str) -> tuple[str, ...]:
    if key.startswith(ENCRYPTION_CONTEXT) or key == _CONTEXT_KEYS:
        return _ENCRYPTION
    if key.startswith(_REQUEST_TAG) or key == _TAG_KEYS:
        return _TAGS
    return family(key)


def _choices(keys: tuple[str, ...], tests: Sequence[Test], circumstances: Circumstances) -> Iterator[Context]:
    """What a request may have of some keys that go together."""
    if keys in _LISTS:
        yield from _named_values(keys[0], _LISTS[keys], tests)
        return
    if keys == (_USER_ID,):
        for value in _session_ids(tests, circumstances):
            yield {_USER_ID: (value,)}
        return
    finite = circumstances.choices.get(keys[0])
    for atom in _possible(keys, tuple(dict.fromkeys((*tests, *circumstances.asked_of(keys[0]))))):
        values = dict(atom)
        if not atom and (
            (circumstances.action, keys[0]) == _OF_EACH_GRANT
            or always_sent(keys[0], service=circumstances.caller.kind == "service")
        ):
            continue
        if (finite is None or not atom) and all(circumstances.brings(key, value[0]) for key, value in atom):
            yield values
    for value in finite or ():
        yield {keys[0]: (value,)}


def _possible(keys: tuple[str, ...], tests: tuple[Test, ...]) -> Iterable[Entries]:
    """The values that AWS documents; of an address any: that `aws:SourceIp` holds public ones proves nothing here."""
    found = attribute(keys, tests)
    if keys != (PUBLIC,):
        return found.documented_atoms
    return [atom for atom in found.atoms if all(address(value) is not None for _, values in atom for value in values)]


def _named_values(stem: str, listing: str, tests: Sequence[Test]) -> Iterator[Context]:
    """Pairs of names and values with the list of their names, as they go together."""
    by_key: dict[str, list[Test]] = {}
    spelled: dict[str, str] = {}
    for test in tests:
        key = fold(test[0].key)
        by_key.setdefault(key, []).append(test)
        spelled.setdefault(key, test[0].key[len(stem) :])
    listed = by_key.pop(listing, None)
    pairs = [attribute((key,), tuple(dict.fromkeys(found))).documented_atoms for key, found in by_key.items()]
    lists = attribute((listing,), tuple(dict.fromkeys(listed))).documented_atoms if listed else ()
    names = [{fold(value) for _, values in atom for value in values} for atom in lists]
    for atoms in product(*pairs):
        chosen = {name: values for atom in atoms for name, values in atom}
        mine = {name[len(stem) :] for name in chosen}
        if not lists:
            yield {**chosen, **({listing: tuple(spelled[name] for name in chosen)} if chosen else {})}
            continue
        others = {key[len(stem) :] for key in by_key} - mine
        for atom, has in zip(lists, names, strict=True):
            if not has & others:
                added = tuple(spelled[stem + name] for name in sorted(mine - has))
                values = (*dict(atom).get(listing, ()), *added)
                yield {**chosen, **({listing: values} if values else {})}


def _session_ids(tests: Sequence[Test], circumstances: Circumstances) -> Iterator[str]:
    """A role's `aws:userid`: its own id, and a session's name that the session chooses."""
    start = f"{circumstances.unique_id}:"
    yield start + "session"
    for condition, _ in tests:
        for value in condition.values:
            text = value.replace("*", "x").replace("?", "x")
            if value.startswith(start) and len(text) > len(start):
                yield text
            elif text.partition(":")[2]:
                yield start + text.partition(":")[2]


def _any_value(key: str) -> Condition:
    return Condition("Null", key, ("false",))


def _joined(known: Context, parts: Sequence[Mapping[str, Values]]) -> Context:
    found = dict(known)
    for part in parts:
        found.update(part)
    found.setdefault("aws:viaawsservice", ("true" if "kms:viaservice" in found else "false",))
    return found


def _is_possible(context: Context) -> bool:
    """Whether AWS sends these keys together: sections 6 and 7 of the semantics."""
    through_endpoint = "aws:sourcevpce" in context or "aws:sourcevpc" in context or "aws:vpcsourceip" in context
    if "aws:sourceip" in context and through_endpoint:
        return False
    if "aws:multifactorauthage" in context and context.get("aws:multifactorauthpresent", ("true",)) != ("true",):
        return False
    called = any(key in context for key in ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"))
    return not called or context.get("aws:viaawsservice", ("true",)) == ("true",)


def _tied(chosen: Context, entangled: Sequence[Test], circumstances: Circumstances) -> Iterator[Context]:
    """The context, and contexts in which a key has the value that a policy variable stands for."""
    yield chosen
    for condition, _ in entangled:
        key = fold(condition.key)
        for value in filter(has_variables, condition.values):
            for name, text in (*_equal(key, value, chosen), *_solved(value, chosen.get(key, ()))):
                if circumstances.known(name) is None and circumstances.brings(name, text):
                    yield {**chosen, name: (text,)}


def _equal(key: str, value: str, chosen: Context) -> Iterator[tuple[str, str]]:
    """The key with the text that a condition's value stands for."""
    pattern = expand(value, chosen, variables=True, wildcards=False)
    if pattern is not None:
        yield key, "".join(str(part) for part in pattern)


def _solved(value: str, own: Values) -> Iterator[tuple[str, str]]:
    """The variable of a condition's value with the text that makes it fit what the key has."""
    names = {fold(name) for name in variable_keys(value)}
    if len(own) != 1 or len(names) != 1:
        return
    matched = re.fullmatch(_expression(value), own[0], re.DOTALL)
    if matched is not None and matched["variable"]:
        yield names.pop(), matched["variable"]


def _expression(value: str) -> str:
    """A condition's value as a regular expression, in which the variable is a group."""
    pieces: list[str] = []
    for part in template(value, variables=True, wildcards=True):
        if isinstance(part, Variable):
            pieces.append("(?P=variable)" if "(?P<variable>.*)" in pieces else "(?P<variable>.*)")
        else:
            pieces.append(
                {Wildcard.ANY: ".*", Wildcard.ONE: "."}[part] if isinstance(part, Wildcard) else re.escape(part)
            )
    return "".join(pieces)
