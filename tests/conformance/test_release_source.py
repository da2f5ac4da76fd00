"""A release is built from a clean commit and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keywright._internal.conformance.archive import tar_gz
from keywright._internal.conformance.source import SourceFile, committed_tree, folder_tree
from keywright.errors import InputError


@pytest.fixture
def repository(git: Callable[..., str], tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "module").mkdir()
    (root / "module" / "main.tf").write_text("# main\n")
    (root / "module" / "run.sh").write_text("true\n")
    (root / "module" / "run.sh").chmod(0o755)
    (root / ".gitignore").write_text("*.log\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    return root


def test_a_clean_tree_is_its_commits_files(repository: Path, git: Callable[..., str]) -> None:
    tree = committed_tree(repository)
    assert tree.commit == git("rev-parse", "HEAD")
    assert tree.below("module").files == (
        SourceFile("main.tf", b"# main\n"),
        SourceFile("run.sh", b"true\n", executable=True),
    )


def test_what_git_ignores_neither_counts_as_dirt_nor_gets_in(repository: Path) -> None:
    (repository / "module" / "debug.log").write_text("secret")
    assert "module/debug.log" not in {file.path for file in committed_tree(repository).files}


def test_a_dirty_tree_is_refused_with_every_file(repository: Path, git: Callable[..., str]) -> None:
    (repository / "module" / "main.tf").write_text("# changed\n")
    (repository / "new file.tf").write_text("")
    git("mv", "module/run.sh", "module/walk.sh")
    with pytest.raises(InputError, match="not clean") as caught:
        committed_tree(repository)
    assert {(problem.field, problem.message) for problem in caught.value.problems} == {
        ("module/main.tf", "is changed"),
        ("module/walk.sh", "is changed and not committed"),
        ("new file.tf", "is not tracked"),
    }


def test_the_checkouts_line_endings_and_modes_do_not_matter(repository: Path, git: Callable[..., str]) -> None:
    before = tar_gz(committed_tree(repository))
    git("config", "core.autocrlf", "true")
    git("config", "core.fileMode", "false")
    (repository / "module" / "main.tf").unlink()
    git("checkout", "--", "module/main.tf")
    (repository / "module" / "run.sh").chmod(0o600)
    assert tar_gz(committed_tree(repository)) == before


def test_a_link_is_refused(repository: Path, git: Callable[..., str]) -> None:
    (repository / "module" / "link.tf").symlink_to("main.tf")
    with pytest.raises(InputError, match=r"link\.tf"):
        folder_tree(repository / "module")
    git("add", ".")
    git("commit", "--quiet", "-m", "link")
    with pytest.raises(InputError, match=r"link\.tf"):
        committed_tree(repository)


def test_a_folder_outside_git_is_no_source_of_a_release(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rev-parse"):
        committed_tree(tmp_path)


def test_a_module_folder_is_archived_like_its_commit(repository: Path) -> None:
    committed = tar_gz(committed_tree(repository).below("module"))
    module = repository / "module"
    (module / ".terraform").mkdir()
    (module / ".terraform" / "big").write_text("x")
    (module / "terraform.tfstate").write_text("{}")
    assert tar_gz(folder_tree(module)) == committed
