"""Examining a template's key policies: findings at their place in the file, claims, and what isn't known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.examination import Examination, examine_policy
from keywright.errors import InputError, InvalidPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright._internal.policy.parsing import ParsedPolicy
    from keywright._internal.templates.template_policy import TemplatePolicy

KNOWN = "policy-known"
_SENTENCE = "the whole key policy is known before it is deployed"


def examine_template_policy(
    found: TemplatePolicy,
    *,
    trusted_accounts: Sequence[str] = (),
    trusted_organisations: Sequence[str] = (),
    claims: Sequence[str] = (),
    caller: str | None = None,
) -> Examination:
    """One key policy of a template or plan. One that isn't known whole has neither findings nor a pass by silence.

    Args:
        found: the policy.
        trusted_accounts: in place of those that the policy names.
        trusted_organisations: in place of those that the policy names.
        claims: further ones, as text.
        caller: the ARN of whoever deploys it, where that is known.

    Raises:
        InputError: its text is no policy, or a claim's text isn't understood.
    """
    if found.text is None:
        missing = "; ".join(f"{item.location}: {item.why}" for item in found.unknown)
        unknown = ClaimResult(KNOWN, _SENTENCE, Verdict.UNKNOWN, missing)
        return Examination(found.name, found.account, (), (unknown,))
    examination = examine_policy(
        _parsed(found.text, found),
        account=found.account,
        region=found.region,
        trusted_accounts=trusted_accounts,
        trusted_organisations=trusted_organisations,
        claims=claims,
        caller=caller,
    )
    placed = tuple(replace(item, location=found.locate(item.path)) for item in examination.findings)
    return replace(examination, subject=found.name, findings=placed)


def _parsed(text: str, found: TemplatePolicy) -> ParsedPolicy:
    """The policy; what the grammar forbids is told where it stands in the template, not in the text made from it."""
    try:
        return parse_policy(text, file=found.location.file)
    except InputError as error:
        problems = tuple(replace(item, location=found.locate(item.path), source_line=None) for item in error.problems)
        first = problems[0] if problems else None
        where = f"{first.location} {first.field}: {first.message}" if first else error.message
        raise InvalidPolicy(f"`{found.name}` has no valid key policy: {where}", error.remedy, problems) from error
