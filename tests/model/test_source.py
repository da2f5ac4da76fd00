"""Files that are no files of keys, however they come to be: each ends in a message that says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_files import loaded, written

from keywright._internal.keysfile.source import read_source
from keywright._internal.keysfile.stack import load_stack
from keywright.errors import InputError

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("# nothing\n", "is empty", id="only a comment"),
        pytest.param("- x\n", "no mapping", id="a list"),
        pytest.param("text", "no mapping", id="one text"),
        pytest.param("a: [", "not YAML", id="not closed"),
        pytest.param("stack: s\nkeys:\n\ta: {}\n", "not YAML", id="tabs"),
        pytest.param("stack: s\n---\nstack: t\n", "not YAML", id="two documents"),
        pytest.param("stack: s\0\n", "not YAML", id="a control character"),
        pytest.param("stack: s\nkeys: {a: }".encode("utf-16"), "not UTF-8", id="UTF-16"),
        pytest.param(b"stack: \xff\n", "not UTF-8", id="bytes"),
        pytest.param("#" * 10_000_000, "bytes", id="ten megabytes"),
        pytest.param(LAUGHS, "unfold", id="a billion laughs"),
        pytest.param("stack: s\nkeys: &a {b: *a}\n", "unfold", id="an alias of itself"),
        pytest.param("[" * 100_000, "levels", id="deep flow"),
        pytest.param("- " * 100_000, "levels", id="deep block"),
        pytest.param("stack: s\nkeys: {a: *b}\n", "not YAML", id="an alias of nothing"),
    ],
)
def test_what_is_no_file_of_keys_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_stack(file)
    assert words in " ".join([caught.value.message, *(item.message for item in caught.value.problems)])
    assert caught.value.remedy or all(item.remedy for item in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("stack: s\nkeys: {a: {is_enabled: true, is_enabled: false}}\n", "keys.a.is_enabled", "is written twice"),
        ("stack: s\nkeys:\n  ? [a, b]\n  : {}\n", "keys", "has a name that is not text"),
        ("stack: !Ref x\nkeys: {a: }\n", "stack", "has the YAML tag `!Ref`, which means nothing here"),
    ],
)
def test_yaml_that_two_readers_could_take_differently_is_refused(
    tmp_path: Path, text: str, field: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_source(written(tmp_path, text))
    assert [(item.field, item.message) for item in caught.value.problems] == [(field, message)]


def test_a_file_that_asks_python_to_run_something_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_source(written(tmp_path, "stack: !!python/object/apply:os.system [exit]\n"))
    assert "YAML tag" in caught.value.problems[0].message


@pytest.mark.parametrize("name", ["none.yaml", "."])
def test_what_can_not_be_read_is_an_error_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_stack(tmp_path / name)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    assert load_stack(written(tmp_path, b"\xef\xbb\xbfstack: s\nkeys: {a: }\n")).name == "s"


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-5", -5), ("012", "012"), ("+5", "+5"), ("1.5", "1.5"), ("on", "on"), ("True", True), ("~", None),
     ("'5'", "5"), ("!!str 5", "5"), ("2026-01-01", "2026-01-01"), ("0x10", "0x10"), ("1_000", "1_000")],
)  # fmt: skip
def test_a_value_is_read_by_the_core_schema_and_loses_nothing(tmp_path: Path, text: str, value: object) -> None:
    assert read_source(written(tmp_path, f"a: {text}\n")).value == {"a": value}


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    stack = loaded(
        tmp_path,
        "stack: s\nkeys:\n  a: {key_user_arns: &who [arn:aws:iam::111122223333:role/x]}\n  b: {key_user_arns: *who}\n",
    )
    assert stack.keys["a"].key_user_arns == stack.keys["b"].key_user_arns


def test_a_syntax_error_shows_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_stack(written(tmp_path, "stack: s\nkeys:\n  a: {aliases: [*]}\n"))
    (problem,) = caught.value.problems
    assert problem.location is not None
    assert (problem.location.line, problem.source_line) == (3, "  a: {aliases: [*]}")
    assert "quotes" in problem.remedy
