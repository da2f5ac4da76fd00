"""What is wrong with a key that no field of it shows: the policies that it would have, its claims and waivers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.key import Key
from keywright._internal.model.key_home import stated_account
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.pattern_use import PatternUse, occurrences
from keywright._internal.model.text_rules import POLICY_TEXT
from keywright._internal.model.value_error import Fault
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import MAX_POLICY_BYTES
from keywright._internal.policy.generation import usage_of
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.policy.stack_policies import key_policies
from keywright.errors import InputError, Problem

_SOMEWHERE = KeyLocation("aws", "111122223333", "us-east-1")
"""Where a key is taken to live that does not say: what is checked here does not depend on it."""


def declaration_problems(
    key: Key, *, without: Collection[str] = (), files: Mapping[tuple[str | int, ...], str] | None = None
) -> Iterator[Problem]:
    """What is wrong with a key, beside its fields and how they go together. The paths of the problems start at the key.

    Args:
        key: the key.
        without: fields that are known to be wrong; nothing is said about what depends on them.
        files: the files that whole policies were read from, by the path of the field; problems of these have a place.
    """
    yield from policy_problems(key, without=without, files=files)
    yield from own_claim_problems(key.claims, key.account, key.region)
    if key.waive:
        # Imported where a file waives or claims something: no other reading of a file should pay for the prover.
        from keywright._internal.proof.claims.claim_checking import waiver_problems  # noqa: PLC0415

        yield from waiver_problems(key.waive)


def own_claim_problems(claims: Sequence[str], account: str | None, region: str | None) -> Iterator[Problem]:
    """The claims of a key or of a whole stack that aren't understood; the Region tells their partition."""
    if claims:
        from keywright._internal.proof.claims.claim_checking import claim_problems  # noqa: PLC0415

        yield from claim_problems(claims, account=account, partition=partition_of_region().get(region or "", "aws"))


def policy_problems(
    key: Key, *, without: Collection[str] = (), files: Mapping[tuple[str | int, ...], str] | None = None
) -> Iterator[Problem]:
    """What is wrong with a key's policies. The paths of the problems start at the key.

    Args:
        key: the key.
        without: fields that are known to be wrong; nothing is said about what depends on them.
        files: the files that whole policies were read from, by the path of the field; problems of these have a place.
    """
    files = files or {}
    whole: dict[tuple[str | int, ...], str | None] = {("policy",): key.policy}
    whole |= {("replica_regions", region, "policy"): item.policy for region, item in key.replica_regions.items()}
    for path, text in whole.items():
        if text is not None:
            yield from whole_policy_problems(path, text, files.get(path))
    of_patterns = tuple(_pattern_problems(key, without))
    yield from of_patterns
    if key.policy is None and not of_patterns and not without:
        yield from _generated_policy_problems(key)


def whole_policy_problems(path: tuple[str | int, ...], text: str, file: str | None = None) -> Iterator[Problem]:
    """What is wrong with a policy that a person wrote as JSON, in a field or in a file of its own."""
    if file is not None:
        path = (*path[:-1], "policy_file")
    size = len(text.encode())
    if size > MAX_POLICY_BYTES:
        yield Problem(
            path, f"has {size:,} bytes; KMS takes {MAX_POLICY_BYTES:,}", "write it shorter, or without spaces"
        )
    try:
        POLICY_TEXT.check(text)
    except Fault as fault:
        yield Problem(path, fault.message, fault.remedy)
    try:
        document = parse_policy(text, file=file or "policy").document
    except InputError as error:
        for problem in error.problems:
            at = problem.location
            where = f" (line {at.line}, column {at.column} of the policy)" if at and file is None else ""
            field = f"`{problem.field}`: " if problem.field else ""
            placed = Problem(path, f"is not a key policy: {field}{problem.message}{where}", problem.remedy)
            if file is not None:
                placed = replace(placed, location=at, source_line=problem.source_line)
            yield placed
    else:
        if not document.statements:
            yield Problem(path, "is a policy without statements, which lets nobody in", "write a statement")


def _pattern_problems(key: Key, without: Collection[str]) -> Iterator[Problem]:
    for index, (use, occurrence) in enumerate(occurrences(key.patterns)):
        try:
            catalogue.expand(use.name, use.parameters, _SOMEWHERE, occurrence=occurrence)
        except InputError as error:
            for problem in error.problems:
                yield replace(problem, path=("patterns", index, *_in_use(problem.path, use)))
        if use.name in catalogue.load().patterns and not {"key_usage", "customer_master_key_spec"} & {*without}:
            region = None if "region" in without else key.region
            spec = key.customer_master_key_spec
            for problem in catalogue.key_problems(use.name, usage=usage_of(key), spec=spec, region=region):
                yield replace(problem, path=("patterns", index, *problem.path))


def _in_use(path: tuple[str | int, ...], use: PatternUse) -> tuple[str | int, ...]:
    if path == ("name",):
        return path
    # A parameter of one value is mostly written without a list, and a place within it is the parameter's own.
    return ("parameters", *(path[:1] if len(use.parameters.get(str(path[0]), ())) == 1 else path))


def _generated_policy_problems(key: Key) -> Iterator[Problem]:
    region = key.region or _SOMEWHERE.region
    home = KeyLocation(partition_of_region()[region], stated_account(key) or _SOMEWHERE.account, region)
    own, *_ = key_policies("", key, home)
    if own.size_problem is not None:
        fields = ("key_administrator_arns", "key_user_arns", "key_service_users", "patterns", "statements")
        longest = max(fields, key=lambda name: len(str(getattr(key, name))))
        yield Problem(
            (longest,),
            f"makes a policy of {len(own.text.encode()):,} bytes; KMS takes {MAX_POLICY_BYTES:,}",
            "name fewer; a permission set or an account stands for many principals",
        )
