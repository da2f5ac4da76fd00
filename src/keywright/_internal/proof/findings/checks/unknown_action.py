"""KW201: an action that KMS doesn't have."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import RE_ENCRYPT, fold, kms_actions
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ActionView
    from keywright._internal.proof.findings.subject import PolicyView

_KMS_NAME = re.compile(r"kms:[a-z*?]+", re.IGNORECASE)


class UnknownAction(Check):
    """An action name, or a pattern, that covers no KMS action."""

    id = "KW201"
    name = "unknown-action"
    title = "KMS has no such action"
    severity = "medium"
    why = (
        "An action that KMS doesn't have allows nothing and denies nothing; nothing reports it either. Mostly it is a "
        "slip of the pen, a space or several names in one string. `kms:ReEncrypt` is an operation that needs two "
        "actions, `kms:ReEncryptFrom` and `kms:ReEncryptTo`."
    )
    remedy = "write the action's name as AWS's list of KMS actions has it"
    source_url = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:Decypt"], "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:ReEncrypt*"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every entry of Action and NotAction that covers nothing and is KMS's, or nobody's."""
        for statement in policy.statements:
            for action in (*statement.actions, *statement.not_actions):
                if action.covers or _is_of_another_service(action.text):
                    continue
                nothing = "allows" if statement.allows else "denies"
                if statement.statement.not_actions is not None:
                    nothing = "spares"
                yield Hit(action.path, f"`{action.text}` {nothing} nothing: {_why(action)}", statement, _remedy(action))


def _is_of_another_service(text: str) -> bool:
    return bool(re.fullmatch(r"(?!kms:)[a-z0-9-]+:[A-Za-z*?]+", text, re.IGNORECASE))


def _why(action: ActionView) -> str:
    text = action.text
    if "," in text:
        return "it is several names in one string"
    if text != text.strip() or " " in text:
        return "there is a space in it"
    if fold(text) == fold(RE_ENCRYPT):
        return "ReEncrypt is an operation; its actions are `kms:ReEncryptFrom` and `kms:ReEncryptTo`"
    if ":" not in text:
        return "it lacks the prefix `kms:`"
    if _KMS_NAME.fullmatch(text) and action.is_pattern:
        return "no KMS action fits the pattern"
    return "KMS has no action of this name"


def _remedy(action: ActionView) -> str | None:
    text = action.text
    if "," in text:
        return "make it a list of strings, one name each"
    if fold(text.strip()) == fold(RE_ENCRYPT):
        return "write `kms:ReEncrypt*`, or the one of the two that is meant"
    name = text.strip().replace(" ", "")
    name = name if ":" in name else f"kms:{name}"
    names = {fold(known): known for known in kms_actions()}
    if fold(name) in names:
        return f"write `{names[fold(name)]}`"
    close = difflib.get_close_matches(fold(name.rstrip("*")), list(names), n=1, cutoff=0.75)
    return f"write `{names[close[0]]}`, if that is meant" if close else None
