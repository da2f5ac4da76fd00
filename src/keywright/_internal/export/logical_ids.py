"""Names inside a template: letters and digits only, one for each name of a file, whatever else the file holds.

CloudFormation takes a resource under another logical ID for another resource. So an ID depends on its own name alone,
and two names never share one.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

_SPELLED_BY_WORDS: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
"""Names that their words give back: only these go without a digest."""
_LONGEST: Final = 200
"""Of the 255 characters that a logical ID may have; the rest is for what it begins and ends with."""
_NOT_IN_A_STACK_NAME: Final = re.compile(r"[^a-zA-Z0-9-]+")
_LONGEST_STACK_NAME: Final = 128


def key_id(name: str) -> str:
    """The logical ID of a key: `KeyAppData` for `app-data`."""
    return f"Key{words(name)}"


def replica_id(name: str) -> str:
    """The logical ID of a replica of a key, in the template of its Region."""
    return f"Replica{words(name)}"


def alias_id(alias: str) -> str:
    """The logical ID of an alias. Its key plays no part, so that an alias moves between keys without a replacement."""
    return f"Alias{words(alias.removeprefix('alias/'))}"


def words(name: str) -> str:
    """The words of a name, each with a capital; behind them a digest, where these words have other spellings."""
    text = plain_words(name)
    if _SPELLED_BY_WORDS.fullmatch(name) and len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}X{sha256(name.encode()).hexdigest()[:8]}"


def plain_words(name: str) -> str:
    """The words of a name, each with a capital; other names may have the same."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^a-zA-Z0-9]+", name))


def stack_name(*parts: str) -> str:
    """The name of a CloudFormation stack or stack set; with a digest, where the parts can't be in it as they are."""
    text = _NOT_IN_A_STACK_NAME.sub("-", "-".join(("keywright", *parts)))
    if len(text) <= _LONGEST_STACK_NAME and not any(_NOT_IN_A_STACK_NAME.search(part) for part in parts):
        return text
    digest = sha256("\0".join(parts).encode()).hexdigest()[:8]
    return f"{text[: _LONGEST_STACK_NAME - len(digest) - 1]}-{digest}"
