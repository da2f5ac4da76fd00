"""A keys file with targets as stack sets take it: the keys of each target, and their common form with parameters.

A parameter of the file becomes one of the template where each target has a text for it. Whatever differs otherwise,
such as a list of principals, gives each target a template of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from keywright._internal.export.functions import ACCOUNT, StandIns, unused_account
from keywright._internal.export.logical_ids import plain_words, words
from keywright._internal.export.stack_set import Rollout
from keywright._internal.export.stack_sets import Variant
from keywright._internal.keysfile.source import Source
from keywright._internal.keysfile.stack import stack_of
from keywright._internal.keysfile.targets import Targets, targets_of
from keywright._internal.model.account_targets import AccountTarget, Deployment
from keywright.errors import InputError, InvalidKeysFile, Problem


def target_variants(source: Source) -> tuple[tuple[Variant, ...], Variant | None]:
    """The keys of each target, and their common form if there may be one.

    Raises:
        InvalidKeysFile: with every problem of the file.
        InputError: a target chooses accounts as no stack set can.
    """
    targets = targets_of(source)
    problems = tuple(_problems(targets))
    if problems:
        raise InputError(f"some targets of `{source.file}` can't be those of a stack set", problems=problems)
    account = _stand_in_account(source, targets)
    deployments = [targets.deployment(index, account) for index in range(len(targets.entries))]
    named = _differing_texts(deployments, account)
    variants = tuple(
        Variant(
            stack_of(source, deployment),
            replace(
                _rollout(entry), parameters={name: deployment.parameters[own] for own, name in (named or {}).items()}
            ),
            StandIns({account: ACCOUNT}),
        )
        for entry, deployment in zip(targets.entries, deployments, strict=True)
    )
    return variants, None if named is None else _common(source, deployments[0], variants[0], account, named)


def _stand_in_account(source: Source, targets: Targets) -> str:
    """An account that is nowhere in the file, nor in the policies that it names."""
    first = unused_account("\n".join(source.lines))
    stacks = [stack_of(source, targets.deployment(index, first)) for index in range(len(targets.entries))]
    return unused_account("\n".join((*source.lines, *(stack.model_dump_json() for stack in stacks))))


def _common(
    source: Source, deployment: Deployment, variant: Variant, account: str, named: Mapping[str, str]
) -> Variant | None:
    """The keys with a stand-in for each parameter; None where the file takes no such text there."""
    stand_ins = {own: f"keywright-parameter-{number}-" for number, own in enumerate(named)}
    parameters = {**deployment.parameters, **stand_ins}
    try:
        stack = stack_of(source, replace(deployment, parameters=parameters))
    except InvalidKeysFile:
        return None
    names = {stand_ins[own]: name for own, name in named.items()}
    return Variant(stack, variant.rollout, StandIns({**names, account: ACCOUNT}))


def _differing_texts(deployments: Sequence[Deployment], account: str) -> dict[str, str] | None:
    """The parameters that differ, with their names in a template; None where something else differs."""
    if len({item.region for item in deployments}) > 1:
        return None
    found: list[str] = []
    for name in deployments[0].parameters:
        values = [item.parameters[name] for item in deployments]
        if all(value == values[0] for value in values):
            continue
        if not all(isinstance(value, str) and account not in value for value in values):
            return None
        found.append(name)
    plain = [plain_words(name) for name in found]
    return {name: plain_words(name) if plain.count(plain_words(name)) == 1 else words(name) for name in found}


def _problems(targets: Targets) -> Iterator[Problem]:
    for index, entry in enumerate(targets.entries):
        if entry.accounts.organization:
            remedy = "write the organization's root: `{ou: r-abcd}`"
            yield targets.problem(index, "chooses the organization without the ID of its root", remedy)
        elif entry.accounts.tags:
            remedy = "list the accounts, or name their organizational unit"
            yield targets.problem(index, "chooses accounts by a tag, which no stack set does", remedy)


def _rollout(entry: AccountTarget) -> Rollout:
    if entry.accounts.listed:
        return Rollout(tuple(item for item in entry.accounts.listed if item not in entry.exclude))
    return Rollout(units=entry.accounts.units, excluded=entry.exclude)
