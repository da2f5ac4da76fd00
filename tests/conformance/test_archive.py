"""An archive is the same bytes anywhere, and holds what it was given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.conformance.archive import read_tar_gz, tar_gz
from keywright._internal.conformance.source import SourceFile, SourceTree

PATHS = st.text("abc/", min_size=1, max_size=12).filter(
    lambda path: not path.startswith("/") and not path.endswith("/") and "//" not in path,
)
TREES = st.dictionaries(PATHS, st.tuples(st.binary(max_size=100), st.booleans()), max_size=5).map(
    lambda files: tuple(SourceFile(path, content, executable) for path, (content, executable) in files.items()),
)


@given(TREES)
def test_what_went_in_comes_out(files: tuple[SourceFile, ...]) -> None:
    out = read_tar_gz(tar_gz(SourceTree(files))).files
    assert sorted(out, key=lambda file: file.path) == sorted(files, key=lambda file: file.path)


@given(TREES)
def test_the_order_of_files_does_not_change_a_byte(files: tuple[SourceFile, ...]) -> None:
    assert tar_gz(SourceTree(files)) == tar_gz(SourceTree(tuple(reversed(files))))
