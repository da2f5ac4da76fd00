"""KW602: a character that KMS doesn't take in a policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.policy.document import as_json
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView

_ALLOWED = re.compile(r"[\t\n\r\x20-\xff]*")


class ForeignCharacter(Check):
    """A character beyond Latin-1."""

    id = "KW602"
    name = "foreign-character"
    title = "KMS doesn't take this character"
    severity = "medium"
    why = (
        "A key policy holds printable characters of ASCII and of the Latin-1 supplement, tabs and line ends. KMS "
        "refuses others. They come from word processors: curly quotes, dashes, spaces without width."
    )
    remedy = "write it in plain characters"
    source_url = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
    bad = """{"Sid": "Application \u2013 use", "Effect": "Allow",
 "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Application - use", "Effect": "Allow",
 "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """The first such character of each statement, and of the policy's Id."""
        if policy.document.id and (wrong := _first(policy.document.id)):
            yield Hit(("Id",), f"U+{ord(wrong):04X} isn't in Latin-1")
        if _first(as_json(policy.document)) is None:
            return
        for statement in policy.statements:
            if (wrong := _first(repr(statement.statement))) is not None:
                yield Hit(statement.path, f"U+{ord(wrong):04X} isn't in Latin-1", statement)


def _first(text: str) -> str | None:
    match = _ALLOWED.match(text)
    end = match.end() if match else 0
    return text[end] if end < len(text) else None
