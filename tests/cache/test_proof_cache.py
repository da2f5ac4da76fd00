"""The cache of proofs: the same answers with it and without it, whatever happens to its file."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Keywright
from keywright._internal.cache import deciding_code
from keywright._internal.cache import proof_cache as module
from keywright._internal.cache.deciding_code import OUR_CODE, DecidingCode
from keywright._internal.cache.proof_cache import ProofCache, cache_directory, proof_cache

_INPUTS = ("policy", 1, ("a", None))


def _keep(directory: Path, text: str = "text", inputs: tuple[object, ...] = _INPUTS) -> None:
    with ProofCache(directory) as cache:
        cache.keep(inputs, text)


def _recall(directory: Path, inputs: tuple[object, ...] = _INPUTS, code: DecidingCode = OUR_CODE) -> str | None:
    with ProofCache(directory, code) as cache:
        return cache.recall(inputs)


def _rows(directory: Path) -> list[str]:
    with closing(sqlite3.connect(directory / "proofs.sqlite")) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM result ORDER BY number")]


def test_what_one_run_keeps_another_recalls(tmp_path: Path) -> None:
    _keep(tmp_path / "made" / "here", "Ä")
    assert _recall(tmp_path / "made" / "here") == "Ä"
    assert _recall(tmp_path / "made" / "here", ("policy", 2, ("a", None))) is None


def test_a_run_recalls_what_it_has_kept_itself(tmp_path: Path) -> None:
    with ProofCache(tmp_path) as cache:
        cache.keep(_INPUTS, "text")
        assert cache.recall(_INPUTS) == "text"


def test_two_runs_at_once_keep_what_both_have_found(tmp_path: Path) -> None:
    with ProofCache(tmp_path) as one, ProofCache(tmp_path) as other:
        one.keep(("one",), "1")
        other.keep(("other",), "2")
        one.keep(("both",), "3")
        other.keep(("both",), "3")
    assert [_recall(tmp_path, (name,)) for name in ("one", "other", "both")] == ["1", "2", "3"]


def test_another_version_of_the_facts_asks_for_other_results(tmp_path: Path) -> None:
    _keep(tmp_path)
    assert _recall(tmp_path, code=DecidingCode(facts=("botocore",))) is None


def test_another_code_asks_for_other_results(tmp_path: Path) -> None:
    _keep(tmp_path)
    assert _recall(tmp_path, code=DecidingCode(packages=("facts", "model", "policy"))) is None


def test_the_code_is_read_again_only_once_its_files_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, reads = _code_of_one_file(tmp_path / "code", monkeypatch)
    written = tmp_path / "code" / "proof" / "claim.py"
    cache = tmp_path / "cache"
    _keep_with(cache, code)
    reads.clear()
    assert _recall(cache, code=code) == "text"
    assert reads == []
    written.write_text("another", encoding="utf-8")
    assert _recall(cache, code=code) is None
    assert reads == [written]


def test_files_that_were_only_written_again_ask_for_the_same_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, reads = _code_of_one_file(tmp_path / "code", monkeypatch)
    _keep_with(tmp_path / "cache", code)
    (tmp_path / "code" / "proof" / "claim.py").write_text("one", encoding="utf-8")
    reads.clear()
    assert _recall(tmp_path / "cache", code=code) == "text"
    assert len(reads) == 1


def _code_of_one_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[DecidingCode, list[Path]]:
    """Code in a folder, and the list that its files come into when they are read."""
    (folder / "proof").mkdir(parents=True)
    (folder / "proof" / "claim.py").write_text("one", encoding="utf-8")
    monkeypatch.setattr(deciding_code, "_OURS", folder)
    reads: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: (reads.append(self), read(self))[1])
    return DecidingCode(packages=("proof",)), reads


def _keep_with(directory: Path, code: DecidingCode) -> None:
    with ProofCache(directory, code) as cache:
        cache.keep(_INPUTS, "text")


def test_an_entry_that_was_changed_is_ignored(tmp_path: Path) -> None:
    _keep(tmp_path)
    with closing(sqlite3.connect(tmp_path / "proofs.sqlite")) as connection, connection:
        connection.execute("UPDATE result SET text = 'other'")
    assert _recall(tmp_path) is None
    _keep(tmp_path, "new")
    assert _recall(tmp_path) == "new"


@pytest.mark.parametrize("harm", [lambda _: b"not SQLite" * 500, lambda whole: whole[: len(whole) // 2]])
def test_a_broken_file_is_replaced(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    _keep(tmp_path, "x" * 50_000)
    file = tmp_path / "proofs.sqlite"
    file.write_bytes(harm(file.read_bytes()))
    assert _recall(tmp_path) is None
    _keep(tmp_path)
    assert _recall(tmp_path) == "text"


def test_a_file_of_another_shape_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "proofs.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE result (id)")
    _keep(tmp_path)
    assert _recall(tmp_path) is None


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _keep(tmp_path / "file" / "below")
    assert _recall(tmp_path / "file" / "below") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects the user's own directories by access lists")
def test_a_directory_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    _keep(tmp_path)
    tmp_path.chmod(0o777)
    assert _recall(tmp_path) is None
    tmp_path.chmod(0o700)
    assert _recall(tmp_path) == "text"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects the user's own directories by access lists")
def test_a_directory_that_is_made_is_for_the_user_alone(tmp_path: Path) -> None:
    _keep(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_the_oldest_are_dropped_beyond_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    for number in range(5):
        _keep(tmp_path, str(number), (number,))
    assert _rows(tmp_path) == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("linux", {}, ".cache/keywright"),
        ("linux", {"XDG_CACHE_HOME": "/elsewhere"}, "/elsewhere/keywright"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, ".cache/keywright"),
        ("darwin", {"XDG_CACHE_HOME": "/elsewhere"}, "Library/Caches/keywright"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/keywright/Cache"),
        ("linux", {"KEYWRIGHT_CACHE_DIR": "/chosen"}, "/chosen"),
    ],
)
def test_where_it_is(
    platform: str, variables: dict[str, str], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "KEYWRIGHT_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_directory() == tmp_path / place


def test_a_user_without_a_home_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError("no home")

    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "KEYWRIGHT_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", none)
    with proof_cache() as cache:
        assert cache is None


@pytest.mark.parametrize("code", [DecidingCode(packages=("none",)), DecidingCode(facts=("no_such_distribution",))])
def test_where_the_code_or_the_facts_cannot_be_told_apart_there_is_none(code: DecidingCode) -> None:
    with proof_cache(code=code) as cache:
        assert cache is None


def test_while_another_run_writes_nothing_is_recalled_and_nothing_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAITS_IN_SECONDS", 0.0)
    _keep(tmp_path)
    with ProofCache(tmp_path) as cache, closing(sqlite3.connect(tmp_path / "proofs.sqlite")) as writing:
        writing.execute("BEGIN EXCLUSIVE")
        assert cache.recall(_INPUTS) is None
        writing.rollback()
        assert cache.recall(_INPUTS) == "text"


def test_none_is_had_where_none_is_wanted() -> None:
    with proof_cache(wanted=False) as cache:
        assert cache is None


_FILE = """\
stack: cached
region: us-east-1
account: "111122223333"
keys:
  data:
    key_user_arns: ["arn:aws:iam::111122223333:role/app"]
"""


def test_policy_check_says_the_same_with_it_and_without_it(keywright: Keywright, tmp_path: Path) -> None:
    file, cache = tmp_path / "keys.yaml", tmp_path / "cache"
    file.write_text(_FILE)
    runs = [
        keywright.run("policy", "check", file, "--json", *more, KEYWRIGHT_CACHE_DIR=str(cache)).succeeded().document
        for more in (("--no-cache",), (), ())
    ]
    assert runs[0] == runs[1] == runs[2]
    findings, claims = map(json.loads, _rows(cache))
    (policy,) = runs[0]["policies"]
    assert [[item["id"] for item in found] for found in (findings, claims)] == [
        [item["id"] for item in policy[name]] for name in ("findings", "claims")
    ]


def test_without_it_nothing_is_written(keywright: Keywright, tmp_path: Path) -> None:
    file, cache = tmp_path / "keys.yaml", tmp_path / "cache"
    file.write_text(_FILE)
    keywright.run("policy", "check", file, "--no-cache", KEYWRIGHT_CACHE_DIR=str(cache)).succeeded()
    keywright.run("plan", file, "--no-cache", KEYWRIGHT_CACHE_DIR=str(cache))
    assert not cache.exists()
