"""`SHA256SUMS`: what is written is read again, and anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.conformance import checksums

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,20}", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=20)))
def test_what_is_written_is_read_again(files: dict[str, bytes]) -> None:
    sums = checksums.digests(files)
    assert checksums.from_text(checksums.as_text(sums)) == sums


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nonsense\n", "line 1"),
        (f"{'a' * 64}  b\n{'a' * 64}  a\n", "line 2"),
        (f"{'a' * 64}  b\n{'a' * 64}  b\n", "line 2"),
        (f"{'A' * 64}  b\n", "line 1"),
        (f"{'a' * 64}  ../b\n", "line 1"),
        (f"{'a' * 64}  b", "line 1"),
    ],
    ids=["no digest", "unsorted", "twice", "upper case", "a path", "no newline"],
)
def test_anything_else_is_refused_with_its_line(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        checksums.from_text(text)
